import { optionChecks, Outage } from '@portcullis/core'
import type { AttemptStore } from './attempts.ts'

/** How much is kept in memory. */
export interface MemoryAttemptOptions {
  /** Users and addresses at most. A full memory refuses more with an `Outage`: to forget one would give it new attempts. Default 100,000. */
  readonly entries?: number
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

interface TakenUntil {
  readonly id: string
  /** Epoch milliseconds. */
  readonly until: number
}

/** Counts attempts in the memory of one process: a restart forgets them, and another process counts its own. */
export function memoryAttempts(options: MemoryAttemptOptions = {}): AttemptStore {
  const { checkOptions, count, fn } = optionChecks
  checkOptions('memoryAttempts', options, { entries: count, now: fn })
  const { entries = 100_000, now = () => Date.now() } = options
  const kept = new Map<string, readonly TakenUntil[]>()
  let latest = 0
  const live = (name: string): readonly TakenUntil[] => {
    const time = now()
    return (kept.get(name) ?? []).filter(({ until }) => until > time)
  }
  const keep = (name: string, places: readonly TakenUntil[]): void => {
    if (places.length === 0) kept.delete(name)
    else kept.set(name, places)
  }
  const makeRoom = createSweep(kept, entries, now)
  return {
    take: (name, most, seconds) => {
      const places = live(name)
      if (places.length >= most) {
        const free = places.map(({ until }) => until).toSorted((a, b) => a - b)
        // With a smaller limit than before there may be more places taken than there are now.
        const until = free[places.length - most] ?? now()
        return { wait: (until - now()) / 1000 }
      }
      if (!kept.has(name)) makeRoom()
      latest += 1
      const id = String(latest)
      keep(name, [...places, { id, until: now() + seconds * 1000 }])
      return { id }
    },
    giveBack: (name, id) =>
      keep(
        name,
        live(name).filter((place) => place.id !== id),
      ),
    clear: (name) => void kept.delete(name),
  }
}

// Milliseconds between two looks for what is over: under a flood the looking must not become the load.
const pause = 1000

function createSweep(
  kept: Map<string, readonly TakenUntil[]>,
  entries: number,
  now: () => number,
): () => void {
  let sweptAt = -Infinity
  return () => {
    if (kept.size < entries) return
    const time = now()
    if (Math.abs(time - sweptAt) >= pause) {
      sweptAt = time
      for (const [name, places] of kept) {
        if (places.every(({ until }) => until <= time)) kept.delete(name)
      }
    }
    if (kept.size < entries) return
    throw new Outage('store_failed', `memoryAttempts is full: ${entries} entries, all in use`)
  }
}
