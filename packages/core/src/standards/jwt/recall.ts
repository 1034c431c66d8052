import { copied } from '../../lib/text.ts'

/** Finds the fingerprint of a token that was met lately without hashing it again. */
export interface Recall {
  get(token: string): string | undefined
  keep(token: string, fingerprint: string): void
}

interface Kept {
  readonly token: string
  readonly fingerprint: string
}

// 258 bits of a signature: who does not have the whole token cannot come so far that a comparison with it
// could tell him something.
const telling = 43

/**
 * Remembers tokens only as long as nobody collects garbage, so that they lie in memory no longer than
 * those that were forgotten (docs/decisions/032).
 */
export function createRecall(entries: number): Recall {
  let shelf = new WeakRef(new Map<string, Kept>())
  return {
    get: (token) => {
      const kept = shelf.deref()?.get(token.slice(-telling))
      return kept?.token === token ? kept.fingerprint : undefined
    },
    keep: (token, fingerprint) => {
      let all = shelf.deref()
      if (all === undefined || all.size >= entries) {
        all = new Map()
        shelf = new WeakRef(all)
      }
      all.set(copied(token.slice(-telling)), { token, fingerprint })
    },
  }
}
