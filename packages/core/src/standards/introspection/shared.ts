import type { Claims } from '../../lib/claims.ts'
import { lasts } from '../../lib/elapsed.ts'
import { parseObject } from '../../lib/json.ts'
import { isRecord, ownValue } from '../../lib/own.ts'
import { asked } from '../../session/asked.ts'
import type { Finding } from './finding.ts'
import type { AnswerStore, IntrospectionCacheOptions } from './options.ts'

/** A finding that another process made possible, and when the issuer was asked (epoch seconds). */
export interface Recalled<C> {
  readonly finding: Finding<C>
  readonly askedAt: number
}

type Read<C> = (said: Claims | undefined) => Promise<Finding<C>>

/** What several processes know together. Never rejects: without the store there is still the issuer. */
export interface SharedAnswers<C> {
  /** What is known and not too old, examined anew: other processes may ask for less. */
  recall(id: string, now: number, read: Read<C>): Promise<Recalled<C> | undefined>
  /** Tells the others; nobody waits for it. */
  tell(id: string, said: Claims | undefined, found: Recalled<C>): void
}

export function createSharedAnswers<C>(
  store: AnswerStore,
  { maxAge = 30, negativeMaxAge = 5 }: IntrospectionCacheOptions,
): SharedAnswers<C> {
  const ageFor = ({ refusal }: Finding<C>): number => (refusal ? negativeMaxAge : maxAge)
  // RFC 7662 §4: not beyond `exp`, to which no tolerance is added here.
  const left = ({ access }: Finding<C>, now: number): number =>
    access === undefined ? Number.POSITIVE_INFINITY : access.expiresAt - now
  return {
    recall: async (id, now, read) => {
      const text = await asked('answers', () => store.get(id)).catch(() => undefined)
      const kept = text === undefined ? undefined : unpack(text)
      if (kept === undefined) return undefined
      const finding = await read(kept.said)
      const isYoung = lasts((now - kept.askedAt) * 1000, ageFor(finding) * 1000)
      return isYoung && left(finding, now) > 0 ? { finding, askedAt: kept.askedAt } : undefined
    },
    tell: (id, said, { finding, askedAt }) => {
      const seconds = Math.min(ageFor(finding), Math.ceil(left(finding, askedAt)))
      if (seconds <= 0) return
      asked('answers', () => store.set(id, JSON.stringify({ askedAt, said }), seconds)).catch(
        () => undefined,
      )
    },
  }
}

function unpack(
  text: string,
): { readonly askedAt: number; readonly said: Claims | undefined } | undefined {
  const kept = parseObject(text)
  const askedAt = kept && ownValue(kept, 'askedAt')
  const said = kept && ownValue(kept, 'said')
  if (typeof askedAt !== 'number') return undefined
  return said === undefined || isRecord(said) ? { askedAt, said } : undefined
}
