import { Outage } from '../errors/outage.ts'

/** Spaces the tries after failures: 1, 2, 4, 8, 16, then 30 seconds. */
export interface BackOff {
  readonly failures: number
  readonly lastFailure: Outage | undefined
  /** Milliseconds until the next try is due; 0 where it is. */
  left(): number
  /** Takes note of an outage, and passes every error on. */
  failed(error: unknown): never
  reset(): void
}

const longest = 30_000

export function createBackOff(now: () => number): BackOff {
  let failures = 0
  let lastFailure: Outage | undefined
  let retryAt = Number.NEGATIVE_INFINITY
  return {
    get failures() {
      return failures
    },
    get lastFailure() {
      return lastFailure
    },
    left: () => {
      const wait = retryAt - now()
      // More than the longest is left only where the clock was set back.
      return wait <= 0 || wait > longest ? 0 : wait
    },
    failed: (error) => {
      if (!Outage.is(error)) throw error
      retryAt = now() + Math.min(longest, 2 ** failures * 1000)
      failures++
      lastFailure = error
      throw error
    },
    reset: () => {
      failures = 0
      lastFailure = undefined
      retryAt = Number.NEGATIVE_INFINITY
    },
  }
}
