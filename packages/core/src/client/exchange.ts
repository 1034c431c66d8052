import type * as oauth4webapi from 'oauth4webapi'
import type { AuthorizationServer, Client, ClientAuth, HttpRequestOptions } from 'oauth4webapi'
import { Outage } from '../errors/outage.ts'
import type { Issuer } from '../issuer/create.ts'
import { insecurity } from '../issuer/url.ts'
import { passed, withDeadline } from '../lib/deadline.ts'
import { describe } from '../lib/describe.ts'
import { retryAfterSeconds } from '../lib/retry-after.ts'
import { text as textOf } from '../lib/text.ts'
import { uncached } from '../lib/uncached.ts'
import { failure, type Asked } from './failure.ts'
import type { Registration } from './options.ts'
import { secretsIn, withoutSecrets } from './secrets.ts'
import { withoutNulls } from './without-nulls.ts'

export type Protocol = typeof oauth4webapi

/** What exchanges with an issuer rest on. */
export interface ExchangeParts {
  readonly issuer: Issuer
  readonly registration: Registration
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  /** Seconds for one exchange, body included. */
  readonly timeout: number
  /** Seconds by which the issuer's clock may differ from ours. */
  readonly tolerance: number
  /** Whether plain `http:` is allowed beyond loopback. */
  readonly allowInsecure: boolean
}

/** What one exchange works with. */
export interface Exchange {
  readonly oauth: Protocol
  readonly server: AuthorizationServer
  readonly client: Client
  readonly authenticate: ClientAuth
  /** For the requests of oauth4webapi. */
  readonly options: RequestOptions
}

/** What every request of oauth4webapi takes. */
type RequestOptions = HttpRequestOptions<'POST', URLSearchParams> & HttpRequestOptions<'GET'>

/** Asks an endpoint of the issuer; whatever goes wrong is a `Refusal`, an `Outage` or a `ConfigurationError`. */
export type Ask = <T>(
  endpoint: Asked['endpoint'],
  steps: (exchange: Exchange) => Promise<T>,
) => Promise<T>

/** Makes the way to the endpoints of an issuer: bounded in time and size, without redirects. */
export function createAsk(parts: ExchangeParts): Ask {
  const { issuer, registration } = parts
  return async (endpoint, steps) => {
    const oauth = await import('oauth4webapi')
    const server = await serverOf(issuer)
    const { id, authentication } = registration
    const trip: Trip = {
      endpoint,
      url: undefined,
      phase: 'connect',
      status: undefined,
      secrets: [],
    }
    try {
      return await steps({
        oauth,
        server,
        client: clientOf(oauth, parts),
        authenticate: (...given) => authentication.authenticate(...given, textOf(server[endpoint])),
        options: requestOptions(oauth, parts, trip),
      })
    } catch (error) {
      throw failure(error, {
        endpoint,
        url: trip.url,
        phase: trip.phase,
        status: trip.status,
        issuer: issuer.url,
        client: id,
        method: authentication.method,
        clean: (words) => withoutSecrets(words, trip.secrets),
      })
    }
  }
}

/** The metadata, completed by what the protocol takes for granted. */
export async function serverOf(issuer: Issuer): Promise<AuthorizationServer> {
  const metadata = await issuer.metadata()
  // What the metadata hold is checked where it is used, by oauth4webapi.
  return {
    id_token_signing_alg_values_supported: signatures,
    ...metadata,
  } as AuthorizationServer
}

// For issuers that do not say: the reader of signatures decides, and knows no symmetric ones.
export const signatures: readonly string[] =
  'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519 Ed448'.split(' ')

/** The client in the words of oauth4webapi, with our clock. */
export const clientOf = (
  oauth: Protocol,
  { registration, now, tolerance }: ExchangeParts,
): Client => ({
  client_id: registration.id,
  use_mtls_endpoint_aliases: registration.authentication.fetch !== undefined,
  [oauth.clockSkew]: Math.round((now() - Date.now()) / 1000),
  [oauth.clockTolerance]: tolerance,
})

/** How far an exchange got. */
interface Trip {
  readonly endpoint: Asked['endpoint']
  url: string | undefined
  phase: string
  status: number | undefined
  /** What was sent and must not be said again. */
  secrets: readonly string[]
}

function requestOptions(oauth: Protocol, parts: ExchangeParts, trip: Trip): RequestOptions {
  const insecure = parts.allowInsecure || parts.issuer.url.startsWith('http:')
  return {
    [oauth.customFetch]: (url: string, init: Outgoing): Promise<Response> =>
      withDeadline(parts.timeout, (signal) =>
        send(url, { ...init, ...uncached, body: init.body ?? null, signal }, parts, trip),
      ),
    // oxlint-disable-next-line typescript/no-deprecated -- deprecated so that it stands out; only for issuers on http:
    [oauth.allowInsecureRequests]: insecure,
  }
}

/** What oauth4webapi hands to a fetch. */
interface Outgoing {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: URLSearchParams | undefined
  readonly redirect: 'manual'
}

async function send(
  url: string,
  init: RequestInit & { readonly signal: AbortSignal },
  { fetch, registration, allowInsecure, now }: ExchangeParts,
  trip: Trip,
): Promise<Response> {
  trip.url = url
  const form = init.body instanceof URLSearchParams ? init.body : new URLSearchParams()
  trip.secrets = secretsIn(form, new Headers(init.headers))
  const start = performance.now()
  const go = registration.authentication.fetch ?? fetch
  try {
    const refused = insecurity(new URL(url), allowInsecure)
    if (refused !== undefined) throw new Error(`its address ${refused}`)
    // Raced, because a fetch that was handed in may not listen to its signal.
    const answer = go(url, init).then((response) => receive(response, trip, now))
    return await Promise.race([answer, passed(init.signal)])
  } catch (error) {
    if (Outage.is(error)) throw error
    const why = init.signal.aborted ? 'no complete answer' : describe(error)
    const elapsed = `after ${Math.round(performance.now() - start)} ms`
    throw new Outage('endpoint_failed', `${why} ${elapsed}`, {
      url,
      phase: trip.phase,
      cause: error,
    })
  }
}

/** Takes the whole answer in, or fails where it says nothing about what was asked. */
async function receive(response: Response, trip: Trip, now: () => number): Promise<Response> {
  const { status, headers } = response
  trip.status = status
  if (status === 429 || status >= 500 || (status >= 300 && status < 400)) {
    await response.body?.cancel()
    throw new Outage('endpoint_failed', `it answered ${status}`, {
      ...(trip.url && { url: trip.url }),
      phase: status < 400 ? 'redirect' : 'status',
      ...retryAfter(response, now),
    })
  }
  trip.phase = 'body'
  const body = await readBody(response)
  trip.phase = 'content'
  // The error in the body says more than a challenge, which oauth4webapi would stop at.
  const kept = new Headers(headers)
  kept.delete('www-authenticate')
  const said = trip.endpoint === 'token_endpoint' ? withoutNulls(body) : body
  return new Response(said, { status, headers: kept })
}

const maxBytes = 512 * 1024

// Counts what arrives after decompression, so that a small archive of a large answer ends early too.
async function readBody(response: Response): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return size === 0 ? null : new Uint8Array(Buffer.concat(chunks))
}

const longestWait = 3600

// Windows of limits are of about a minute: with a wrong clock nobody shall wait for longer.
const longestWindow = 60

// In the place of Retry-After, Okta and Auth0 name the end of their window, in epoch seconds.
function retryAfter(
  { status, headers }: Response,
  now: () => number,
): { readonly retryAfter?: number } {
  const field = headers.get('retry-after')
  if (field !== null) {
    const wait = retryAfterSeconds(field, now())
    return Number.isNaN(wait) ? {} : { retryAfter: Math.min(wait, longestWait) }
  }
  const reset = headers.get('x-rate-limit-reset') ?? headers.get('x-ratelimit-reset')
  const wait = Number(reset ?? Number.NaN) - now() / 1000
  return status !== 429 || Number.isNaN(wait) ? {} : { retryAfter: Math.min(wait, longestWindow) }
}
