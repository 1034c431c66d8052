import { isPromise } from '@portcullis/core'
import type { Answer } from '../check/answer.ts'
import type { Check } from '../check/check.ts'
import type { GatewayConfig } from '../config/config.ts'
import type { Inquiry } from '../check/inquiry.ts'
import { decisionLine } from './decision-line.ts'
import type { LineLog } from './log.ts'
import type { Tally } from './tally.ts'

/** What sees every decision of a dialect. */
export interface Observation {
  readonly tally: Tally
  readonly log: LineLog
  /** Which decisions are logged; asked each time, because a new configuration may say otherwise. */
  readonly level: () => GatewayConfig['log']
}

/** Told of every decision; `inquiry` is absent where the question could not be read. */
export type Observe = (answer: Answer, inquiry: Inquiry | undefined, seconds: number) => void

/** Counts and logs decisions. */
export const createObserver =
  ({ tally, log, level }: Observation): Observe =>
  (answer, inquiry, seconds) => {
    tally.record(answer, seconds)
    const wanted = level() ?? 'refusals'
    if (wanted === 'none' || (wanted === 'refusals' && answer.outcome === 'allowed')) return
    log.write(decisionLine({ answer, inquiry, dialect: tally.dialect, seconds }))
  }

/** The same check, observed; still without a promise where there is nothing to wait for. */
export const observedCheck =
  (check: Check, observe: Observe): Check =>
  (inquiry) => {
    const start = performance.now()
    const seen = (answer: Answer): Answer => {
      observe(answer, inquiry, (performance.now() - start) / 1000)
      return answer
    }
    const answer = check(inquiry)
    return isPromise(answer) ? answer.then(seen) : seen(answer)
  }
