// Milliseconds that a clock may be corrected by without anybody noticing.
const correction = 60_000

/** Whether a span of milliseconds has begun and not ended; where the clock was set back, it counts as ended. */
export const lasts = (elapsed: number, span: number): boolean =>
  elapsed < span && elapsed > -correction
