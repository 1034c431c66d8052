import type { JWK } from 'jose'
import { ConfigurationError } from '../errors/configuration.ts'
import type { ClientOptions } from '../client/options.ts'
import type { HttpRequest } from '../http/request.ts'
import type { Reply } from '../http/reply.ts'
import type { Issuer } from '../issuer/create.ts'
import type { Claims } from '../lib/claims.ts'
import {
  anything,
  checkOptions,
  either,
  fn,
  flag,
  listOf,
  oneOf,
  record,
  seconds,
  someSeconds,
  text,
  type Check,
} from '../lib/assert.ts'
import { isRecord } from '../lib/own.ts'
import type { MaybePromise } from '../lib/maybe-promise.ts'
import type { Runtime } from '../lib/runtime.ts'
import type { Lock } from '../session/lock.ts'
import type { Revocations } from '../session/revocations.ts'
import type { Sessions } from '../session/sessions.ts'
import type { Delivery } from './delivery.ts'
import type { Door } from './door.ts'
import { unauthenticated } from './entrance.ts'
import type { LoginObserver } from './observe.ts'
import type { Unauthenticated } from './navigation.ts'
import { checkParameters, type AuthorizationParameters } from './parameters.ts'
import type { ResponseMode } from './response-mode.ts'

/** How the browser flow answers: `code` unless an old application cannot do it. */
export type ResponseType =
  | 'code'
  | 'id_token'
  | 'code id_token'
  | 'token'
  | 'id_token token'
  | 'code token'
  | 'code id_token token'

/** What a login is made of. */
export interface LoginOptions extends Runtime {
  /** The issuer identifier, or what `createIssuer` made. */
  readonly issuer: string | Issuer
  /** Our registration at the issuer. */
  readonly client: ClientOptions
  /** Where browsers find the application: an https origin, and a path if it lives below one. Several make an allow-list. */
  readonly baseUrl: string | readonly string[]
  /** How sessions are kept. */
  readonly sessions: Sessions
  /** Paths below the base URL; `false` switches one off. */
  readonly routes?: LoginRoutes
  /** What every login asks for. */
  readonly parameters?: AuthorizationParameters
  /** Default `code`. The answer to any other comes as a form (`form_post`). */
  readonly responseType?: ResponseType
  /** How the answer comes back: `formPost`, or `jarm()`. Default in the query. */
  readonly responseMode?: ResponseMode
  /** How the request travels. Default in the URL, or pushed (PAR) where the issuer demands it. */
  readonly delivery?: Delivery
  /** More addresses: `backChannelLogout()`, `frontChannelLogout()`. */
  readonly doors?: readonly Door[]
  /** Remembers logouts, so that copied cookies and sealed sessions end with them. */
  readonly revocations?: Revocations
  /** Lets one process at a time renew the tokens of a session. Default: one at a time in this process. */
  readonly lock?: Lock
  /** Whom to redirect to the login, and whom to answer 401: `auto` tells persons from scripts. */
  readonly unauthenticated?: Unauthenticated
  /** On optional routes: tries once to sign in without showing a page. Default false. */
  readonly attemptSilentLogin?: boolean
  /** Origins beside our own whose pages may send requests that change something. */
  readonly allowedOrigins?: readonly string[]
  /** What a logout does beside ending the session. */
  readonly logout?: LogoutOptions
  /** Called before a session begins: gives data to keep with it, carries over those of an anonymous visitor, or throws a `Refusal`. */
  readonly onSignIn?: (signIn: SignIn) => MaybePromise<SignInResult | undefined | void>
  /** The page for a login or logout that failed; nothing, or `undefined`, leaves it to ours. */
  readonly onError?: (
    error: unknown,
    request: HttpRequest,
  ) => MaybePromise<Reply | undefined | void>
  /** Private or secret keys (JWK) for encrypted ID tokens and userinfo. */
  readonly decryptionKeys?: readonly JWK[]
  /** Algorithms of ID tokens. Default: every asymmetric one. */
  readonly algorithms?: readonly string[]
  /** Seconds by which clocks may differ. Default 5. */
  readonly clockTolerance?: number
  /** Seconds for one request to the issuer. Default 10. */
  readonly timeout?: number
  /** Whether a proxy takes the path of the base URL away. Default false. */
  readonly strippedPath?: boolean
  /** Allows plain http beyond loopback for the application itself. For closed test networks only. */
  readonly allowInsecureBaseUrl?: boolean
  /**
   * Allows response types that send an access token through the browser, where its history, extensions
   * and logs may see it, and where a stolen one can be put into another's login. For old clients only.
   */
  readonly legacyAccessTokenInBrowser?: boolean
  /** Sees logins, logouts, renewals and failures. */
  readonly observe?: LoginObserver
}

/** The addresses of a login. */
export interface LoginRoutes {
  /** Default `/login`. */
  readonly login?: string
  /** Default `/callback`. Each issuer needs one of its own. */
  readonly callback?: string
  /** Default `/logout`. */
  readonly logout?: string | false
  /** Where the issuer sends the browser after its own logout; goes on to where the logout was to lead. Default off. */
  readonly loggedOut?: string | false
}

/** What a logout does. */
export interface LogoutOptions {
  /** Whether the issuer's session ends too, where the issuer offers it. Default true. */
  readonly issuer?: boolean
  /** Whether the refresh token is revoked. Default true. */
  readonly revoke?: boolean
  /** Path within the application, or an absolute URL registered at the issuer. Default the root. */
  readonly returnTo?: string
}

/** Somebody who has just signed in. */
export interface SignIn {
  /** Of the ID token, all of them. */
  readonly claims: Claims
  readonly returnTo: string
  /** The request of the callback, with what an anonymous visitor's browser sends. */
  readonly request: HttpRequest
}

/** What to make of a sign-in. */
export interface SignInResult {
  /** Kept with the session. */
  readonly data?: Readonly<Record<string, unknown>>
  /** Where to go instead, within the application. */
  readonly returnTo?: string
}

const path: Check = (value) =>
  typeof value === 'string' && /^(?:\/[\w\-.~]+)+$/.test(value)
    ? undefined
    : 'must be a path such as /login'
const pathOrOff = either(path, oneOf(false))

const sessions: Check = (value) =>
  isRecord(value) && isRecord(value['settings']) && typeof value['open'] === 'function'
    ? undefined
    : 'must be what sealedSessions() or storedSessions() made'

const responseMode: Check = (value) =>
  isRecord(value) && typeof value['name'] === 'string' && typeof value['read'] === 'function'
    ? undefined
    : 'must be formPost, or what jarm() made'

const origin: Check = (value) =>
  typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value
    ? undefined
    : 'must be an origin such as https://www.example.com'

const placeToGo: Check = (value) =>
  typeof value === 'string' && /^(?:\/(?![/\\])|https?:\/\/[^/])/.test(value)
    ? undefined
    : 'must be a path that begins with a slash, or an absolute URL'

const checks: Readonly<Record<keyof LoginOptions, Check>> = {
  issuer: anything,
  client: record,
  baseUrl: either(text, listOf(text)),
  sessions,
  routes: record,
  parameters: record,
  responseType: oneOf(
    'code',
    'id_token',
    'code id_token',
    'token',
    'id_token token',
    'code token',
    'code id_token token',
  ),
  responseMode,
  delivery: fn,
  doors: listOf(record),
  revocations: record,
  lock: record,
  unauthenticated,
  attemptSilentLogin: flag,
  allowedOrigins: listOf(origin),
  logout: record,
  onSignIn: fn,
  onError: fn,
  decryptionKeys: listOf(record),
  algorithms: listOf(text),
  clockTolerance: seconds,
  timeout: someSeconds,
  strippedPath: flag,
  allowInsecureBaseUrl: flag,
  legacyAccessTokenInBrowser: flag,
  observe: fn,
  fetch: fn,
  now: fn,
}

/** Checks what a programmer hands to `createLogin`. */
export function checkLoginOptions(options: LoginOptions): void {
  checkOptions('login', options, checks)
  if (options.sessions === undefined) {
    throw new ConfigurationError('login.sessions is missing: sealedSessions() or storedSessions()')
  }
  checkOptions('login.routes', options.routes ?? {}, {
    login: path,
    callback: path,
    logout: pathOrOff,
    loggedOut: pathOrOff,
  })
  checkOptions('login.logout', options.logout ?? {}, {
    issuer: flag,
    revoke: flag,
    returnTo: placeToGo,
  })
  checkParameters('login.parameters', options.parameters ?? {})
}
