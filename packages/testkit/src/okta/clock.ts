import type { Clock } from '../clock.ts'

/** A clock that runs with the real one, and can be put forward. */
export function createRunningClock(): Clock {
  let ahead = 0
  return {
    now: () => Date.now() + ahead,
    advance: (seconds) => {
      ahead += seconds * 1000
    },
    set: (time) => {
      ahead = Number(time) - Date.now()
    },
  }
}
