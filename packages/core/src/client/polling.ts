import { Outage } from '../errors/outage.ts'
import { longestTimer } from '../lib/deadline.ts'
import type { Grant, GrantParts } from './grant.ts'
import type { GrantedTokens } from './tokens.ts'

/** What became of a request that a person answers elsewhere. */
export type FinalOutcome =
  | { readonly status: 'granted'; readonly tokens: GrantedTokens }
  /** The person said no, or the issuer for the person. */
  | { readonly status: 'denied' }
  /** Nobody answered in time. */
  | { readonly status: 'expired' }

/** What one poll found. `interval`: seconds until the next one may be sent. */
export type PollOutcome =
  | FinalOutcome
  | { readonly status: 'pending' | 'slow_down'; readonly interval: number }

/** How the waiting goes, after each poll that settled nothing. */
export interface PollProgress {
  readonly status: 'pending' | 'slow_down' | 'unreachable'
  /** How many polls there were. */
  readonly polls: number
  /** Seconds until the next one. */
  readonly wait: number
  /** Seconds until the request expires. */
  readonly expiresIn: number
}

/** How to wait. */
export interface WaitOptions {
  /** Ends the waiting: it rejects with the signal's reason. A poll under way is finished first, so that no tokens are lost. */
  readonly signal?: AbortSignal
  /** Told after each poll that settled nothing: for a progress indicator. */
  readonly onProgress?: (progress: PollProgress) => void
}

/** A request that a person is about to answer elsewhere. */
export interface PendingGrant {
  /** Epoch seconds by our clock. */
  readonly expiresAt: number
  /** Seconds to leave before the first poll, and between two. */
  readonly interval: number
  /** Asks once. Whoever calls it keeps the `interval`; meanwhile the next one gets the same outcome. */
  poll(): Promise<PollOutcome>
  /**
   * Polls until there is an outcome, slower when the issuer says so or cannot be reached (RFC 8628 §3.5).
   * Rejects with an `Outage` where the issuer could not be reached until the end.
   */
  wait(options?: WaitOptions): Promise<FinalOutcome>
}

/** What the issuer said when the request began. */
export interface Begun {
  /** The `grant_type` of the polls. */
  readonly type: string
  /** The field that names the request, and its secret. */
  readonly form: Readonly<Record<string, string>>
  /** Seconds. */
  readonly expiresIn: number
  /** Seconds. Default 5. */
  readonly interval: number | undefined
  /** Epoch milliseconds when the request was sent. */
  readonly since: number
}

// A hostile or mistaken interval must not become a flood.
const leastInterval = 1
const slowdown = 5
const mostPatience = 60

/** Makes the polling of one request. */
export function createPendingGrant(parts: GrantParts, begun: Begun): PendingGrant {
  const { now, sleep, trade } = parts
  const expiresAt = Math.floor(begun.since / 1000) + begun.expiresIn
  const remaining = () => Math.max(0, expiresAt - now() / 1000)
  let interval = Math.max(leastInterval, begun.interval ?? 5)

  const ask = async (): Promise<PollOutcome> => {
    if (remaining() === 0) return { status: 'expired' }
    const outcome = await trade(pollGrant(begun))
    if (outcome.status === 'slow_down') interval += slowdown
    return isFinal(outcome) ? outcome : { status: outcome.status, interval }
  }

  // CIBA Core §10.1: no two at a time. Of two that get through, one would be told that the code is used.
  let flight: Promise<PollOutcome> | undefined
  const poll = (): Promise<PollOutcome> =>
    (flight ??= ask().finally(() => {
      flight = undefined
    }))

  const wait = async ({ signal, onProgress }: WaitOptions = {}): Promise<FinalOutcome> => {
    let failure: Outage | undefined
    let pause = interval
    for (let polls = 1; ; polls += 1) {
      // oxlint-disable-next-line no-await-in-loop -- each poll waits for the one before
      await sleep(Math.min(pause, remaining()), signal)
      signal?.throwIfAborted()
      // oxlint-disable-next-line no-await-in-loop -- its outcome decides whether there is a next one
      const outcome = await poll().catch(outageOrThrow)
      if (!Outage.is(outcome) && isFinal(outcome)) {
        if (outcome.status === 'expired' && failure !== undefined) throw failure
        return outcome
      }
      failure = Outage.is(outcome) ? outcome : undefined
      pause = failure === undefined ? interval : slower(pause, interval, failure)
      const status = Outage.is(outcome) ? 'unreachable' : outcome.status
      onProgress?.({ status, polls, wait: pause, expiresIn: remaining() })
    }
  }

  return { expiresAt, interval, poll, wait }
}

// RFC 8628 §3.5: slower in any case, also where the issuer wants a minute between two polls or more.
const slower = (pause: number, interval: number, { retryAfter }: Outage): number =>
  Math.max(pause, retryAfter, Math.min(pause * 2, Math.max(mostPatience, interval * 2)))

const outageOrThrow = (error: unknown): Outage => {
  if (Outage.is(error)) return error
  throw error
}

const isFinal = (outcome: Settled): outcome is FinalOutcome =>
  outcome.status !== 'pending' && outcome.status !== 'slow_down'

type Settled = FinalOutcome | { readonly status: 'pending' | 'slow_down' }

// RFC 8628 §3.5, OpenID Connect CIBA Core §11.
const outcomes: ReadonlyMap<string, Settled> = new Map<string, Settled>([
  ['authorization_pending', { status: 'pending' }],
  ['slow_down', { status: 'slow_down' }],
  ['access_denied', { status: 'denied' }],
  ['expired_token', { status: 'expired' }],
])

const pollGrant = ({ type, form }: Begun): Grant<Settled> => ({
  type,
  form,
  granted: (tokens) => ({ status: 'granted', tokens }),
  refused: (error) => outcomes.get(error),
})

/** Sleeps by the real clock. */
export const sleepFor = (seconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(reasonOf(signal))
    }
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      },
      Math.min(seconds * 1000, longestTimer),
    )
    if (signal?.aborted === true) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })

const reasonOf = (signal: AbortSignal | undefined): Error => {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new Error('the waiting was aborted', { cause: reason })
}
