import { isPromise, Refusal, type MaybePromise } from '@portcullis/core'
import type { Answer } from '../check/answer.ts'
import type { Check } from '../check/check.ts'
import { refused, refusedBy } from '../check/conclude.ts'
import type { Inquiry } from '../check/inquiry.ts'
import { InquiryMalformed } from './malformed.ts'

/** Asks, and turns whatever is thrown into an answer. */
export function answerTo(check: Check, inquiry: Inquiry): MaybePromise<Answer> {
  try {
    const answer = check(inquiry)
    return isPromise(answer) ? answer.catch(answerToError) : answer
  } catch (error) {
    return answerToError(error)
  }
}

/** What was thrown on the way, as an answer: only a wrong question is the asker's fault. */
export function answerToError(error: unknown): Answer {
  if (InquiryMalformed.is(error)) return { ...malformed, reason: error.message }
  if (Refusal.is(error)) return refusedBy(undefined, error)
  return failed(error instanceof Error ? error : undefined)
}

const malformed = refused(400, 'inquiry_malformed')

const failed = (cause: Error | undefined): Answer => ({
  outcome: 'unavailable',
  route: undefined,
  retryAfter: 1,
  code: 'failed',
  cause,
})
