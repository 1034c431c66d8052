import { Outage } from '@portcullis/core'
import type { DirectAnswer } from './answer.ts'
import { checkPush, postponed } from './oob.ts'
import type { PollOptions } from './options.ts'
import type { DirectParts } from './parts.ts'
import type { OobState } from './state.ts'

// In a row, after which Okta counts as out of reach.
const mostOutages = 3

/** Waits until the user has answered, or can no longer. */
export async function pollPush(
  parts: DirectParts,
  first: OobState,
  options: PollOptions,
): Promise<DirectAnswer> {
  const { signal } = options
  let state = first
  let pause = first.interval ?? pollSeconds
  let polls = 0
  let outages = 0
  // Every round ends later than the one before, so that expiry ends them.
  for (;;) {
    signal?.throwIfAborted()
    // oxlint-disable-next-line no-await-in-loop -- the pause between two polls
    await wait(parts, options, { state, pause, polls })
    // oxlint-disable-next-line no-await-in-loop -- one poll after the other
    const answer = await checkPush(parts, state, options).catch((error: unknown) => {
      if (!Outage.is(error) || outages + 1 >= mostOutages) throw error
      return undefined
    })
    outages = answer === undefined ? outages + 1 : 0
    const next = pauseAfter(answer, state)
    if (answer !== undefined && next === undefined) return answer
    pause = next ?? pollSeconds
    if (answer?.status === 'pending') polls += 1
    state = answer?.status === 'pending' ? answer.state : postponed(parts, state, pause).state
  }
}

interface Round {
  readonly state: OobState
  /** Seconds at most: a clock that is put back makes nobody wait for longer. */
  readonly pause: number
  readonly polls: number
}

function wait(
  { now, sleep }: DirectParts,
  { signal, onProgress }: PollOptions,
  { state, pause, polls }: Round,
): Promise<void> {
  const rest = ((state.nextPollAt ?? 0) - now()) / 1000
  const interval = Math.min(Math.max(0, rest), pause)
  const secondsLeft = Math.max(0, (state.expiresAt - now()) / 1000)
  onProgress?.({ polls, secondsLeft, interval })
  return sleep(Math.min(interval, secondsLeft), signal)
}

const pollSeconds = 5

/** Seconds to wait at most after something that is no answer of the user; `undefined` after one that is. */
function pauseAfter(
  answer: DirectAnswer | undefined,
  { interval = pollSeconds }: OobState,
): number | undefined {
  // RFC 8628 §3.5: less often after a failed connection.
  if (answer === undefined) return interval * 2
  if (answer.status === 'pending') return answer.state.interval ?? pollSeconds
  if (answer.status !== 'failed' || answer.code !== 'rate_limited') return undefined
  return Math.max(answer.retryAfter ?? 1, interval)
}
