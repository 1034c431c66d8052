import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KeyObject } from 'node:crypto'
import type { SigningAlgorithm } from '../signing-key.ts'

/** What the authorization server knows, and how it behaves. Every member has a default. */
export interface AuthorizationServerOptions {
  /** Default 0: any free port of 127.0.0.1. */
  readonly port?: number
  /** Of the issuer, for servers that live below one, for example `/oauth2/default`. Default none. */
  readonly path?: string
  /** Clients beside `web`, `spa`, `machine`, `device`, `ciba`, `hybrid` and `api`, or instead of one of them. */
  readonly clients?: readonly ClientMetadata[]
  /** Scopes beside those of OpenID Connect and of the resources. */
  readonly scopes?: readonly string[]
  /** By resource indicator (RFC 8707). Default `https://api.test` with `orders:read` and `orders:write`. */
  readonly resources?: Readonly<Record<string, Resource>>
  /** For requests that name no resource. Default the first one, but none where `openid` is asked for. */
  readonly defaultResource?: string | false
  /** By user name, which is also the `sub`. Default `alice` and `bob`, both with the password `password`. */
  readonly users?: Readonly<Record<string, User>>
  /** The user whom authorization requests sign in without a person; `false` shows the login page. Default the first. */
  readonly signInAs?: string | false
  /** Algorithms with a key, beside those that the resources ask for. Default RS256, ES256, EdDSA. */
  readonly algorithms?: readonly SigningAlgorithm[]
  /** Whether DPoP proofs need a nonce of the server. Default `false`. */
  readonly requireDpopNonce?: boolean
  /** Whether every refresh token is good once. Default: only those of clients without a secret. */
  readonly rotateRefreshTokens?: boolean
  /** Asked before any endpoint; `true` says that it has answered. */
  readonly routes?: (
    request: IncomingMessage,
    response: ServerResponse,
  ) => boolean | Promise<boolean>
}

/** Registered metadata of a client, in the words of RFC 7591. */
export interface ClientMetadata {
  readonly client_id: string
  readonly client_secret?: string
  readonly grant_types?: readonly string[]
  readonly response_types?: readonly string[]
  /** Left out: any loopback URL is accepted, whatever its port and path. */
  readonly redirect_uris?: readonly string[]
  readonly [member: string]: unknown
}

/** An API that access tokens are issued for. */
export interface Resource {
  readonly scopes: readonly string[]
  /** The `aud` of its tokens. Default the resource indicator. */
  readonly audience?: string
  /** Seconds. Default 300. */
  readonly lifetime?: number
  /** Default `jwt` (RFC 9068); `opaque` tokens can only be introspected. */
  readonly format?: 'jwt' | 'opaque'
  /** Default RS256. */
  readonly algorithm?: SigningAlgorithm
  /** Claims to add to every token. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Encrypts the signed token. */
  readonly encryption?: {
    readonly alg: 'dir' | 'RSA-OAEP-256' | 'ECDH-ES'
    readonly enc: 'A128GCM' | 'A256GCM' | 'A128CBC-HS256' | 'A256CBC-HS512'
    readonly key: KeyObject
    readonly kid?: string
  }
}

/** Somebody who can sign in. */
export interface User {
  /** For the login page. Default `password`. */
  readonly password?: string
  /**
   * For userinfo, and for ID tokens where no access token for userinfo comes along: a login that names a
   * `resource`. `name`, `email`, `groups` and the like need their scopes, other names `openid` alone.
   */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly acr?: string
  readonly amr?: readonly string[]
}

/** Who sits in front of the browser: nobody, somebody, or somebody who says no. */
export interface SignIn {
  /** Signs this user in without a person, and grants whatever is asked for. */
  readonly as: (user: string) => void
  /** Shows the login page. */
  readonly byPage: () => void
  /** Answers every request with `access_denied`. */
  readonly refuse: () => void
}

/** The options with every default in place. */
export interface Settings extends AuthorizationServerOptions {
  readonly path: string
  readonly resources: Readonly<Record<string, Resource>>
  readonly users: Readonly<Record<string, User>>
  readonly algorithms: readonly SigningAlgorithm[]
}

const defaultResources = { 'https://api.test': { scopes: ['orders:read', 'orders:write'] } }

const person = (name: string, groups: readonly string[]): User => ({
  claims: { name, email: `${name.toLowerCase()}@mail.test`, email_verified: true, groups },
})
const defaultUsers = { alice: person('Alice', ['staff']), bob: person('Bob', []) }

export function settle(options: AuthorizationServerOptions): Settings {
  const { resources = defaultResources, users = defaultUsers, path = '' } = options
  const { algorithms = ['RS256', 'ES256', 'EdDSA'] } = options
  if (path !== '' && !/^(\/[^/?#]+)+$/.test(path)) {
    throw new TypeError(`path must begin with a slash and not end with one, unlike '${path}'`)
  }
  const wanted = Object.values(resources).map(({ algorithm }) => algorithm ?? 'RS256')
  // RS256 signs ID tokens by default, so there is always a key for it.
  return {
    ...options,
    path,
    resources,
    users,
    algorithms: [...new Set<SigningAlgorithm>(['RS256', ...algorithms, ...wanted])],
  }
}
