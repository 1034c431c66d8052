/** What is known of texts that come again and again. */
export interface Memory<V> {
  get(text: string): V | undefined
  set(text: string, value: V): void
}

/**
 * Makes a memory for so many texts; when it is full it begins anew. The text that came last is compared and
 * not looked up: mostly it comes again, and to hash a new string costs more than to compare it.
 */
export function createMemory<V>(most: number): Memory<V> {
  const all = new Map<string, Entry<V>>()
  let latest: Entry<V> | undefined
  return {
    get: (text) => {
      if (latest?.text === text) return latest.value
      const entry = all.get(text)
      // The entry's own text: what was asked may be a slice, which keeps somebody's whole token alive.
      if (entry !== undefined) latest = entry
      return entry?.value
    },
    set: (text, value) => {
      if (all.size >= most) all.clear()
      latest = { text, value }
      all.set(text, latest)
    },
  }
}

interface Entry<V> {
  readonly text: string
  readonly value: V
}
