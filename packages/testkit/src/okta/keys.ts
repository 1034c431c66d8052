import { createSigningKey, generateSigningKey, type SigningKey } from '../signing-key.ts'
import type { JWK } from 'jose'

/** The keys of one server: one that signs, the next one, and the last one that did. */
export interface ServerKeys {
  /** Signs now. */
  readonly active: () => SigningKey
  /** Public members, in no order that means anything. */
  readonly published: () => Promise<readonly JWK[]>
  readonly states: () => readonly { readonly kid: string; readonly status: KeyStatus }[]
  /** Epoch milliseconds: of the first keys, of the last rotation, of the next one. */
  readonly times: () => { readonly first: number; readonly last: number; readonly next: number }
  /** NEXT becomes ACTIVE, ACTIVE becomes EXPIRED and stays published for one more turn. */
  readonly rotate: () => Promise<void>
  /** Rotates when the time has come, and has the key that signs ready; for how many seconds the set may be kept. */
  readonly settle: () => Promise<number>
}

export type KeyStatus = 'ACTIVE' | 'NEXT' | 'EXPIRED'

const quarter = 90 * 24 * 60 * 60

/** A key that is made when it is first asked for: most orgs of a test never use most of theirs. */
export interface LazyKey {
  /** At once, which may hold up the event loop. */
  readonly get: () => SigningKey
  /** The same key, without holding it up. */
  readonly ready: () => Promise<SigningKey>
}

export function createLazyKey(): LazyKey {
  let key: SigningKey | undefined
  let coming: Promise<SigningKey> | undefined
  return {
    get: () => (key ??= createSigningKey('RS256')),
    // Whoever could not wait has made it meanwhile.
    ready: () => (coming ??= generateSigningKey('RS256').then((fresh) => (key ??= fresh))),
  }
}

export function createServerKeys(now: () => number): ServerKeys {
  let [active, next] = [createLazyKey(), createLazyKey()]
  let expired: LazyKey | undefined
  const first = now()
  let last = first
  let rotation = first + quarter * 1000
  const rotate = async () => {
    expired = active
    active = next
    next = createLazyKey()
    last = now()
    rotation = last + quarter * 1000
    await active.ready()
  }
  const all = () => [next, active, ...(expired ? [expired] : [])]
  return {
    active: () => active.get(),
    published: async () => (await Promise.all(all().map((key) => key.ready()))).map(publicHalf),
    states: () => {
      const statuses: readonly KeyStatus[] = ['NEXT', 'ACTIVE', 'EXPIRED']
      return all().map((key, at) => ({ kid: key.get().kid, status: statuses[at] ?? 'EXPIRED' }))
    },
    times: () => ({ first, last, next: rotation }),
    rotate,
    settle: async () => {
      if (now() >= rotation) await rotate()
      else await active.ready()
      return Math.ceil((rotation - now()) / 1000)
    },
  }
}

const publicHalf = ({ jwk: { kty, alg, kid, use, e, n } }: SigningKey): JWK =>
  clean({ kty, alg, kid, use, e, n })

const clean = ({
  kty = 'RSA',
  alg = 'RS256',
  kid = '',
  use = 'sig',
  e = '',
  n = '',
}: Readonly<
  Partial<Record<'kty' | 'alg' | 'kid' | 'use' | 'e' | 'n', string | undefined>>
>): JWK => ({ kty, alg, kid, use, e, n })
