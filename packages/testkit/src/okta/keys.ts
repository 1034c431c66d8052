import { generateSigningKey, type SigningKey } from '../signing-key.ts'
import type { JWK } from 'jose'

/** The keys of one server: one that signs, the next one, and the last one that did. */
export interface ServerKeys {
  /** Signs now. */
  readonly active: () => SigningKey
  /** Public members, in no order that means anything. */
  readonly published: () => readonly JWK[]
  readonly states: () => readonly { readonly kid: string; readonly status: KeyStatus }[]
  /** NEXT becomes ACTIVE, ACTIVE becomes EXPIRED and stays published for one more turn. */
  readonly rotate: () => Promise<void>
  /** Rotates when the time has come; for how many seconds the set may be kept. */
  readonly settle: () => Promise<number>
}

export type KeyStatus = 'ACTIVE' | 'NEXT' | 'EXPIRED'

const quarter = 90 * 24 * 60 * 60

export async function createServerKeys(now: () => number): Promise<ServerKeys> {
  let [active, next] = await Promise.all([generate(), generate()])
  let expired: SigningKey | undefined
  let rotation = now() + quarter * 1000
  const rotate = async () => {
    const fresh = await generate()
    expired = active
    active = next
    next = fresh
    rotation = now() + quarter * 1000
  }
  const all = () => [next, active, ...(expired ? [expired] : [])]
  return {
    active: () => active,
    published: () =>
      all().map(({ jwk: { kty, alg, kid, use, e, n } }) => clean({ kty, alg, kid, use, e, n })),
    states: () => {
      const statuses: readonly KeyStatus[] = ['NEXT', 'ACTIVE', 'EXPIRED']
      return all().map(({ kid }, at) => ({ kid, status: statuses[at] ?? 'EXPIRED' }))
    },
    rotate,
    settle: async () => {
      if (now() >= rotation) await rotate()
      return Math.ceil((rotation - now()) / 1000)
    },
  }
}

const generate = () => generateSigningKey('RS256')

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
