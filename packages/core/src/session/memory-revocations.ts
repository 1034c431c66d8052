import type { Revocations } from './revocations.ts'
import { createTimedMap, memoryOptions } from './timed.ts'

/** How many revocations are kept in memory. */
export interface MemoryRevocationOptions {
  /**
   * Marks at most. A full memory refuses new ones with an `Outage`, because to drop one would bring an
   * ended session back to life. Default 100,000.
   */
  readonly entries?: number
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/** Remembers revocations in the memory of one process: a restart forgets them. */
export function memoryRevocations(options: MemoryRevocationOptions = {}): Revocations {
  const settings = memoryOptions('memoryRevocations', options, 100_000)
  const marks = createTimedMap<number>('memoryRevocations', settings)
  return {
    revoke: (name, at, seconds) => {
      const until = settings.now() + seconds * 1000
      const newest = Math.max(at, marks.get(name) ?? at)
      marks.set(name, newest, Math.max(until, marks.endOf(name) ?? until))
    },
    latest: (names) =>
      names
        .map((name) => marks.get(name))
        .filter((at) => at !== undefined)
        .toSorted((a, b) => a - b)
        .at(-1),
  }
}
