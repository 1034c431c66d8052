import { signRaw } from '../../raw-token.ts'
import type { Issued } from '../tokens.ts'
import { oauthError, randomText, type Refusal } from '../wire.ts'
import { invalidGrant } from './code.ts'
import { need, type GrantRequest, type TokenBody } from './grant.ts'

/** Kinds of tokens, by their URIs. */
export const tokenTypes = {
  access: 'urn:ietf:params:oauth:token-type:access_token',
  id: 'urn:ietf:params:oauth:token-type:id_token',
  deviceSecret: 'urn:x-oath:params:oauth:token-type:device-secret',
  idJag: 'urn:ietf:params:oauth:token-type:id-jag',
  interclient: 'urn:okta:params:oauth:token-type:interclient_token',
} as const

const lifetime = 300

/** An assertion for another authorization server, which takes it by the jwt-bearer grant. */
export async function idJag(
  { org, server, app, form }: GrantRequest,
  { subject }: Issued,
): Promise<TokenBody> {
  const { authentication } = subject
  if (authentication === undefined || subject.app !== app) throw badSubject()
  const audience = need(form, 'audience')
  if (!URL.canParse(audience) || audience === server.issuer) {
    throw oauthError(400, 'invalid_target', "The 'audience' must be the issuer of the resource.")
  }
  await server.ring.settle()
  const key = server.ring.active()
  const scope = form.get('scope')
  const iat = Math.floor(org.now() / 1000)
  const claims = {
    iss: server.issuer,
    sub: authentication.person.id,
    aud: audience,
    client_id: app.clientId,
    jti: randomText(40),
    iat,
    exp: iat + lifetime,
    ...(scope !== null && { scope }),
  }
  const header = { kid: key.kid, typ: 'oauth-id-jag+jwt', alg: 'RS256' }
  return elsewhere(tokenTypes.idJag, signRaw(header, claims, key))
}

/** A token that takes the user of a native app to a page of another app, without signing in again. */
export function interclient({ org, app, form }: GrantRequest, { subject }: Issued): TokenBody {
  const actor = org.tokens.live(form.get('actor_token') ?? '')
  const { session } = subject
  const isOurs = subject.app === app && actor?.kind === 'access' && actor.subject.app === app
  if (!isOurs || !actor.subject.scopes.includes('interclient_access')) throw badSubject()
  if (session === undefined || org.sessions.find(session.id) === undefined) {
    throw invalidGrant(
      "The 'subject_token' either expired or the session associated with it was terminated.",
    )
  }
  const target = org.apps.get((form.get('audience') ?? '').replace('urn:okta:apps:', ''))
  if (target === undefined) {
    throw oauthError(
      403,
      'access_denied',
      'No trust relationship exists between the client app and the target app.',
    )
  }
  const token = randomText(43)
  org.interclient.put(token, { target, session }, lifetime)
  return elsewhere(tokenTypes.interclient, token)
}

const badSubject = (): Refusal => oauthError(400, 'invalid_request', "'subject_token' is invalid.")

const elsewhere = (type: string, token: string): TokenBody => ({
  token_type: 'N_A',
  issued_token_type: type,
  access_token: token,
  expires_in: lifetime,
})
