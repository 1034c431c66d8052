import { createHmac } from 'node:crypto'
import { createSealBox, revokedBy, type AnswerStore, type GuardSettings } from '@portcullis/core'
import { redisRevocations } from '@portcullis/redis'
import type { RedisConfig } from '../config/config.ts'
import { inTime } from '../check/deadline.ts'
import { createRedisLink, type RedisLink } from './client.ts'

/** What several gateways must agree on. */
export interface SharedTruth {
  /** What a login has ended. */
  readonly revoked: NonNullable<GuardSettings['revoked']> | undefined
  /** Answers of issuers. */
  readonly findings: AnswerStore | undefined
  connect(): Promise<void>
  /** Whether Redis answers now; `undefined` before it was first needed. */
  reached(): boolean | undefined
  close(): Promise<void>
}

/** Opens nothing yet. `deadline` is the one of a check, in seconds: Redis gets a little less. */
export function openSharedTruth(
  config: RedisConfig | undefined,
  deadline: number,
): SharedTruth | undefined {
  if (config === undefined) return undefined
  const { url, use, prefix = 'portcullis', secret = '' } = config
  const link = createRedisLink(url)
  const timeout = deadline * 0.9
  const revocations = use.includes('revocations')
    ? redisRevocations(link, { prefix, timeout })
    : undefined
  return {
    revoked: revocations && revokedBy(revocations),
    findings: use.includes('introspection')
      ? createAnswerStore(link, { prefix, secret, patience: deadline * 0.3 })
      : undefined,
    connect: link.connect,
    reached: link.reached,
    close: link.close,
  }
}

interface AnswerStoreOptions {
  readonly prefix: string
  readonly secret: string
  /** Seconds, so that there is time left to ask the issuer. */
  readonly patience: number
}

/** Answers of issuers, sealed, under names that say nothing about the token to whoever lacks the secret. */
function createAnswerStore(
  link: RedisLink,
  { prefix, secret, patience }: AnswerStoreOptions,
): AnswerStore {
  const keyOf = (id: string): string =>
    `${prefix}:i:${createHmac('sha256', secret).update(id, 'binary').digest('base64url')}`
  // Of each answer its own box: what is sealed under one name opens under no other.
  const boxOf = (key: string) => createSealBox([secret], `introspection ${key}`)
  return {
    get: async (id) => {
      const key = keyOf(id)
      const found = link.get(key).catch(() => undefined)
      const sealed = await inTime(found, patience, () => undefined)
      return typeof sealed === 'string' ? boxOf(key).open(sealed)?.toString() : undefined
    },
    set: async (id, answer, seconds) => {
      const key = keyOf(id)
      await link.set(key, boxOf(key).seal(Buffer.from(answer)), seconds)
    },
  }
}
