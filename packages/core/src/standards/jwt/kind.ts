import { refuse, type Refusal, type Trail } from '../../errors/refusal.ts'
import { cut, shown } from '../../http/challenge.ts'
import type { Claims } from '../../lib/claims.ts'
import { isRecord, own, ownValue } from '../../lib/own.ts'
import type { Header } from './header.ts'
import { trailOf, type Trusting } from './key.ts'
import type { Trust } from './policy.ts'

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
export function checkType(header: Header, trust: Pick<Trust<unknown>, 'issuer' | 'types'>): void {
  const { type } = header
  if (trust.types.has(type)) return
  const trail = typeTrail(header, trust)
  if (type === orgServerType) throw orgServerToken(trail)
  const kind = type === undefined ? undefined : ownValue(otherKinds, type)
  throw wrongKind(typeof kind === 'string' ? kind : `of the type ${shown(type)}`, trail)
}

const typeTrail = (header: Header, trust: Trusting): Trail =>
  trailOf('type', header, trust, header.type === undefined ? {} : { typ: cut(header.type) })

export const orgServerToken = (trail: Trail = { check: 'type', typ: orgServerType }): Refusal =>
  refuse(
    'token_unverifiable',
    `The token comes from an Okta org authorization server. ${orgServerAdvice}`,
    { trail },
  )

/** Refuses ID and logout tokens that call themselves plain JWTs, by the claims that only they have. */
export function checkKind(claims: Claims, header: Header, trust: Trusting): void {
  // RFC 9068 §2.1: a type of its own says what a token is, and nothing is left to be guessed.
  if (header.type === 'at+jwt') return
  const other = otherKindOf(claims)
  if (other !== undefined) throw wrongKind(other, typeTrail(header, trust))
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

/** What the claims say that a token is, where that is no access token. */
export function otherKindOf(claims: Claims): string | undefined {
  // Amazon Cognito says it in `token_use`, Keycloak in a claim named `typ`.
  const use = own(claims, 'token_use', claims['token_use']) ?? own(claims, 'typ', claims['typ'])
  if (typeof use === 'string' && /^(?:id|refresh|offline|logout)$/i.test(use))
    return `a token for the use '${use}'`
  if (has(claims, 'at_hash', claims['at_hash']) || has(claims, 'c_hash', claims['c_hash'])) {
    return 'an ID token'
  }
  if (isUnscopedIdToken(claims)) return 'an ID token'
  const events = own(claims, 'events', claims['events'])
  return isRecord(events) && Object.hasOwn(events, logoutEvent) ? 'a logout token' : undefined
}

const has = (claims: Claims, name: string, value: unknown): boolean =>
  own(claims, name, value) !== undefined

const isScoped = (claims: Claims): boolean =>
  Object.hasOwn(claims, 'scope') || Object.hasOwn(claims, 'scp')

// An access token may look like one, but says what it allows.
const isUnscopedIdToken = (claims: Claims): boolean =>
  (has(claims, 'nonce', claims['nonce']) || isEntraIdToken(claims)) && !isScoped(claims)

// Microsoft Entra writes the tenant and a version into every token, and the client into access tokens
// alone: `appid` in version 1.0, `azp` in 2.0, also where an application asks for itself.
const isEntraIdToken = (claims: Claims): boolean =>
  typeof own(claims, 'tid', claims['tid']) === 'string' &&
  entraVersions.has(own(claims, 'ver', claims['ver'])) &&
  !clientNames.some((name) => Object.hasOwn(claims, name))

const entraVersions: ReadonlySet<unknown> = new Set(['1.0', '2.0'])

// Those of others too: `tid` and `ver` are short names, which anybody may use.
const clientNames = ['azp', 'appid', 'client_id', 'cid']

/** The refusal of what is no access token. */
export const wrongKind = (what: string, trail: Trail): Refusal =>
  refuse('token_type_refused', `An access token is wanted here, and what was sent is ${what}.`, {
    trail,
  })
