import { Outage } from '@portcullis/core'
import { numberOf } from './describe-factor.ts'
import { failed } from './failure.ts'
import type { Poll } from './factors.ts'
import type { AuthnFactorCall, AuthnPollCall } from './options.ts'
import { choosing, proceed, type Place } from './place.ts'
import type { AuthnAnswer } from './steps.ts'

// In a row, after which Okta counts as out of reach.
const mostOutages = 3

/** Waits until the user has answered, or for as long as the options say. */
export const pollUntilAnswered =
  (first: Place, factor: string): Poll =>
  async (call = {}) => {
    const { now, pollInterval, pollTimeout } = first.parts
    const endsAt = now() + pollTimeout * 1000
    // Counted as well as timed: a clock that stands still must not make it endless.
    const mostPolls = Math.ceil(pollTimeout / pollInterval) + 1
    let at: Waiting = { place: first, pause: pollInterval, outages: 0, answer: undefined }
    for (let polls = 0; polls < mostPolls && now() < endsAt; polls++) {
      // oxlint-disable-next-line no-await-in-loop -- one poll after the other
      at = await wait(at, { factor, call, polls, secondsLeft: (endsAt - now()) / 1000 })
      if (at.answer !== undefined) return at.answer
    }
    return failed('unanswered', { step: at.place.step() })
  }

interface Waiting {
  readonly place: Place
  /** Seconds before the next poll. */
  readonly pause: number
  readonly outages: number
  /** Once there is nothing to wait for. */
  readonly answer: AuthnAnswer | undefined
}

interface Round {
  readonly factor: string
  readonly call: AuthnPollCall
  readonly polls: number
  readonly secondsLeft: number
}

async function wait(at: Waiting, { factor, call, polls, secondsLeft }: Round): Promise<Waiting> {
  const { place, pause } = at
  const { sleep, pollInterval } = place.parts
  call.signal?.throwIfAborted()
  const [read] = place.reading.factors
  call.onProgress?.({ polls, secondsLeft, interval: pause, number: read && numberOf(read) })
  await sleep(Math.min(pause, secondsLeft), call.signal)
  const usual: Waiting = { place, pause: pollInterval, outages: 0, answer: undefined }
  try {
    const answer = await pollOnce(place, factor, call)
    if (answer.status === 'failed' && answer.code === 'rate_limited') {
      return { ...usual, pause: Math.max(pollInterval, answer.retryAfter ?? 1) }
    }
    return waits(answer) ? { ...usual, place: placeOf(place, answer) } : { ...usual, answer }
  } catch (error) {
    const outages = at.outages + 1
    if (!Outage.is(error) || outages >= mostOutages) throw error
    return { ...usual, outages }
  }
}

/** Asks once whether the user has answered. */
export function pollOnce(
  place: Place,
  factor: string,
  call: AuthnFactorCall,
): Promise<AuthnAnswer> {
  const { next } = place.reading
  if (next === undefined) return Promise.resolve(failed('state_wrong'))
  return proceed(place, choosing(next, call), { act: 'poll', factor, call })
}

const waits = (answer: AuthnAnswer): boolean => 'isWaiting' in answer && answer.isWaiting

/** The way on is that of the newest answer. */
function placeOf(place: Place, answer: AuthnAnswer): Place {
  const kept = answer.status === 'failed' ? undefined : place.parts.kept.get(answer)
  if (answer.status === 'failed' || kept === undefined) return place
  return { ...place, reading: kept.reading, step: () => answer }
}
