import { lasts } from '../lib/elapsed.ts'

/** What happened within the last minute, as far as there is room. */
export interface Lately<V> {
  get(name: string): V | undefined
  set(name: string, value: V): void
  delete(name: string): void
}

/** Makes such a memory. Who is forgotten too early meets what those meet who come too late. */
export function createLately<V>(now: () => number, span = 60_000, entries = 10_000): Lately<V> {
  // In the order in which they came.
  const kept = new Map<string, { readonly value: V; readonly at: number }>()
  const forget = (): void => {
    for (const [name, { at }] of kept) {
      if (kept.size <= entries && lasts(now() - at, span)) return
      kept.delete(name)
    }
  }
  return {
    get: (name) => {
      if (kept.size === 0) return undefined
      forget()
      const entry = kept.get(name)
      return entry !== undefined && lasts(now() - entry.at, span) ? entry.value : undefined
    },
    set: (name, value) => {
      kept.delete(name)
      kept.set(name, { value, at: now() })
      forget()
    },
    delete: (name) => void kept.delete(name),
  }
}
