import type { JWK } from 'jose'
import type { Issuer } from '../issuer/create.ts'
import type { Runtime } from '../lib/runtime.ts'
import type { AuthorizedFetchOptions } from './authorized-fetch.ts'
import type { GrantWish } from './grant.ts'
import type { ClientOptions } from './options.ts'

/** What a client is made of. */
export interface ClientSettings extends Runtime {
  /** The issuer identifier, or what `createIssuer` made. */
  readonly issuer: string | Issuer
  /** Our registration at the issuer. */
  readonly client: ClientOptions
  /** Seconds for one request to the issuer, body included. Default 10. */
  readonly timeout?: number
  /** Seconds by which the issuer's clock may differ from ours. Default 5. */
  readonly clockTolerance?: number
  /** Private or secret keys (JWK) for ID tokens and userinfo that are encrypted for us. */
  readonly decryptionKeys?: readonly JWK[]
  /** How many tokens `clientCredentials()` keeps, one for each wish. Default 100. */
  readonly maxTokens?: number
  /**
   * Allows `password()`, where this application sees the passwords of people, and neither a second factor
   * nor single sign-on can work (RFC 9700 §2.4 forbids it). Default: not allowed.
   */
  readonly legacyPasswordGrant?: 'exposes-passwords-to-this-application'
  /** Waits, in seconds, between two polls, and rejects when the signal is aborted. Default: by the real clock. */
  readonly sleep?: (seconds: number, signal?: AbortSignal) => Promise<void>
}

/** Which tokens a refresh should give. */
export interface RefreshGrantWish extends GrantWish {
  /** The `sub` of the earlier ID token; a new one must be about the same. */
  readonly subject?: string
}

/** Which token goes where. */
export interface FetchWish extends GrantWish, Omit<AuthorizedFetchOptions, 'token' | 'origins'> {
  /** Where the token may go, for example `https://api.example.com`. Default: the origin of `resource`. */
  readonly origins?: readonly string[]
}
