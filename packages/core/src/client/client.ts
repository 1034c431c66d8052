import type { AuthorizationServer } from 'oauth4webapi'
import type { Claims } from '../lib/claims.ts'
import type { Issuer } from '../issuer/create.ts'
import { checkAnswer } from './answer.ts'
import { clientOf, createAsk, serverOf, type ExchangeParts } from './exchange.ts'
import { readClientOptions, type ClientOptions } from './options.ts'
import { codeGrant, pushed, refreshGrant, revocation } from './requests.ts'
import type { SignedReader } from './signed.ts'
import type { TokenSet } from './tokens.ts'
import { userinfo } from './userinfo.ts'

/** Our registration at an issuer, as the browser flow needs it. Failures are `Refusal`s, `Outage`s, or a `ConfigurationError` where the issuer does not know us. */
export interface LoginClient {
  readonly id: string
  readonly issuer: Issuer
  /** The metadata, as the client side needs them. */
  server(): Promise<AuthorizationServer>
  /**
   * Checks an authorization answer (state, RFC 9207 `iss`, no error) and gives back what may go on to
   * `exchangeCode`. An `error` of the issuer becomes a refusal of the codes `login_*`, or an `Outage`.
   * `responseType` is that of the request. Default `code`.
   */
  validateAnswer(
    parameters: URLSearchParams,
    state: string,
    responseType?: string,
  ): Promise<URLSearchParams>
  /** Trades the code of a validated answer. */
  exchangeCode(answer: URLSearchParams, made: CodeRequest): Promise<TokenSet>
  /** Trades a refresh token. A refusal of it is `grant_refused`. */
  refresh(refreshToken: string, wanted?: RefreshWish): Promise<TokenSet>
  /** Revokes a token (RFC 7009); does nothing where the issuer has no endpoint for it. */
  revoke(token: string, hint: 'access_token' | 'refresh_token'): Promise<void>
  /** Asks for claims (OpenID Connect Core §5.3), signed ones included; `sub` must be the subject's. */
  userinfo(accessToken: string, subject: string): Promise<Claims>
  /** Pushes an authorization request (RFC 9126) and gives back its `request_uri`. */
  push(parameters: URLSearchParams): Promise<string>
}

/** What the authorization request of a code was made with. */
export interface CodeRequest {
  readonly redirectUri: string
  readonly verifier: string
  readonly nonce: string
  /** Seconds; the `max_age` of the request. */
  readonly maxAge?: number
  /** Which of the APIs of the request the access token is for (RFC 8707 §2.2). */
  readonly resource?: string
}

/** Which access token a refresh should give. */
export interface RefreshWish {
  readonly scope?: string
  /** RFC 8707. */
  readonly resource?: string
  /** Of issuers that have their own word for it. */
  readonly audience?: string
}

/** What a client is made of. */
export interface ClientParts {
  readonly issuer: Issuer
  readonly options: ClientOptions
  /** Opens signed and encrypted userinfo. */
  readonly readSigned: SignedReader
  /** Opens encrypted ID tokens. Without it they are refused. */
  readonly decrypt?: (token: string) => Promise<string>
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
  /** Seconds for one exchange, body included. Default 10. */
  readonly timeout?: number
  /** Seconds by which the issuer's clock may differ from ours. Default 5. */
  readonly tolerance?: number
  /** Whether plain `http:` is allowed beyond loopback. Default false. */
  readonly allowInsecure?: boolean
}

/** Makes a client; wrong options are a `ConfigurationError`. Nothing is fetched, and no protocol loaded, before it is needed. */
export function createLoginClient(parts: ClientParts): LoginClient {
  const { issuer, readSigned, decrypt } = parts
  const exchange = exchangeOf(parts)
  const ask = createAsk(exchange)
  return {
    id: exchange.registration.id,
    issuer,
    server: () => serverOf(issuer),
    validateAnswer: async (parameters, state, responseType = 'code') => {
      const [oauth, server] = await Promise.all([import('oauth4webapi'), serverOf(issuer)])
      const own = clientOf(oauth, exchange)
      return checkAnswer(parameters, { oauth, server, client: own, state, responseType })
    },
    exchangeCode: (answer, made) => ask('token_endpoint', codeGrant(answer, made, decrypt)),
    refresh: (refreshToken, wanted = {}) =>
      ask('token_endpoint', refreshGrant(refreshToken, wanted, decrypt)),
    revoke: async (token, hint) => {
      const { revocation_endpoint: endpoint } = await serverOf(issuer)
      if (endpoint !== undefined) await ask('revocation_endpoint', revocation(token, hint))
    },
    userinfo: (accessToken, subject) =>
      ask('userinfo_endpoint', userinfo({ accessToken, subject, readSigned, now: exchange.now })),
    push: (parameters) => ask('pushed_authorization_request_endpoint', pushed(parameters)),
  }
}

/** What exchanges rest on, defaults filled in; wrong options are a `ConfigurationError`. */
export const exchangeOf = (parts: Omit<ClientParts, 'readSigned'>): ExchangeParts => ({
  issuer: parts.issuer,
  registration: readClientOptions(parts.options),
  fetch: parts.fetch ?? ((input, init) => fetch(input, init)),
  now: parts.now ?? (() => Date.now()),
  timeout: parts.timeout ?? 10,
  tolerance: parts.tolerance ?? 5,
  allowInsecure: parts.allowInsecure === true,
})
