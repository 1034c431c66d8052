import { ConfigurationError } from '../errors/configuration.ts'
import type { Claims } from '../lib/claims.ts'
import type { AccessToken } from './token.ts'

/** Who is calling, proven. */
export interface Principal<C = Claims> {
  readonly issuer: string
  /** `sub`; absent for some machine clients. */
  readonly subject: string | undefined
  /** The client that the token was issued to: `client_id`, `cid`, `azp` or `appid`. */
  readonly client: string | undefined
  /** `scope` or `scp`, one entry a scope. */
  readonly scopes: readonly string[]
  readonly audience: readonly string[]
  /** Authentication context class reference: how strongly the user was authenticated, where the issuer says. */
  readonly acr: string | undefined
  /** Authentication methods (RFC 8176), where the issuer says. */
  readonly amr: readonly string[]
  /** Epoch seconds. */
  readonly authenticatedAt: number | undefined
  /** Epoch seconds: when the token expires; of a session, its absolute end. */
  readonly expiresAt: number
  /** The same object for every request with the token, and frozen; unless nothing is remembered (`cache: false`). */
  readonly claims: C
  /** What the request presented. */
  readonly via: 'token' | 'session'
  /**
   * The raw token, for calls on behalf of the caller. No log, spread or JSON ever shows it. That of a
   * session may have to be renewed first: `accessToken()` gives it.
   */
  readonly token: string
}

/** What a principal is made of. */
export type PrincipalFacts<C> = Omit<AccessToken<C>, 'confirmation' | 'rules'>

// A class for its private field: the one way to carry the token that no inspection shows, at a
// quarter of the price of a non-enumerable property (docs/decisions/012).
class ProvenPrincipal<C> implements Principal<C> {
  readonly issuer: string
  readonly subject: string | undefined
  readonly client: string | undefined
  readonly scopes: readonly string[]
  readonly audience: readonly string[]
  readonly acr: string | undefined
  readonly amr: readonly string[]
  readonly authenticatedAt: number | undefined
  readonly expiresAt: number
  readonly claims: C
  readonly via: 'token' | 'session'
  readonly #token: string | undefined

  constructor(access: PrincipalFacts<C>, via: 'token' | 'session', token: string | undefined) {
    this.issuer = access.issuer
    this.subject = access.subject
    this.client = access.client
    this.scopes = access.scopes
    this.audience = access.audience
    this.acr = access.acr
    this.amr = access.amr
    this.authenticatedAt = access.authenticatedAt
    this.expiresAt = access.expiresAt
    this.claims = access.claims
    this.via = via
    this.#token = token
  }

  get token(): string {
    if (this.#token !== undefined) return this.#token
    throw new ConfigurationError('the access token of a session is asked for with accessToken()')
  }
}

/** The principal of a token that was found genuine and is used by its owner. */
export const asPrincipal = <C>(access: AccessToken<C>, token: string): Principal<C> =>
  Object.freeze(new ProvenPrincipal(access, 'token', token))

/** The principal of a session. */
export const asSessionPrincipal = <C>(facts: PrincipalFacts<C>): Principal<C> =>
  Object.freeze(new ProvenPrincipal(facts, 'session', undefined))
