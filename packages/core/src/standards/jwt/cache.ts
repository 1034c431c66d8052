import { LRUCache } from 'lru-cache'
import type { AccessToken } from '../../guard/token.ts'
import { fingerprint } from '../../lib/seal.ts'
import type { Binding } from './key.ts'
import { createRecall } from './recall.ts'
import { createWorth, sampling } from './worth.ts'

/** A token that was found genuine, and what that finding rests on. */
export interface Proof<C> {
  readonly access: AccessToken<C>
  /** Epoch seconds, tolerance included. */
  readonly from: number
  readonly until: number
  readonly binding: Binding
  /** Epoch seconds. */
  readonly provenAt: number
}

/** How many verified tokens are remembered, and for how long. */
export interface CacheOptions {
  /** Tokens that are remembered. Default 1,000. */
  readonly entries?: number
  /** Seconds after which a token is validated again. Default 60. */
  readonly maxAge?: number
}

/** Remembers tokens that were found genuine, by fingerprint: a token itself is kept no longer than garbage is. */
export interface TokenCache<C> {
  /** Whether a token is worth a fingerprint: where tokens do not come again, most are not (docs/decisions/030). */
  takes(token: string): boolean
  /** What was found of a token; or else the fingerprint under which it is to be remembered. */
  find(token: string, now: number): AccessToken<C> | string
  set(id: string, proof: Proof<C>): void
}

export function createTokenCache<C>({ entries = 1000, maxAge = 60 }: CacheOptions): TokenCache<C> {
  const worth = createWorth(entries)
  const recall = createRecall<Proof<C>>(entries)
  const all = new LRUCache<string, Proof<C>>({ max: entries })
  const sample = new LRUCache<string, Proof<C>>({ max: Math.ceil(entries / sampling) })
  const current = () => (worth.pays() ? all : sample)
  const count = (wasKnown: boolean): void => {
    if (!worth.count(wasKnown)) return
    all.clear()
    sample.clear()
  }
  const holds = ({ from, until, provenAt, binding }: Proof<C>, now: number): boolean =>
    now < until && now >= from && now - provenAt < maxAge && isTrusted(binding)

  return {
    takes: (token) => worth.pays() || worth.isSampled(token),
    find: (token, now) => {
      const recalled = recall.get(token)
      if (recalled !== undefined && holds(recalled, now)) {
        count(true)
        return recalled.access
      }
      const id = fingerprint(token)
      const proofs = current()
      const proof = proofs.get(id)
      if (proof === undefined) return id
      if (!holds(proof, now)) {
        proofs.delete(id)
        return id
      }
      recall.keep(token, proof)
      count(true)
      return proof.access
    },
    set: (id, proof) => {
      current().set(id, proof)
      count(false)
    },
  }
}

// Asked for every request: that is what has the keys fetched in time where all tokens are known.
const isTrusted = ({ issuer, key }: Binding): boolean => issuer.keys.ready() && !key.withdrawn
