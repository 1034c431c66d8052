import { LRUCache } from 'lru-cache'
import { lasts } from '../../lib/elapsed.ts'
import type { Finding, Found, NotFound } from './finding.ts'
import type { IntrospectionCacheOptions } from './options.ts'

/** Remembers findings by fingerprint: the token itself is not kept. */
export interface FindingCache<C> {
  /** `now` in epoch seconds, as below. */
  get(id: string, now: number): Finding<C> | undefined
  /** `askedAt` is when the issuer was asked, not when it answered: what it says may be as old as that. */
  set(id: string, finding: Finding<C>, askedAt: number): void
}

interface Entry<F> {
  readonly finding: F
  readonly askedAt: number
}

/** Good and bad tokens are kept apart, so that no flood of garbage can push out a good one. */
export function createFindingCache<C>({
  maxAge = 30,
  negativeMaxAge = 5,
  entries = 1000,
}: IntrospectionCacheOptions): FindingCache<C> {
  const good = new LRUCache<string, Entry<Found<C>>>({ max: entries })
  const bad = new LRUCache<string, Entry<NotFound>>({ max: entries })

  return {
    get: (id, now) => {
      const known = good.get(id)
      if (known !== undefined) {
        const { finding, askedAt } = known
        if (isYoung(now - askedAt, maxAge) && now < finding.access.expiresAt) return finding
        good.delete(id)
        return undefined
      }
      const refused = bad.get(id)
      if (refused === undefined || isYoung(now - refused.askedAt, negativeMaxAge)) {
        return refused?.finding
      }
      bad.delete(id)
      return undefined
    },
    // Whoever asks has found neither here, so that there is nothing of the other kind to forget.
    set: (id, finding, askedAt) => {
      if (finding.refusal === undefined) good.set(id, { finding, askedAt })
      else if (negativeMaxAge > 0) bad.set(id, { finding, askedAt })
    },
  }
}

const isYoung = (age: number, maxAge: number): boolean => lasts(age * 1000, maxAge * 1000)
