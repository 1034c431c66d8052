/** Tells whether remembering tokens pays, by how often one of them comes again. */
export interface Worth {
  /** Whether all tokens are remembered, or only a sample of them. */
  readonly pays: () => boolean
  /** Whether a token is in the sample. The same are always in it. */
  readonly isSampled: (token: string) => boolean
  /** Counts a genuine token that was remembered, or was not. True where `pays` changes with it. */
  readonly count: (wasKnown: boolean) => boolean
}

/** One token in so many is in the sample. */
export const sampling = 8

// A look-up and an entry cost about a tenth of what they save. Between the two shares all stays as it is.
const leastShare = 1 / 10
const enoughShare = 1 / 4

// How many tokens are counted before it is judged.
const fewest = 2000
const fewestOfSample = 16

/**
 * Watches a cache of so many entries. It begins by remembering, and gives every token time to come twice.
 * Forged tokens are not counted, or a flood of them could turn the cache off.
 */
export function createWorth(entries: number): Worth {
  const many = Math.max(fewest, 2 * entries)
  let pays = true
  let known = 0
  let all = 0
  return {
    pays: () => pays,
    // The last characters of a signature may have few values; this one has all 64.
    isSampled: (token) => (token.charCodeAt(token.length - 4) & (sampling - 1)) === 0,
    count: (wasKnown) => {
      if (wasKnown) known += 1
      all += 1
      if (all < (pays ? many : fewestOfSample)) return false
      const before = pays
      pays = known / all >= (pays ? leastShare : enoughShare)
      known = 0
      all = 0
      return pays !== before
    },
  }
}
