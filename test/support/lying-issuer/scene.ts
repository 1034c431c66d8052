import type { SigningKey } from '../../../packages/testkit/src/signing-key.ts'
import type { Grants } from './grants.ts'
import type { Lies } from './lies.ts'
import type { Received } from './records.ts'

/** What a client is registered with. */
export interface LyingClient {
  readonly id: string
  /** Default none: a public client. */
  readonly secret?: string
}

/** What the endpoints share. */
export interface Scene {
  readonly url: () => string
  readonly client: LyingClient
  readonly key: SigningKey
  /** Of the same algorithm, and never published. */
  readonly strangeKey: SigningKey
  readonly now: () => number
  readonly lies: () => Lies
  readonly grants: Grants
  readonly user: Readonly<Record<string, unknown>>
  readonly accessTokens: 'opaque' | 'jwt'
  /** Seconds. */
  readonly lifetime: number
  /** Every code and token, so that a test can look for them where they must not be. */
  readonly issued: string[]
}

/** What an endpoint answers with. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type Endpoint = (received: Received, scene: Scene) => Answer

export const json = (body: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
})

/** The error answer of RFC 6749 §5.2. */
export const problem = (error: string, status = 400): Answer => json({ error }, status)

/** Takes away what is `undefined`. */
export const defined = (
  members: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
