import { isPromise, tell } from '@portcullis/core'
import type { Answer } from '../check/answer.ts'
import type { Check } from '../check/check.ts'
import type { Inquiry } from '../check/inquiry.ts'
import { answerTo, answerToError } from '../listen/ask.ts'
import type { OnAnswer } from '../listen/serve.ts'

/** Whom a listener asks, and whom it tells. */
export interface AskOptions {
  readonly check: Check
  /** For logs and metrics. What it throws is dropped. */
  readonly onAnswer?: OnAnswer | undefined
}

/** Answers one question, at once where the check does. `respond` returns what really went out. */
export type Ask<Q> = (question: Q, respond: (answer: Answer) => Answer) => void

/** For the dialects that are not HTTP: reads, asks, responds, and tells the observer. Never throws. */
export const createAsk =
  <Q>(read: (question: Q) => Inquiry, { check, onAnswer }: AskOptions): Ask<Q> =>
  (question, respond) => {
    const begun = onAnswer === undefined ? 0 : performance.now()
    let inquiry: Inquiry | undefined
    const conclude = (answer: Answer): void => {
      const sent = respond(answer)
      if (onAnswer !== undefined) {
        tell(onAnswer, sent, inquiry, (performance.now() - begun) / 1000)
      }
    }
    try {
      inquiry = read(question)
    } catch (error) {
      conclude(answerToError(error))
      return
    }
    const answer = answerTo(check, inquiry)
    if (isPromise(answer)) void answer.then(conclude)
    else conclude(answer)
  }
