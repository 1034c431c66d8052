import {
  ConfigurationError,
  optionChecks,
  type CookieAttributes,
  type HttpRequest,
  type Login,
} from '@portcullis/core'
import type { DirectAuthentication } from '../direct/create.ts'
import type { DirectAddresses, DirectView } from './view.ts'

/** How users sign in at pages of the application itself. */
export interface DirectLoginOptions {
  /** Whose sessions the sign-ins end in. Its issuer and client are those of `direct`. */
  readonly login: Pick<Login, 'signIn'>
  /** What `createDirectAuthentication` made, with `secrets` and with `openid` among its scopes. */
  readonly direct: DirectAuthentication
  /** Where the application is, as browsers see it: the one of the login, or one of its several. */
  readonly baseUrl: string
  /** Below the base URL. Default `/direct`. */
  readonly path?: string
  /** Makes the page of a stage. Default: a plain one, without scripts. */
  readonly page?: (view: DirectView, addresses: DirectAddresses) => string
  /** Origins that may post beside that of the base URL. Default none. */
  readonly allowedOrigins?: readonly string[]
  /** The address of the browser, for the limits of `direct`. Default: none is told. */
  readonly addressOf?: (request: HttpRequest) => string | undefined
  /** Name of the cookie that a sign-in under way is kept in, sealed. Default `portcullis-direct`. */
  readonly cookieName?: string
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/** The same, checked and complete. */
export interface DirectLoginParts {
  readonly options: DirectLoginOptions
  /** In front of the names of the steps, path of the base URL included. */
  readonly root: string
  readonly origins: ReadonlySet<string>
  readonly cookieName: string
  readonly cookie: CookieAttributes
  readonly now: () => number
}

/** Checks what the programmer handed in. */
export function directLoginParts(options: DirectLoginOptions): DirectLoginParts {
  const { anything, checkOptions, fn, listOf, record, text } = optionChecks
  checkOptions('createDirectLogin', options, {
    login: record,
    direct: record,
    baseUrl: anything,
    path: text,
    page: fn,
    allowedOrigins: listOf(text),
    addressOf: fn,
    cookieName: text,
    now: fn,
  })
  checkMade(options)
  const { path = '/direct', cookieName = 'portcullis-direct', allowedOrigins = [] } = options
  if (!/^(?:\/[\w\-.~]+)+$/.test(path)) {
    throw new ConfigurationError('createDirectLogin.path must be a path such as /direct')
  }
  const { origin, pathname, protocol } = baseOf(options.baseUrl)
  const secure = protocol === 'https:'
  return {
    options,
    root: pathname.replace(/\/+$/, '') + path,
    origins: new Set([origin, ...allowedOrigins]),
    // So that no neighbour under the same domain can put a sign-in of its own into the browser.
    cookieName: (secure ? '__Host-' : '') + cookieName,
    cookie: { path: '/', secure, sameSite: 'Strict' },
    now: options.now ?? (() => Date.now()),
  }
}

function checkMade({ login, direct }: Partial<DirectLoginOptions>): void {
  if (typeof login?.signIn !== 'function') {
    throw new ConfigurationError('createDirectLogin.login must be what createLogin() made')
  }
  if (typeof direct?.sealState !== 'function') {
    throw new ConfigurationError(
      'createDirectLogin.direct must be what createDirectAuthentication() made',
    )
  }
}

function baseOf(given: unknown): URL {
  if (typeof given === 'string' && URL.canParse(given) && /^https?:/.test(given)) {
    return new URL(given)
  }
  throw new ConfigurationError('createDirectLogin.baseUrl must be the base URL of the login')
}
