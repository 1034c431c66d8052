import type { Claims } from '../lib/claims.ts'

/** What a token endpoint answered. */
export interface TokenSet {
  readonly accessToken: string
  /** In lower case: `bearer`, `dpop`. */
  readonly tokenType: string
  /** Seconds, where the issuer said. */
  readonly expiresIn: number | undefined
  /** The scopes that were granted, where they differ from those that were asked for. */
  readonly scope: string | undefined
  readonly refreshToken: string | undefined
  readonly idToken: string | undefined
  /** Of the ID token, where there is one: read, not yet checked. */
  readonly raw: Claims
}

/** What a grant gave. The ID token, where there is one, was checked, signature included. */
export interface GrantedTokens {
  readonly accessToken: string
  /** In lower case: `bearer`, `dpop`. */
  readonly tokenType: string
  /** Seconds, where the issuer said. */
  readonly expiresIn: number | undefined
  /** Epoch seconds by our clock, where the issuer said. */
  readonly expiresAt: number | undefined
  /** The scopes that were granted, where they differ from those that were asked for. */
  readonly scope: string | undefined
  readonly refreshToken: string | undefined
  readonly idToken: string | undefined
  /** Of the ID token. */
  readonly claims: Claims | undefined
}

/** Seconds before its end at which a token is renewed: a margin that even short-lived ones can keep. */
export const renewalMargin = (lifetime: number): number => Math.min(60, lifetime / 4)
