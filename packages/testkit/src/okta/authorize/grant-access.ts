import type { Org } from '../org.ts'
import type { Authentication, Session } from '../sessions.ts'
import type { Subject } from '../tokens.ts'
import { assess, isAssigned, meetAcr } from '../verify.ts'
import { oauthError, randomText, type Answer } from '../wire.ts'
import { deliver } from './modes.ts'
import { checkPolicy, type AuthorizeRequest } from './request.ts'

/** Whether what somebody has proven is enough for the app and for `acr_values`. */
export function isEnough(
  org: Org,
  { app, acrValues }: AuthorizeRequest,
  { person, factors, idp }: Authentication,
): boolean {
  const verdict = assess(app, factors, idp === undefined ? 0 : 1)
  if (verdict === 'denied') {
    throw oauthError(
      403,
      'access_denied',
      'The resource owner or authorization server denied the request.',
    )
  }
  const usable = person.factors.filter(({ kind }) => org.usable(person, kind))
  return verdict === 'satisfied' && meetAcr(acrValues, factors, usable.length).isMet
}

/** Answers with whatever the response type stands for. */
export async function grantAccess(
  org: Org,
  request: AuthorizeRequest,
  session: Session,
): Promise<Answer> {
  const { app, types, state } = request
  const { authentication } = session
  const { person, factors } = authentication
  if (!isAssigned(app, person)) {
    throw oauthError(400, 'access_denied', 'User is not assigned to the client application.')
  }
  const lifetime = checkPolicy(request, person)
  checkConsent(org, request, person.id)
  const { acr } = meetAcr(request.acrValues, factors, person.factors.length)
  session.clients.set(app.clientId, request.server.issuer)
  const subject = { ...request, authentication, session, acr, lifetime }
  const code = types.has('code') ? keepCode(org, request, subject) : undefined
  const fields = await frontTokens(org, types, subject, code)
  return deliver(request, { ...fields, ...(state !== null && { state }) })
}

function keepCode(org: Org, request: AuthorizeRequest, subject: Subject): string {
  const { server, app, redirectUri, challenge, scopes, nonce } = request
  const { authentication, acr, session } = subject
  if (authentication === undefined) throw new Error('a code needs a user')
  const code = randomText(43)
  const entry = { server, app, redirectUri, challenge, scopes, nonce }
  org.codes.put(
    code,
    { ...entry, authentication, acr, session, isUsed: false, revoke: () => undefined },
    300,
  )
  return code
}

async function frontTokens(
  org: Org,
  types: ReadonlySet<string>,
  subject: Subject,
  code: string | undefined,
): Promise<Record<string, string>> {
  const accessToken = types.has('token') ? await org.tokens.access(subject) : undefined
  const idToken = types.has('id_token')
    ? await org.tokens.id(subject, { accessToken, code })
    : undefined
  return {
    ...(code !== undefined && { code }),
    ...(idToken !== undefined && { id_token: idToken }),
    ...(accessToken !== undefined && {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: String(subject.lifetime),
      scope: subject.scopes.join(' '),
    }),
  }
}

// Whoever signs in on a page agrees by doing so; without a page there must have been one before.
function checkConsent(org: Org, request: AuthorizeRequest, user: string): void {
  const { server, app, scopes, prompts } = request
  const needing = scopes.filter((scope) => server.scopes[scope]?.consent === 'REQUIRED')
  const missing = needing.filter((scope) => !org.consents.has(`${app.clientId} ${user} ${scope}`))
  if (missing.length > 0 && prompts.has('none')) {
    throw oauthError(
      400,
      'consent_required',
      `The following scopes require user consent: [${missing.join(', ')}].`,
    )
  }
  for (const scope of missing) org.consents.add(`${app.clientId} ${user} ${scope}`)
}
