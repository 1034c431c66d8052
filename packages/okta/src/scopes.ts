import { ConfigurationError } from '@portcullis/core'

/** The scopes that Okta has of itself; those of your servers are texts. */
export const oktaScopes = {
  /** Makes it OpenID Connect: there is an ID token. */
  openid: 'openid',
  profile: 'profile',
  email: 'email',
  address: 'address',
  phone: 'phone',
  /** A refresh token. */
  offlineAccess: 'offline_access',
  /** The user's groups, in tokens of the org's own server. */
  groups: 'groups',
  /** A device secret, for signing in to another application of the same device. */
  deviceSso: 'device_sso',
  /** Going from a native application to a page without signing in again. */
  interclientAccess: 'interclient_access',
} as const

/** A scope that Okta has of itself; `okta.*` are those of its own APIs, from the org's own server. */
export type OktaScope = (typeof oktaScopes)[keyof typeof oktaScopes] | `okta.${string}`

/**
 * Scopes as the one text that requests want, each once. What cannot be a scope is a `ConfigurationError`.
 *
 * @example
 * const scope = joinScopes(oktaScopes.openid, oktaScopes.offlineAccess, 'orders:read')
 */
export function joinScopes(...scopes: readonly (OktaScope | (string & {}))[]): string {
  const wrong = scopes.findIndex((scope) => typeof scope !== 'string' || !scopeToken.test(scope))
  if (wrong < 0) return [...new Set(scopes)].join(' ')
  throw new ConfigurationError(
    `joinScopes takes scopes one by one, each a text without spaces and quotes: number ${wrong + 1} is none`,
  )
}

// RFC 6749 §3.3: scope-token.
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/
