import type { Lease, Lock } from './lock.ts'
import { createTimedMap, memoryOptions } from './timed.ts'

/** How many locks are kept in memory. */
export interface MemoryLockOptions {
  /** Locks held at a time, and notes, at most; a full memory refuses more with an `Outage`. Default 10,000. */
  readonly entries?: number
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/** A lock for the tasks of one process. */
export function memoryLock(options: MemoryLockOptions = {}): Lock {
  const settings = memoryOptions('memoryLock', options, 10_000)
  const { now } = settings
  const held = createTimedMap<number>('memoryLock', settings)
  const notes = createTimedMap<string>('memoryLock', settings)
  // From the clock, so that the fences of a process that was started anew are larger too.
  let latest = now()
  const release = (name: string, fence: number, note: Parameters<Lease['release']>[0]) => {
    if (held.get(name) !== fence) return false
    if (note) notes.set(name, note.text, now() + note.seconds * 1000)
    held.delete(name)
    return true
  }
  return {
    acquire: async (name, seconds) => {
      if (held.get(name) !== undefined) return undefined
      const fence = latest + 1
      held.set(name, fence, now() + seconds * 1000)
      latest = fence
      return { fence, release: async (note) => release(name, fence, note) }
    },
    note: async (name) => notes.get(name),
  }
}
