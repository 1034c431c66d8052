import { copied } from '../../lib/text.ts'

/** Finds what is known of a token that was met lately, without hashing it. */
export interface Recall<V> {
  get(token: string): V | undefined
  keep(token: string, value: V): void
}

// 258 bits of the signature: only somebody who has the whole token gets as far as the comparison, so its
// timing tells nothing.
const telling = 43

/**
 * Remembers tokens only as long as nobody collects garbage, so that they lie in memory no longer than
 * those that were forgotten (docs/decisions/032).
 */
export function createRecall<V>(entries: number): Recall<V> {
  let shelf = new WeakRef(new Map<string, { readonly token: string; readonly value: V }>())
  return {
    get: (token) => {
      const kept = shelf.deref()?.get(token.slice(-telling))
      return kept?.token === token ? kept.value : undefined
    },
    keep: (token, value) => {
      let all = shelf.deref()
      if (all === undefined || all.size >= entries) {
        all = new Map()
        shelf = new WeakRef(all)
      }
      all.set(copied(token.slice(-telling)), { token, value })
    },
  }
}
