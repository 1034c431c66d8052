import type { Claims } from '../lib/claims.ts'

declare const kind: unique symbol

// Any text may be taken for one of them, so that nothing must be converted; one kind never for another.
type Issued<Kind extends string> = string & { readonly [kind]?: Kind }

/** An access token, for APIs. To the compiler no other kind of token is one; any other text may be. */
export type IssuedAccessToken = Issued<'access_token'>

/** An ID token: about the user, for the application alone. The compiler does not let it go to an API. */
export type IssuedIdToken = Issued<'id_token'>

/** A refresh token, for the token endpoint alone. */
export type IssuedRefreshToken = Issued<'refresh_token'>

/** What a token endpoint answered. */
export interface TokenSet {
  readonly accessToken: IssuedAccessToken
  /** In lower case: `bearer`, `dpop`. */
  readonly tokenType: string
  /** Seconds, where the issuer said. */
  readonly expiresIn: number | undefined
  /** The scopes that were granted, where they differ from those that were asked for. */
  readonly scope: string | undefined
  readonly refreshToken: IssuedRefreshToken | undefined
  readonly idToken: IssuedIdToken | undefined
  /** Of the ID token, where there is one: read, not yet checked. */
  readonly raw: Claims
}

/** What a grant gave. The ID token, where there is one, was checked, signature included. */
export interface GrantedTokens {
  readonly accessToken: IssuedAccessToken
  /** In lower case: `bearer`, `dpop`. */
  readonly tokenType: string
  /** Seconds, where the issuer said. */
  readonly expiresIn: number | undefined
  /** Epoch seconds by our clock, where the issuer said. */
  readonly expiresAt: number | undefined
  /** The scopes that were granted, where they differ from those that were asked for. */
  readonly scope: string | undefined
  readonly refreshToken: IssuedRefreshToken | undefined
  readonly idToken: IssuedIdToken | undefined
  /** Of the ID token. */
  readonly claims: Claims | undefined
}

/** Seconds before its end at which a token is renewed: a margin that even short-lived ones can keep. */
export const renewalMargin = (lifetime: number): number => Math.min(60, lifetime / 4)
