import { Outage } from '../../errors/outage.ts'
import { quietly } from '../../errors/quietly.ts'
import { Refusal } from '../../errors/refusal.ts'
import type { MaybePromise } from '../../lib/maybe-promise.ts'
import type { Breaker } from './breaker.ts'

/** How many may ask at a time. */
export interface TrafficParts {
  readonly maxInFlight: number
  readonly breaker: Breaker | undefined
  /** Whose endpoint is asked, for the outage. */
  readonly url: string
}

/** Asks about a token and reads the answer, once for all who want to know now. Throws an `Outage` where nobody may ask. */
export type Traffic<Answer, T> = (id: string, trip: Trip<Answer, T>) => Promise<T>

/** One question. */
export interface Trip<Answer, T> {
  readonly ask: () => Promise<Answer>
  readonly read: (answer: Answer) => MaybePromise<T>
}

/** Makes the way to the issuer: one flight a token, no more than so many, none while it fails. */
export function createTraffic<Answer, T>({
  maxInFlight,
  breaker,
  url,
}: TrafficParts): Traffic<Answer, T> {
  const flights = new Map<string, Promise<T>>()

  const watched = async (ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await ask()
      breaker?.settle()
      return answer
    } catch (error) {
      breaker?.settle(failureOf(error))
      throw error
    }
  }

  const fly = async (id: string, { ask, read }: Trip<Answer, T>): Promise<T> => {
    try {
      return await read(await watched(ask))
    } finally {
      flights.delete(id)
    }
  }

  return (id, trip) => {
    const known = flights.get(id)
    if (known !== undefined) return known
    if (flights.size >= maxInFlight) throw full(maxInFlight, url)
    // Last, because whoever passes it is the one that tries.
    const stopped = breaker?.stops()
    if (stopped !== undefined) throw stopped
    const flight = fly(id, trip)
    flights.set(id, flight)
    return flight
  }
}

// What was refused about one token says nothing about the next one, and anybody can send such a token.
const failureOf = (error: unknown): Outage | undefined =>
  Outage.is(error) && !Refusal.is(error.cause) ? error : undefined

const full = (most: number, url: string): Outage =>
  quietly(
    () =>
      new Outage('endpoint_failed', `${most} requests are under way, and no more are allowed`, {
        url,
        phase: 'connect',
      }),
  )
