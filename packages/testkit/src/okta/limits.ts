import type { OktaLimits } from './options.ts'
import type { Person } from './people.ts'

/** What the `X-Rate-Limit-*` fields say. */
export interface Allowance {
  readonly isAllowed: boolean
  readonly limit: number
  readonly remaining: number
  /** Epoch seconds. */
  readonly reset: number
}

/** The counters behind every 429 and every lock-out. */
export interface Limits {
  perMinute: number
  perUser: number
  lockOutAfter: number
  /** Counts one request for an endpoint. */
  readonly take: (endpoint: string) => Allowance
  /** Counts one attempt for a user name, known or not; `false` says that it was one too many. */
  readonly takeUser: (login: string) => boolean
  /** Counts a wrong password or code; locks the user out when it was the last one allowed. */
  readonly fail: (person: Person) => void
  readonly succeed: (person: Person) => void
}

export function createLimits(options: OktaLimits, now: () => number): Limits {
  const minute = createWindows(60_000, now)
  const second = createWindows(1000, now)
  return {
    perMinute: options.perMinute ?? 600,
    perUser: options.perUser ?? Infinity,
    lockOutAfter: options.lockOutAfter ?? 10,
    take(endpoint) {
      const limit = this.perMinute
      const { count, end } = minute(endpoint)
      const remaining = Math.max(0, limit - count)
      return { isAllowed: count <= limit, limit, remaining, reset: Math.ceil(end / 1000) }
    },
    takeUser(login) {
      return second(login.toLowerCase()).count <= this.perUser
    },
    fail(person) {
      person.failures++
      if (person.failures >= this.lockOutAfter) person.status = 'LOCKED_OUT'
    },
    succeed(person) {
      person.failures = 0
    },
  }
}

function createWindows(
  length: number,
  now: () => number,
): (key: string) => { readonly count: number; readonly end: number } {
  const windows = new Map<string, { count: number; end: number }>()
  return (key) => {
    const known = windows.get(key)
    const window = known && known.end > now() ? known : { count: 0, end: now() + length }
    window.count++
    windows.set(key, window)
    return window
  }
}
