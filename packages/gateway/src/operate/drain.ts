import type { DrainConfig } from '../config/config.ts'
import type { LineLog } from './log.ts'

/** What is done, one after the other, when the program is to end. */
export interface DrainSteps {
  /** From now on `/readyz` says no, and answers ask for another connection. */
  readonly turnAway: () => void
  /** Takes no new connections, finishes what is on the way within some seconds. */
  readonly finish: (grace: number) => Promise<void>
}

const wait = (seconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000)
  })

/** Ends in such a way that no request is lost: proxies get time to turn away before the door closes. */
export async function drain(
  { delay = 1, grace = 10 }: DrainConfig,
  { turnAway, finish }: DrainSteps,
  log: LineLog,
): Promise<void> {
  log.write({ event: 'draining', delay, grace })
  turnAway()
  await wait(delay)
  await finish(grace)
  log.write({ event: 'drained' })
  await log.flush()
}
