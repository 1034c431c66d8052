import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

/** The doors of the emulator, as faults and request counts name them. */
export type OktaEndpoint =
  | 'discovery'
  | 'jwks'
  | 'authorization'
  | 'token'
  | 'userinfo'
  | 'introspection'
  | 'revocation'
  | 'pushedAuthorization'
  | 'deviceAuthorization'
  | 'device'
  | 'backchannelAuthentication'
  | 'primaryAuthenticate'
  | 'oobAuthenticate'
  | 'challenge'
  | 'interact'
  | 'logout'
  | 'login'
  | 'authn'
  | 'sessions'
  | 'management'
  | 'other'

/** A request, read to its end. */
export interface Call {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  /** Names and values as they came, which `headers` would have joined. */
  readonly rawHeaders: readonly string[]
  readonly cookies: ReadonlyMap<string, string>
  readonly body: string
  /** The body as a form; empty for any other type. */
  readonly form: URLSearchParams
  /** The named groups of the route's path. */
  readonly path: Readonly<Record<string, string>>
}

/** An object is sent as JSON, text as HTML unless a header says otherwise. */
export interface Answer {
  readonly status: number
  readonly headers?: OutgoingHttpHeaders
  readonly body?: object | string
}

/** One door: what it is called and who answers there. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS'
  /** Must match the whole path; its named groups become `call.path`. */
  readonly path: RegExp
  readonly endpoint: OktaEndpoint
  readonly answer: (call: Call) => Answer | Promise<Answer>
  /** Whether it counts against the org's rate limit. Default true. */
  readonly isLimited?: boolean
  /** Whether scripts of trusted origins may ask it. Default false. */
  readonly hasCors?: boolean
}

/** A request and its answer, for whoever wants to show the wire. */
export interface Exchange {
  readonly endpoint: OktaEndpoint
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly status: number
  readonly answerHeaders: OutgoingHttpHeaders
  readonly answer: string
}

/** Ends a request with an answer that is not the happy one. */
export class Refusal extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super(`${answer.status} ${JSON.stringify(answer.body)}`)
    this.answer = answer
  }
}

/** The envelope of the OAuth endpoints. */
export function oauthError(
  status: number,
  error: string,
  description: string,
  more: { readonly headers?: OutgoingHttpHeaders; readonly members?: object } = {},
): Refusal {
  const body = { error, error_description: description, ...more.members }
  return new Refusal({ status, body, headers: { ...noStore, ...more.headers } })
}

/** The envelope of `/api/v1`, of every 429 of the org, and of what is not found. */
export function oktaError(
  status: number,
  errorCode: string,
  errorSummary: string,
  causes: readonly string[] = [],
): Refusal {
  const errorId = `oae${randomText(20)}`
  const errorCauses = causes.map((cause) => ({ errorSummary: cause }))
  const body = { errorCode, errorSummary, errorLink: errorCode, errorId, errorCauses }
  return new Refusal({ status, body })
}

export const notFound = (what: string, type: string): Refusal =>
  oktaError(404, 'E0000007', `Not found: Resource not found: ${what} (${type})`)

export const noStore: OutgoingHttpHeaders = {
  'Cache-Control': 'no-cache, no-store',
  Pragma: 'no-cache',
}

/** Reads a JSON object, or refuses as Okta does. */
export function readJson(call: Call): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(call.body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Answered below, like any other body that is no object.
  }
  throw oktaError(400, 'E0000003', 'The request body was not well-formed.')
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Letters and digits that nobody can guess. */
export function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length))
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('')
}
