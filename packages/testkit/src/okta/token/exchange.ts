import { evaluate, readScopes } from '../access-policy.ts'
import { oidcScopes, type Server } from '../servers.ts'
import type { Issued } from '../tokens.ts'
import { oauthError } from '../wire.ts'
import { invalidGrant } from './code.ts'
import { need, type GrantRequest, type TokenBody } from './grant.ts'
import { idJag, interclient, tokenTypes as types } from './exchange-elsewhere.ts'
import { issue } from './issue.ts'
import { unsupported } from './switches.ts'

/** §3.9.2 and §3.9.3: on behalf of a user, native SSO, and tokens for elsewhere. */
export async function exchangeGrant(request: GrantRequest): Promise<TokenBody> {
  const { form, server } = request
  const wanted = form.get('requested_token_type')
  if (wanted === types.idJag && server.isOrg) return idJag(request, subjectOf(request, 'id'))
  if (server.isOrg) throw unsupported(server)
  if (wanted === types.interclient) return interclient(request, subjectOf(request, 'id'))
  checkAudience(server, form.get('audience'))
  const type = form.get('subject_token_type')
  const body = form.has('actor_token')
    ? await nativeSso(request, type)
    : await onBehalf(request, type)
  return { ...body, issued_token_type: types.access }
}

function checkAudience(server: Server, audience: string | null): void {
  if (audience === server.audience) return
  throw oauthError(
    400,
    'invalid_target',
    'Token Exchange requests must include a valid audience of the authorization server.',
  )
}

function onBehalf(request: GrantRequest, type: string | null): Promise<TokenBody> {
  const { app, server, form, grantType } = request
  if (type !== types.access) throw invalid("'subject_token_type' is invalid or not supported.")
  if (app.applicationType !== 'service') {
    throw invalid('Only service clients may use on-behalf token exchange.')
  }
  const { authentication } = subjectOf(request, 'access').subject
  if ((form.get('scope') ?? '').split(' ').some((scope) => oidcScopes.includes(scope))) {
    throw oauthError(
      400,
      'invalid_scope',
      "Can't request 'openid' scopes using the Token Exchange flow for a service app.",
    )
  }
  const scopes = readScopes(server, app, form.get('scope'))
  const rule = evaluate({ server, app, person: authentication?.person, grantType, scopes })
  return issue(request, { subject: { scopes, authentication }, rule, canRefresh: false })
}

function subjectOf({ org, server, form }: GrantRequest, kind: Issued['kind']): Issued {
  const text = need(form, 'subject_token')
  const subject = kind === 'access' ? org.tokens.live(text) : org.tokens.find(text)
  if (subject?.kind !== kind) throw invalid("'subject_token' is invalid.")
  const { id, name } = subject.subject.server
  const trusted = new Set([server.id, ...server.trustedServers])
  if (trusted.has(id) || trusted.has(name)) return subject
  throw oauthError(
    403,
    'access_denied',
    "The 'subject_token' issuer isn't a trusted authorization server.",
  )
}

function nativeSso(request: GrantRequest, type: string | null): Promise<TokenBody> {
  const { org, app, server, form, grantType } = request
  if (type !== types.id || form.get('actor_token_type') !== types.deviceSecret) {
    throw invalid("'subject_token_type' is invalid or not supported.")
  }
  const { authentication } = subjectOf(request, 'id').subject
  const session = org.sessions.find(org.deviceSecrets.get(form.get('actor_token'))?.id)
  if (session === undefined || authentication === undefined) {
    throw invalidGrant(
      "The 'subject_token' either expired or the session associated with it was terminated.",
    )
  }
  if (app.signOn !== 'one-factor') {
    throw invalidGrant("The client's assurance requirements are not met.")
  }
  const scopes = readScopes(server, app, form.get('scope'))
  const rule = evaluate({ server, app, person: authentication.person, grantType, scopes })
  return issue(request, { subject: { scopes, authentication, session }, rule })
}

const invalid = (description: string) => oauthError(400, 'invalid_request', description)
