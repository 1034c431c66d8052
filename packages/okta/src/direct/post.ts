import { Outage, proveClient, secretsIn, uncached, type Registration } from '@portcullis/core'
import { createCooling, isOfOrg, waitOf, type Cooling } from './rate-limit.ts'
import { cleaned, printed } from './words.ts'

/** What an endpoint answered. */
export interface Posted {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly requestId: string | undefined
  /** Seconds to wait, where it answered 429. */
  readonly retryAfter: number | undefined
  /** Words of the answer as they may be kept: without what was sent. */
  readonly clean: (words: string) => string
}

/** Posts a form; members that are `undefined` are left out. */
export type Post = (
  url: string,
  fields: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
) => Promise<Posted>

/** What the posting rests on. */
export interface PostParts {
  readonly registration: Registration
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  /** Seconds for one exchange, body included. */
  readonly timeout: number
}

// What a timer can hold, in milliseconds.
const longestTimer = 2 ** 31 - 1

/** Makes the way to the endpoints of direct authentication: bounded in time and size, without redirects. */
export function createPost(parts: PostParts): Post {
  const cooling = createCooling(parts.now)
  return async (url, fields, signal) => {
    const secrets: string[] = []
    const clean = (words: string): string => cleaned(words, secrets)
    const held = cooling.left(url)
    if (held !== undefined) return heldBack(held, clean)
    const trip: Trip = { url, phase: 'connect', cooling, clean, now: parts.now }
    const end = createEnd(parts.timeout, signal)
    try {
      const request = await requestOf(url, fields, parts)
      secrets.push(...secretsIn(request.body, request.headers))
      const init = { method: 'POST', redirect: 'manual', ...uncached, ...request } as const
      const go = parts.registration.authentication.fetch ?? parts.fetch
      const answer = go(url, { ...init, signal: end.signal }).then((response) =>
        receive(response, trip),
      )
      // Raced, because a fetch that was handed in may not listen to its signal.
      return await Promise.race([answer, end.reached])
    } catch (error) {
      signal?.throwIfAborted()
      if (Outage.is(error)) throw error
      throw outageOf(error, trip, end.signal)
    } finally {
      end.forget()
    }
  }
}

export interface Trip {
  readonly url: string
  phase: string
  readonly cooling: Cooling
  readonly clean: (words: string) => string
  readonly now: () => number
}

interface FormRequest {
  readonly body: URLSearchParams
  readonly headers: Headers
}

async function requestOf(
  url: string,
  fields: Readonly<Record<string, string | undefined>>,
  { registration, now }: PostParts,
): Promise<FormRequest> {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.append(name, value)
  }
  const headers = new Headers({ accept: 'application/json', 'user-agent': 'portcullis' })
  await proveClient(registration, { url, form, headers, now })
  return { body: form, headers }
}

async function receive(response: Response, trip: Trip): Promise<Posted> {
  const { status, headers } = response
  const { url, clean, now } = trip
  trip.phase = 'body'
  const text = await readText(response)
  trip.phase = 'content'
  const body = parse(text)
  if (status >= 300 && status < 400) throw new Error(`it answered ${status}`)
  const retryAfter = status === 429 ? waitOf(headers, now()) : undefined
  if (retryAfter !== undefined && isOfOrg(headers, body, true)) trip.cooling.start(url, retryAfter)
  if (body === undefined && status !== 429) throw new Error(`it answered ${status} without JSON`)
  const requestId = headers.get('x-okta-request-id')
  return {
    status,
    body: body ?? {},
    requestId: requestId === null ? undefined : printed(requestId, 80),
    retryAfter,
    clean,
  }
}

const heldBack = (retryAfter: number, clean: Posted['clean']): Posted => ({
  status: 429,
  body: {
    error: 'rate_limited',
    error_description: 'Nothing was sent: the limit that Okta named is not over yet.',
  },
  requestId: undefined,
  retryAfter,
  clean,
})

const maxBytes = 256 * 1024

// Counts what arrives after decompression, so that a small archive of a large answer ends early too.
export async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let size = 0
  let text = ''
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

export function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined
  } catch {
    return undefined
  }
}

export /** When an exchange is over, whether it is done or not. */
interface End {
  readonly signal: AbortSignal
  readonly reached: Promise<never>
  /** To be called: a timer that went on would hold the request, and with it the password, until it ends. */
  readonly forget: () => void
}

export function createEnd(seconds: number, outer: AbortSignal | undefined): End {
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  const timer = setTimeout(stop, Math.min(Math.ceil(seconds * 1000), longestTimer))
  outer?.addEventListener('abort', stop, { once: true })
  if (outer?.aborted === true) stop()
  const { signal } = controller
  let give = (): void => undefined
  const reached = new Promise<never>((_resolve, reject) => {
    give = () => reject(new Error('aborted'))
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
  // It may end before anybody races with it.
  reached.catch(() => undefined)
  return {
    signal,
    reached,
    forget: () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', stop)
      signal.removeEventListener('abort', give)
    },
  }
}

// The error of a fetch that was handed in may hold the request, and with it the password: only its words go on.
export function outageOf(
  error: unknown,
  { url, phase, clean }: Trip,
  deadline: AbortSignal,
): Outage {
  const detail = deadline.aborted ? 'no complete answer in time' : clean(wordsOf(error))
  return new Outage('endpoint_failed', detail, { url, phase, cause: new Error(detail) })
}

/** The first cause with a text: what the resolver says is two or three levels down. */
function wordsOf(error: unknown, depth = 5): string {
  if (!(error instanceof Error)) return 'rejected without an error'
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause
  return depth > 0 && inner instanceof Error ? wordsOf(inner, depth - 1) : error.message
}
