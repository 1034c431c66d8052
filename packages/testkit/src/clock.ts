/** A clock that stands still until it is told otherwise. */
export interface Clock {
  /** Epoch milliseconds: the `now` of `createGuard`, `createIssuer` and `createTokenIssuer`. */
  readonly now: () => number
  /** Goes forward; a negative number goes back. */
  readonly advance: (seconds: number) => void
  readonly set: (time: Date | number) => void
}

/** Makes a clock for the `now` seam; it starts at the given time, or at the real one. */
export function createClock(start: Date | number = Date.now()): Clock {
  let time = milliseconds(start)
  return {
    now: () => time,
    advance: (seconds) => {
      time = milliseconds(time + seconds * 1000)
    },
    set: (to) => {
      time = milliseconds(to)
    },
  }
}

function milliseconds(time: Date | number): number {
  const value = Number(time)
  if (!Number.isFinite(value))
    throw new TypeError('a clock needs a valid Date or epoch milliseconds')
  return value
}
