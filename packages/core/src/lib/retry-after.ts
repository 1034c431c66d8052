/** Seconds that a `Retry-After` wants (RFC 9110 §10.2.3): so many, or until a date. `NaN` where it is neither; `now` is epoch milliseconds. */
export const retryAfterSeconds = (field: string, now: number): number =>
  /^\d+$/.test(field) ? Number(field) : (timeOf(field) - now) / 1000

// RFC 9110 §5.6.7: the oldest of the three forms ends with the year, and means GMT as the others do.
const timeOf = (date: string): number => Date.parse(/ \d{4}$/.test(date) ? `${date} GMT` : date)
