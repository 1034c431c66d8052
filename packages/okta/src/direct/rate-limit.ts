const longestWait = 3600

/**
 * Seconds that an answer of 429 wants: `Retry-After` where it is there, otherwise `X-Rate-Limit-Reset`,
 * which Okta gives as a point in time. `now` is epoch milliseconds.
 */
export function waitOf(headers: Headers, now: number): number {
  const field = headers.get('retry-after')
  const reset = Number(headers.get('x-rate-limit-reset') ?? Number.NaN)
  const wait = field === null ? reset - now / 1000 : secondsOf(field, now)
  return Number.isFinite(wait) ? Math.min(Math.max(1, Math.ceil(wait)), longestWait) : 1
}

// RFC 9110 §10.2.3: seconds, or a date.
const secondsOf = (field: string, now: number): number =>
  /^\d+$/.test(field) ? Number(field) : (Date.parse(field) - now) / 1000

/**
 * Whether a 429 is of the org's own limit, which holds for everybody who asks there. The limit of one user
 * has the same error code, while something is left of that one: held against everybody, it would let a
 * stranger who hammers one name keep all others out. `unsaid` is what holds where nothing says what is left.
 */
export function isOfOrg(
  headers: Headers,
  body: Readonly<Record<string, unknown>> | undefined,
  unsaid: boolean,
): boolean {
  const left = headers.get('x-rate-limit-remaining')
  return body?.['errorCode'] === 'E0000047' && (left === null ? unsaid : left === '0')
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
