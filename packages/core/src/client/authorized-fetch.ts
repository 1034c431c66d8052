import { ConfigurationError } from '../errors/configuration.ts'
import { insecurity } from '../issuer/url.ts'
import { checkOptions, filled, flag, fn, listOf, text } from '../lib/assert.ts'

/** A `fetch` with a token. */
export type AuthorizedFetch = (
  input: string | URL | Request,
  init?: RequestInit,
) => Promise<Response>

/** Whose token goes where. */
export interface AuthorizedFetchOptions {
  /**
   * Gives the access token. Called again with the one that the API refused; gives another one then, or
   * `undefined` where there is none.
   */
  readonly token: (refused?: string) => Promise<string | undefined>
  /** Where the token may go, for example `https://api.example.com`. Nothing else is ever called. */
  readonly origins: readonly string[]
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** Allows plain `http:` beyond loopback. It shows the token to anybody on the way. Default false. */
  readonly allowInsecure?: boolean
}

const checks = {
  token: fn,
  origins: filled(listOf(text)),
  fetch: fn,
  allowInsecure: flag,
} as const

/**
 * Makes a `fetch` that presents an access token (RFC 6750 §2.1) and, where the API answers `invalid_token`,
 * tries once more with another one, unless the body is a stream. Redirects to other origins are given
 * back and not followed, as are those of requests that change something.
 *
 * @example
 * const orders = authorizedFetch({ token: () => accessToken(req), origins: ['https://api.example.com'] })
 */
export function authorizedFetch(options: AuthorizedFetchOptions): AuthorizedFetch {
  checkOptions('authorizedFetch', options, checks)
  const { token, fetch: given } = options
  const send = given ?? ((input: URL, init: RequestInit) => fetch(input, init))
  const origins = new Set(options.origins?.map((origin) => originOf(origin, options)))
  if (origins.size === 0 || token === undefined) {
    throw new ConfigurationError('authorizedFetch.origins or authorizedFetch.token is missing')
  }
  return async (input, init) => {
    const call = callOf(input, init)
    if (!origins.has(call.url.origin)) throw notAllowed(call.url)
    const first = await token()
    if (first === undefined) throw new ConfigurationError('authorizedFetch.token gave no token')
    const response = await travel(call, first, origins, send)
    if (!isTokenRefused(response) || !call.isRepeatable) return response
    const other = await token(first)
    if (other === undefined || other === first) return response
    await response.body?.cancel()
    return travel(call, other, origins, send)
  }
}

type Send = (input: URL, init: RequestInit) => Promise<Response>

/** A call that can be sent with one token and another. */
interface Call {
  readonly url: URL
  readonly init: RequestInit
  readonly headers: Headers
  /** Whether the body can be sent twice. */
  readonly isRepeatable: boolean
  /** Whether redirects are followed: only where nothing is changed by it. */
  readonly follows: boolean
}

function callOf(input: string | URL | Request, init: RequestInit = {}): Call {
  const all = input instanceof Request ? { ...partsOf(input), ...init } : init
  const url = input instanceof Request ? input.url : String(input)
  if (!URL.canParse(url)) throw new ConfigurationError('authorizedFetch wants an absolute URL')
  const { method = 'GET', redirect = 'follow', body } = all
  const follows = redirect === 'follow' && /^(?:get|head)$/i.test(method)
  return {
    url: new URL(url),
    headers: new Headers(all.headers),
    init: { ...all, redirect: redirect === 'error' ? redirect : 'manual' },
    isRepeatable: isRepeatable(body),
    follows,
  }
}

// What a request says, in the words of a call. Node wants to be told that a streamed body goes one way.
const partsOf = (request: Request): RequestInit & { readonly duplex?: 'half' } => ({
  method: request.method,
  headers: request.headers,
  redirect: request.redirect,
  signal: request.signal,
  ...(request.body !== null && { body: request.body, duplex: 'half' }),
})

const isRepeatable = (body: unknown): boolean =>
  body === undefined ||
  body === null ||
  typeof body === 'string' ||
  ArrayBuffer.isView(body) ||
  [URLSearchParams, FormData, Blob, ArrayBuffer].some((kind) => body instanceof kind)

const mostHops = 5

async function travel(
  { url, init, headers, follows }: Call,
  token: string,
  origins: ReadonlySet<string>,
  send: Send,
): Promise<Response> {
  headers.set('authorization', `Bearer ${token}`)
  let at = url
  for (let hop = 0; ; hop += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each hop is named by the one before
    const response = await send(at, { ...init, headers })
    const next = targetOf(response, at)
    if (!follows || next === undefined || hop === mostHops || !origins.has(next.origin)) {
      return response
    }
    // oxlint-disable-next-line no-await-in-loop -- gives the connection back before the next hop
    await response.body?.cancel()
    at = next
  }
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

function targetOf({ status, headers }: Response, from: URL): URL | undefined {
  const location = headers.get('location')
  if (!redirects.has(status) || location === null) return undefined
  return URL.canParse(location, from.href) ? new URL(location, from) : undefined
}

// RFC 6750 §3.1.
const isTokenRefused = ({ status, headers }: Response): boolean =>
  status === 401 && /\berror\s*=\s*"?invalid_token\b/i.test(headers.get('www-authenticate') ?? '')

function originOf(origin: string, { allowInsecure = false }: AuthorizedFetchOptions): string {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  const wrong = url === undefined ? 'must be a URL' : insecurity(url, allowInsecure)
  if (url === undefined || wrong !== undefined) {
    throw new ConfigurationError(`authorizedFetch.origins: an origin ${wrong}`)
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new ConfigurationError(
      `authorizedFetch.origins must name origins alone, such as ${url.origin}`,
    )
  }
  return url.origin
}

const notAllowed = ({ origin }: URL): ConfigurationError =>
  new ConfigurationError(
    `${origin} is not among the origins that the token may go to. Name it in origins, or call it without a token.`,
  )
