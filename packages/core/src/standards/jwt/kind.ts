import { refuse, type Refusal } from '../../errors/refusal.ts'
import { cut, shown } from '../../http/challenge.ts'
import type { Claims } from '../../lib/claims.ts'
import { isRecord, own, ownValue } from '../../lib/own.ts'

/** A header `typ` as it is compared: in lower case, without `application/` (RFC 7515 §4.1.9). */
export const normalType = (type: string): string => type.toLowerCase().replace(/^application\//, '')

/** Header types of access tokens, and the two that say nothing (RFC 9068 §2.1, RFC 7519 §5.1). */
export const accessTokenTypes: readonly (string | undefined)[] = ['at+jwt', 'jwt', undefined]

// What else may arrive with a good signature of the same issuer.
const otherKinds: Readonly<Record<string, string>> = {
  'logout+jwt': 'a logout token (OpenID Connect Back-Channel Logout)',
  'dpop+jwt': 'a DPoP proof (RFC 9449)',
  'secevent+jwt': 'a security event token (RFC 8417)',
  'oauth-authz-req+jwt': 'a request object (RFC 9101)',
  'token-introspection+jwt': 'an introspection answer (RFC 9701)',
  'client-authentication+jwt': 'a client assertion (RFC 7523)',
  'global-token-revocation+jwt': 'a global token revocation call',
  'kb+jwt': 'a key binding of a verifiable credential',
  'dc+sd-jwt': 'a verifiable credential',
  'vc+sd-jwt': 'a verifiable credential',
  'id_token+jwt': 'an ID token',
}

export const orgServerType = 'okta-internal-at+jwt'

export const orgServerAdvice: string =
  'Okta lets nobody but itself validate access tokens of its org authorization server. Use a custom ' +
  'authorization server, for example https://{domain}/oauth2/default, or ask the introspection endpoint.'

/** Refuses a token by its header type, saying what was sent. */
export function checkType(
  type: string | undefined,
  accepted: ReadonlySet<string | undefined>,
): void {
  if (accepted.has(type)) return
  if (type === orgServerType) throw orgServerToken()
  const kind = type === undefined ? undefined : ownValue(otherKinds, type)
  throw wrongKind(typeof kind === 'string' ? kind : `of the type ${shown(type)}`, type)
}

export const orgServerToken = (): Refusal =>
  refuse(
    'token_unverifiable',
    `The token comes from an Okta org authorization server. ${orgServerAdvice}`,
    { trail: { check: 'type', typ: orgServerType } },
  )

/** Refuses ID and logout tokens that call themselves plain JWTs, by the claims that only they have. */
export function checkKind(claims: Claims): void {
  const other = kindOf(claims)
  if (other !== undefined) throw wrongKind(other, undefined)
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

function kindOf(claims: Claims): string | undefined {
  // Amazon Cognito says it in `token_use`, Keycloak in a claim named `typ`.
  const use = own(claims, 'token_use', claims['token_use']) ?? own(claims, 'typ', claims['typ'])
  if (typeof use === 'string' && /^(?:id|refresh|offline|logout)$/i.test(use))
    return `a token for the use '${use}'`
  if (has(claims, 'at_hash', claims['at_hash']) || has(claims, 'c_hash', claims['c_hash'])) {
    return 'an ID token'
  }
  if (has(claims, 'nonce', claims['nonce']) && !isScoped(claims)) return 'an ID token'
  const events = own(claims, 'events', claims['events'])
  return isRecord(events) && Object.hasOwn(events, logoutEvent) ? 'a logout token' : undefined
}

const has = (claims: Claims, name: string, value: unknown): boolean =>
  own(claims, name, value) !== undefined

const isScoped = (claims: Claims): boolean =>
  Object.hasOwn(claims, 'scope') || Object.hasOwn(claims, 'scp')

const wrongKind = (what: string, typ: string | undefined): Refusal =>
  refuse('token_type_refused', `An access token is wanted here, and what was sent is ${what}.`, {
    trail: { check: 'type', ...(typ !== undefined && { typ: cut(typ) }) },
  })
