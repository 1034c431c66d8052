import type { JWK } from 'jose'
import type { Clock } from '../clock.ts'
import type { AuthnOptions } from './authn/options.ts'
import type { Exchange } from './wire.ts'

/** What the emulated org holds. Every member has a default. */
export interface OktaOptions {
  /** Default 0: any free port of 127.0.0.1. */
  readonly port?: number
  /** Default a clock that runs with the real one and can be put forward; `createClock()` stands still. */
  readonly clock?: Clock
  /** By name, beside `web`, `spa`, `native`, `service` and `machine`, or instead of one of them. */
  readonly apps?: Readonly<Record<string, OktaAppOptions>>
  /** By name, instead of `alice`, `bob` and `carol`. */
  readonly users?: Readonly<Record<string, OktaUserOptions>>
  /** By id, beside `default`, or instead of it. A name that is no id gets one that begins with `aus`. */
  readonly servers?: Readonly<Record<string, OktaServerOptions>>
  /** Authenticators that nobody can use, as the enrollment policy says it. Default none. */
  readonly disabledAuthenticators?: readonly FactorKind[]
  /** How many factors a session of the org (Authentication API, login page) needs. Default 1. */
  readonly sessionFactors?: 1 | 2
  /** Origins that may call with CORS and be redirected to, beside those of the apps. Default none. */
  readonly trustedOrigins?: readonly string[]
  /** `SSWS` tokens of trusted callers. Default `['okta-api-token']`. */
  readonly apiTokens?: readonly string[]
  readonly limits?: OktaLimits
  /** Whether a push asks for a number. Default `false`. */
  readonly numberChallenge?: boolean
  /** Seconds that clients shall leave between two polls of a push, a device or CIBA. Default 5, as Okta's. */
  readonly pollInterval?: number
  /** Whether the e-mail channel of direct authentication is there. Default `true`. */
  readonly emailChannel?: boolean
  /** Whether the org is an Identity Engine org: only these have direct authentication. Default `true`. */
  readonly identityEngine?: boolean
  /** Whether the org has API Access Management: without it, no client can use a custom server. Default `true`. */
  readonly apiAccessManagement?: boolean
  /** External identity providers, by name: what `idp` of `/authorize` may be. Default none. */
  readonly identityProviders?: Readonly<Record<string, IdentityProviderOptions>>
  /** Whether a code that comes back revokes the tokens that were issued for it. Default `true`. */
  readonly revokeOnCodeReuse?: boolean
  /** What the Authentication API does. */
  readonly authn?: AuthnOptions
  /** Told of every request and its answer, secrets included. */
  readonly onExchange?: (exchange: Exchange) => void
}

/** An external identity provider, or rather a page that stands for it, where anybody can be anybody. */
export interface IdentityProviderOptions {
  /** Default an id that begins with `0oa`, always the same for a name. */
  readonly id?: string
  /** Who can come from there, by user name. Default everybody. */
  readonly users?: readonly string[]
  /** Scopes that it is asked for, with those of `idp_scope`. Default `openid profile email`. */
  readonly scopes?: readonly string[]
}

/** When the emulator answers 429, and when it locks somebody out. */
export interface OktaLimits {
  /** Requests per minute and endpoint. Default 600. */
  readonly perMinute?: number
  /** Attempts per second and user name (an Okta org has 4). Default none, so that tests may hurry. */
  readonly perUser?: number
  /** Wrong passwords or codes in a row that lock a user out. Default 10. */
  readonly lockOutAfter?: number
}

/** Something that proves who a user is. */
export type FactorKind =
  | 'password'
  | 'email'
  | 'sms'
  | 'voice'
  | 'push'
  | 'totp'
  | 'google_otp'
  | 'question'
  | 'webauthn'
  | 'rsa'
  | 'symantec'
  | 'yubikey'
  | 'duo'

/** What an app's sign-in policy asks for: nothing but one factor, two different ones, three, or no access. */
export type SignOn = 'one-factor' | 'two-factors' | 'three-factors' | 'deny'

/** How an app proves who it is. */
export type ClientAuthentication =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'none'

/** An app integration. */
export interface OktaAppOptions {
  /** Default an id that begins with `0oa`, always the same for a name. */
  readonly clientId?: string
  /** Default `<name>-secret-` and enough to make it long; none where the authentication has no secret. */
  readonly clientSecret?: string
  /** Default `web`. */
  readonly applicationType?: 'web' | 'native' | 'browser' | 'service'
  /** Default what is usual for the type. */
  readonly authentication?: ClientAuthentication
  /** The switches. Default all that the type can have. */
  readonly grantTypes?: readonly string[]
  /** Left out: any loopback URL is accepted, whatever its port and path. */
  readonly redirectUris?: readonly string[]
  /** Left out: any loopback URL is accepted. */
  readonly logoutUris?: readonly string[]
  /** Default true for `browser` and `native`. */
  readonly pkceRequired?: boolean
  /** Default rotating with a leeway of 30 seconds for `browser`, static for the others. */
  readonly refreshToken?: { readonly rotation: 'ROTATE' | 'STATIC'; readonly leeway?: number }
  /** Default `one-factor`. */
  readonly signOn?: SignOn
  /** The factors that count for the sign-in policy. Default all. */
  readonly factors?: readonly FactorKind[]
  /** Who may use it, by user name. Default everybody. */
  readonly assigned?: readonly string[]
  /** `okta.*` scopes that it may have of the org server. Default none. */
  readonly oktaScopes?: readonly string[]
  /** Whether access tokens are bound to a DPoP key. Default `false`. */
  readonly dpop?: boolean
  /** Where a frame of the logout page ends the app's own session, in Identity Engine orgs. Default: nowhere. */
  readonly frontChannelLogout?: FrontChannelLogout
  /** Whom ID tokens are encrypted for, where they are (custom servers only). Default: nobody. */
  readonly idTokenEncryption?: TokenEncryption
  /** Public keys for `private_key_jwt` and request objects. Default a generated one. */
  readonly jwks?: { readonly keys: readonly JWK[] }
}

/** How an app takes part in single logout. */
export interface FrontChannelLogout {
  readonly uri: string
  /** Whether `iss` and `sid` are sent along, and ID tokens have a `sid`. Default `true`. */
  readonly sessionRequired?: boolean
}

/** For whom, and how, a token is encrypted. The content always by A256GCM. */
export interface TokenEncryption {
  /** A public RSA key. */
  readonly key: JWK
  /** Default `RSA-OAEP-256`. */
  readonly algorithm?: 'RSA-OAEP-256' | 'RSA-OAEP-384' | 'RSA-OAEP-512'
}

/** Somebody who can sign in. */
export interface OktaUserOptions {
  /** Default `<name>@example.com`. */
  readonly login?: string
  /** Default `password`. `false`: has none. */
  readonly password?: string | false
  readonly status?: UserStatus
  /** Default `['Everyone']`. */
  readonly groups?: readonly string[]
  /** What is enrolled beside the password. Default none. */
  readonly factors?: readonly FactorKind[]
  readonly firstName?: string
  readonly lastName?: string
  /** Default `+1 415 555 1337`. */
  readonly phoneNumber?: string
  /** For `question`: default `Favourite colour?`, `blue`. */
  readonly question?: { readonly text: string; readonly answer: string }
  /** For `webauthn`: the credentials that the user has. Default none. */
  readonly credentials?: readonly Credential[]
  /** Further profile claims, for example `zoneinfo`. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** A passkey: the public half and what the browser calls it. */
export interface Credential {
  /** base64url. */
  readonly id: string
  readonly publicKey: JWK
  readonly name?: string
}

export type UserStatus =
  | 'ACTIVE'
  | 'LOCKED_OUT'
  | 'PASSWORD_EXPIRED'
  | 'PASSWORD_WARN'
  | 'SUSPENDED'
  | 'DEPROVISIONED'

/** A custom authorization server. */
export interface OktaServerOptions {
  /** Default `api://default`, or `api://` and the name. */
  readonly audience?: string
  /** Custom scopes. Default `orders:read`, `orders:write` and `hidden`, the last one not published. */
  readonly scopes?: Readonly<Record<string, OktaScope>>
  /** In order of priority. Default one policy for all with one rule for all; `[]` is the new org without any. */
  readonly policies?: readonly AccessPolicy[]
  /** Claims of this server's access tokens. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Names of servers whose tokens may be exchanged here. Default none but its own. */
  readonly trustedServers?: readonly string[]
  /** Issuers whose assertions the jwt-bearer grant takes, with their keys. Default none. */
  readonly trustedIssuers?: Readonly<Record<string, { readonly keys: readonly JWK[] }>>
  /** Whom access tokens are encrypted for (early access at Okta). Default: nobody. */
  readonly tokenEncryption?: TokenEncryption
  /** Default `ACTIVE`. */
  readonly status?: 'ACTIVE' | 'INACTIVE'
}

export interface OktaScope {
  /** Whether discovery shows it. Default `false`. */
  readonly published?: boolean
  /** Granted where no scope is asked for. Default `false`. */
  readonly default?: boolean
  /** Default `IMPLICIT`. */
  readonly consent?: 'IMPLICIT' | 'FLEXIBLE' | 'REQUIRED'
}

export interface AccessPolicy {
  /** Client ids or names of apps. Default all. */
  readonly clients?: readonly string[]
  readonly rules: readonly AccessRule[]
}

/** The grant switches of a server, with who may use them and for how long. */
export interface AccessRule {
  /** Default all. */
  readonly grantTypes?: readonly string[]
  /** Groups or names of users. Default everybody, and clients without a user. */
  readonly people?: readonly string[]
  /** Default all. */
  readonly scopes?: readonly string[]
  /** Default 60. */
  readonly accessTokenMinutes?: number
  /** Default 10080, seven days without use. */
  readonly refreshTokenWindowMinutes?: number
  /** Default 0, unlimited. */
  readonly refreshTokenLifetimeMinutes?: number
}
