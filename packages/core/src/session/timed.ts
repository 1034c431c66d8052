import { Outage } from '../errors/outage.ts'
import { checkOptions, count, fn } from '../lib/assert.ts'
import { lasts } from '../lib/elapsed.ts'

/** How much a memory holds, and by which clock. */
export interface MemoryOptions {
  /** What it holds at most. */
  readonly entries?: number
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/** Checks the options of a memory and puts the defaults in place. */
export function memoryOptions(
  of: string,
  options: MemoryOptions,
  entries: number,
): Required<MemoryOptions> {
  checkOptions(of, options, { entries: count, now: fn })
  return { entries: options.entries ?? entries, now: options.now ?? (() => Date.now()) }
}

/** A bounded memory of things that are over after a while, and that must not be forgotten before. */
export interface TimedMap<V> {
  get(name: string): V | undefined
  /** Epoch milliseconds at which it is over. */
  endOf(name: string): number | undefined
  /** Where all there is room for is still good, an `Outage`. */
  set(name: string, value: V, until: number): void
  delete(name: string): void
}

// Milliseconds between two looks for what is over: under a flood the looking must not become the load.
const pause = 1000

/** To forget a live entry would bring back to life what was ended or used up, so a full memory refuses. */
export function createTimedMap<V>(
  of: string,
  { entries, now }: Required<MemoryOptions>,
): TimedMap<V> {
  const kept = new Map<string, { readonly value: V; readonly until: number }>()
  let sweptAt = -Infinity
  const sweep = (): void => {
    const time = now()
    if (lasts(time - sweptAt, pause)) return
    sweptAt = time
    for (const [name, { until }] of kept) if (until <= time) kept.delete(name)
  }
  const live = (name: string) => {
    const entry = kept.get(name)
    return entry !== undefined && entry.until > now() ? entry : undefined
  }
  return {
    get: (name) => live(name)?.value,
    endOf: (name) => live(name)?.until,
    set: (name, value, until) => {
      if (!kept.has(name) && kept.size >= entries) sweep()
      if (!kept.has(name) && kept.size >= entries) {
        throw new Outage('store_failed', `${of} is full: ${entries} entries, all of them in use`)
      }
      kept.set(name, { value, until })
    },
    delete: (name) => void kept.delete(name),
  }
}
