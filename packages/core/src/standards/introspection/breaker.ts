import type { Outage } from '../../errors/outage.ts'
import type { BreakerOptions } from './options.ts'

/** Stops requests to an issuer that fails, and lets one at a time find out whether it still does. */
export interface Breaker {
  /** The outage to answer with where nobody is to ask now. Whoever gets none asks, and says how it went. */
  stops(): Outage | undefined
  /** How a request went: the outage, or nothing where the issuer answered. */
  settle(outage?: Outage): void
  /** In a row. */
  readonly failures: number
  readonly lastFailure: Outage | undefined
  /** Whether nobody may ask now. False as soon as the next request may try: a readiness probe that stops the traffic would otherwise keep it open. */
  readonly open: boolean
}

// Seconds that an issuer's Retry-After can keep everybody out for.
const longest = 60

export function createBreaker(
  { failures: limit = 5, openFor = 10 }: BreakerOptions,
  now: () => number,
): Breaker {
  let failures = 0
  let lastFailure: Outage | undefined
  let opened: { readonly at: number; readonly seconds: number } | undefined
  let trying = false

  const left = (): number => {
    if (opened === undefined) return 0
    const passed = (now() - opened.at) / 1000
    // Less than nothing has passed where the clock was set back: then it is time to try.
    return passed < 0 ? 0 : Math.max(0, opened.seconds - passed)
  }

  return {
    get failures() {
      return failures
    },
    get lastFailure() {
      return lastFailure
    },
    get open() {
      return opened !== undefined && (trying || left() > 0)
    },
    stops: () => {
      if (opened === undefined || lastFailure === undefined) return undefined
      const wait = left()
      if (wait > 0 || trying) return lastFailure.again(wait)
      trying = true
      return undefined
    },
    settle: (outage) => {
      trying = false
      lastFailure = outage
      failures = outage === undefined ? 0 : failures + 1
      if (outage === undefined) {
        opened = undefined
        return
      }
      const wait = Math.min(outage.retryAfter, longest)
      if (failures >= limit || opened !== undefined || wait > 1) {
        opened = { at: now(), seconds: Math.max(wait, openFor) }
      }
    },
  }
}
