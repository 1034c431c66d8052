import { Outage, uncached } from '@portcullis/core'
import { createEnd, outageOf, parse, readText, type Trip } from '../direct/post.ts'
import { createCooling, isOfOrg, waitOf, type Cooling } from '../direct/rate-limit.ts'
import { cleaned, printed } from '../direct/words.ts'
import type { Json } from './json.ts'

/** What is asked of the org. */
export interface Wish {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  readonly body?: Json
  readonly headers: Readonly<Record<string, string>>
  /** What may stand in no error, should it come back. */
  readonly secrets: readonly string[]
  readonly signal: AbortSignal | undefined
}

/** What the org answered. */
export interface Sent {
  readonly status: number
  /** `undefined` where the body is no JSON object. */
  readonly body: Json | undefined
  readonly requestId: string | undefined
  /** Seconds to wait, where it answered 429. */
  readonly retryAfter: number | undefined
  /** Words of the answer as they may be kept: without what was sent. */
  readonly clean: (words: string) => string
}

/** Asks the org: bounded in time and size, without redirects. Rejects with an `Outage`. */
export type Send = (wish: Wish) => Promise<Sent>

/** What the asking rests on. */
export interface SendParts {
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  /** Seconds for one exchange, body included. */
  readonly timeout: number
}

export function createSend(parts: SendParts): Send {
  const cooling = createCooling(parts.now)
  return async (wish) => {
    const { url, signal, secrets } = wish
    const clean = (words: string): string => cleaned(words, secrets)
    const held = cooling.left(bucketOf(url))
    if (held !== undefined) return heldBack(held, clean)
    const trip: Trip = { url, phase: 'connect', cooling, clean, now: parts.now }
    const end = createEnd(parts.timeout, signal)
    try {
      const answer = parts
        .fetch(url, { ...uncached, ...requestOf(wish), signal: end.signal })
        .then((response) => receive(response, trip))
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

const requestOf = ({ method, body, headers }: Wish): RequestInit => ({
  method,
  redirect: 'manual',
  headers: {
    accept: 'application/json',
    'user-agent': 'portcullis',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  },
  ...(body !== undefined && { body: JSON.stringify(body) }),
})

async function receive(response: Response, trip: Trip): Promise<Sent> {
  const { status, headers } = response
  const { url, clean, now, cooling } = trip
  trip.phase = 'body'
  const body = parse(await readText(response))
  trip.phase = 'content'
  if (status >= 300 && status < 400) throw new Error(`it answered ${status}`)
  const retryAfter = status === 429 ? waitOf(headers, now()) : undefined
  if (retryAfter !== undefined && isOfOrg(headers, body, false))
    startCooling(cooling, url, retryAfter)
  if (body === undefined && status >= 400 && status !== 429) {
    throw new Error(`it answered ${status} without JSON`)
  }
  const requestId = headers.get('x-okta-request-id')
  return {
    status,
    body,
    requestId: requestId === null ? undefined : printed(requestId, 80),
    retryAfter,
    clean,
  }
}

const startCooling = (cooling: Cooling, url: string, seconds: number): void =>
  cooling.start(bucketOf(url), seconds)

/** What the org counts together: the path, whatever ids are in it. */
const bucketOf = (url: string): string => {
  const { origin, pathname } = new URL(url)
  return origin + pathname.replace(/\/(factors|sessions|users)\/[^/]+/, '/$1/*')
}

const heldBack = (retryAfter: number, clean: Sent['clean']): Sent => ({
  status: 429,
  body: {
    errorCode: 'rate_limited',
    errorSummary: 'Nothing was sent: the limit that Okta named is not over yet.',
  },
  requestId: undefined,
  retryAfter,
  clean,
})
