import type { ReplayStore } from './replay.ts'
import { createTimedMap, memoryOptions } from './timed.ts'

/** How many used names are kept in memory. */
export interface MemoryReplayOptions {
  /**
   * Names at most. A full memory refuses new ones with an `Outage`, because to drop one would let it be
   * used again. Default 100,000.
   */
  readonly entries?: number
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/** Remembers used names in the memory of one process: a restart forgets them. */
export function memoryReplays(options: MemoryReplayOptions = {}): ReplayStore {
  const settings = memoryOptions('memoryReplays', options, 100_000)
  const used = createTimedMap<true>('memoryReplays', settings)
  return {
    first: (name, seconds) => {
      if (used.get(name) !== undefined) return false
      used.set(name, true, settings.now() + seconds * 1000)
      return true
    },
    has: (name) => used.get(name) !== undefined,
  }
}
