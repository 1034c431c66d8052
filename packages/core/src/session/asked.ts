import { Outage } from '../errors/outage.ts'
import { cut } from '../http/challenge.ts'
import { within } from '../lib/deadline.ts'
import { describe } from '../lib/describe.ts'
import { isPromise, type MaybePromise } from '../lib/maybe-promise.ts'

/** Seconds that a store may take to answer. */
export const storePatience = 5

/** Asks a store; that it fails, or does not answer in time, is somebody else's failure. */
export function ask<T>(what: string, question: () => MaybePromise<T>): MaybePromise<T> {
  try {
    const answer = question()
    return isPromise(answer)
      ? within(storePatience, answer).catch((cause: unknown) => fail(what, cause))
      : answer
  } catch (cause) {
    return fail(what, cause)
  }
}

/** The same of a store that is always waited for. */
export const asked = async <T>(what: string, question: () => MaybePromise<T>): Promise<T> =>
  ask(what, question)

function fail(what: string, cause: unknown): never {
  if (Outage.is(cause)) throw cause
  throw new Outage('store_failed', cut(describe(cause)), { phase: what, cause })
}
