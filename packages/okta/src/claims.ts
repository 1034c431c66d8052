/** What stands in an access token of a custom authorization server. Custom claims are added by intersection: `OktaAccessTokenClaims & { tier: string }`. */
export interface OktaAccessTokenClaims {
  readonly ver: number
  /** Begins with `AT.`. */
  readonly jti: string
  readonly iss: string
  readonly aud: string | readonly string[]
  /** Epoch seconds. */
  readonly iat: number
  /** Epoch seconds. */
  readonly exp: number
  /** The client's id. */
  readonly cid: string
  /** The user's id (`00u…`): the `sub` of the ID token. Absent where no user is involved. */
  readonly uid?: string
  /** The scopes, as an array. */
  readonly scp?: readonly string[]
  /** The user's login, unless the server was told otherwise; of a client without a user, its id. */
  readonly sub: string
  /** Epoch seconds; a refresh does not change it. */
  readonly auth_time?: number
  /** Only where `acr_values` were asked for. */
  readonly acr?: string
  /** Of a token that is bound to a key (RFC 9449). */
  readonly cnf?: { readonly jkt?: string }
  /** Who acts, after some token exchanges. */
  readonly act?: Readonly<Record<string, unknown>>
  /** Where the server has a claim of that name. */
  readonly groups?: readonly string[]
}

/** What stands in an ID token of Okta. Which claims of a scope there are depends on the server and on what came with it; `/userinfo` has them all. */
export interface OktaIdTokenClaims {
  readonly ver: number
  /** Begins with `ID.`. */
  readonly jti: string
  readonly iss: string
  /** The client's id. */
  readonly aud: string
  /** The user's id (`00u…`): the `uid` of the access token, not its `sub`. */
  readonly sub: string
  /** Epoch seconds. */
  readonly iat: number
  /** Epoch seconds. */
  readonly exp: number
  /** Epoch seconds. */
  readonly auth_time: number
  /** How the user was authenticated (`pwd`, `otp`, `swk`, `mfa`…): an open set. */
  readonly amr: readonly string[]
  /** The org (`00o…`), or the identity provider (`0oa…`) that the user came from. */
  readonly idp: string
  readonly nonce?: string
  readonly at_hash?: string
  readonly c_hash?: string
  /** Only where `acr_values` were asked for. */
  readonly acr?: string
  readonly sid?: string
  readonly name?: string
  readonly preferred_username?: string
  readonly given_name?: string
  readonly family_name?: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly locale?: string
  readonly zoneinfo?: string
  /** With the scope `groups`, or where the server has a claim of that name. */
  readonly groups?: readonly string[]
}
