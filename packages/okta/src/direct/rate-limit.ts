import { retryAfterSeconds } from '@portcullis/core'

const longestWait = 3600

/**
 * Seconds that an answer of 429 wants: `Retry-After` where it is there, otherwise `X-Rate-Limit-Reset`,
 * which Okta gives as a point in time. `now` is epoch milliseconds.
 */
export function waitOf(headers: Headers, now: number): number {
  const field = headers.get('retry-after')
  if (field === null && isOfConcurrency(headers)) return 1
  const reset = Math.max(...numbersOf(headers, 'x-rate-limit-reset'))
  const wait = field === null ? reset - now / 1000 : retryAfterSeconds(field, now)
  return Number.isFinite(wait) ? Math.min(Math.max(1, Math.ceil(wait)), longestWait) : 1
}

// Of one field that came more than once, too (RFC 9110 §5.3): Okta sends a set for each limit that was met.
const numbersOf = (headers: Headers, name: string): readonly number[] =>
  headers.get(name)?.split(',').map(Number) ?? []

// Too many requests at one time: Okta says a limit of 0, and a reset that is an estimate. It is over as soon
// as another request is done.
const isOfConcurrency = (headers: Headers): boolean => {
  const limits = numbersOf(headers, 'x-rate-limit-limit')
  return limits.length > 0 && limits.every((limit) => limit === 0)
}

/**
 * Whether a 429 is of the org's own limit, which holds for everybody who asks there. The limit of one user
 * has the same error code, while something is left of that one: held against everybody, it would let a
 * stranger who hammers one name keep all others out. Nor is the limit of concurrent requests one to wait
 * for. `unsaid` is what holds where nothing says what is left.
 */
export function isOfOrg(
  headers: Headers,
  body: Readonly<Record<string, unknown>> | undefined,
  unsaid: boolean,
): boolean {
  if (body?.['errorCode'] !== 'E0000047' || isOfConcurrency(headers)) return false
  const left = numbersOf(headers, 'x-rate-limit-remaining')
  return left.length === 0 ? unsaid : left.includes(0)
}

/** Remembers which endpoints are not to be asked for a while. */
export interface Cooling {
  start(url: string, seconds: number): void
  /** Seconds that are left, or `undefined` where the endpoint may be asked. */
  left(url: string): number | undefined
}

// Okta's windows are of about a minute: a wrong clock must not keep everybody out for longer.
const longestCooling = 60

/** Makes the memory of an org's limits. */
export function createCooling(now: () => number): Cooling {
  const until = new Map<string, number>()
  return {
    start: (url, seconds) => {
      until.set(url, now() + Math.min(seconds, longestCooling) * 1000)
    },
    left: (url) => {
      const rest = ((until.get(url) ?? 0) - now()) / 1000
      if (rest > 0 && rest <= longestCooling) return Math.ceil(rest)
      until.delete(url)
      return undefined
    },
  }
}
