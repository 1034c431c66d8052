import type { JWK } from 'jose'
import type { ClientOptions } from '../../client/options.ts'
import type { Issuer } from '../../issuer/create.ts'
import {
  anything,
  count,
  either,
  filled,
  flag,
  fn,
  listOf,
  oneOf,
  record,
  schema,
  seconds,
  someSeconds,
  text,
  type Check,
} from '../../lib/assert.ts'
import type { Claims } from '../../lib/claims.ts'
import type { Runtime } from '../../lib/runtime.ts'
import type { Schema } from '../../lib/standard-schema.ts'
import { algorithms, type Algorithm } from '../jwt/signature.ts'

/** Whom to ask about tokens, and how. */
export interface IntrospectionOptions<C = Claims> extends Runtime {
  /** The issuer identifier, or what `createIssuer` made of it. */
  readonly issuer: string | Issuer
  /** Our registration at the issuer: an API asks as a client. */
  readonly client: ClientOptions
  /**
   * The audience that an active token must name, or several of which one suffices. Without it, a token
   * that names an audience must name the id of our client, and one that names none is taken.
   */
  readonly audience?: string | readonly string[]
  /** Where to ask, for issuers that publish no metadata: nothing is discovered then. Default: what the metadata say. */
  readonly endpoint?: string
  /** Demands signed answers (RFC 9701). Default false: a signed answer is checked, a plain one is taken. */
  readonly signed?: boolean | SignedAnswerOptions
  /**
   * Remembers answers, which delays revocation: a token that was revoked is accepted for up to `maxAge`
   * more seconds. Default false: the issuer is asked for every request.
   */
  readonly cache?: false | IntrospectionCacheOptions
  /** Shares what is remembered with other processes, for as long as `cache` says. Default: none. */
  readonly store?: AnswerStore
  /** Seconds for one request to the issuer, body included. Default 5. */
  readonly timeout?: number
  /** Requests under way at a time; beyond that the answer is a 503 at once. Default 100. */
  readonly maxInFlight?: number
  /** When to stop asking an issuer that fails; `false` never stops. */
  readonly breaker?: false | BreakerOptions
  /** Values of `token_type` that are accepted besides `Bearer`, `DPoP` and `access_token`. */
  readonly types?: readonly string[]
  /** Seconds by which the issuer's clock may differ from ours. Default 5. */
  readonly clockTolerance?: number
  /** Characters of the longest token that is asked about. Default 16,384. */
  readonly maxTokenSize?: number
  /** Checks and types what the issuer says: a schema of zod, valibot, arktype or another with the Standard Schema interface. */
  readonly claims?: Schema<C>
  /** Allows plain `http:` beyond loopback. For closed test networks: it shows tokens to anybody on the way. */
  readonly allowInsecureIssuer?: boolean
}

/** Which signed answers are accepted. */
export interface SignedAnswerOptions {
  /** Default: every asymmetric algorithm that we know; the issuer's keys decide. */
  readonly algorithms?: readonly Algorithm[]
  /** Private or secret keys (JWK), for answers that are encrypted for us. */
  readonly decryptionKeys?: readonly JWK[]
}

/** How many answers are remembered, and for how long. */
export interface IntrospectionCacheOptions {
  /** Seconds that an active token is believed, never beyond its `exp`. Default 30. */
  readonly maxAge?: number
  /** Seconds that a token which was refused is refused without asking. Default 5; 0 = not at all. */
  readonly negativeMaxAge?: number
  /** Good tokens that are remembered, and as many refused ones beside them. Default 1,000. */
  readonly entries?: number
}

/**
 * Keeps what issuers said where several processes find it. It is told no token, but what it keeps says
 * whom tokens speak for: a store outside of the process should seal it. Where it fails, the issuer is asked.
 */
export interface AnswerStore {
  /** What was kept under a name, or `undefined`. The name is 32 bytes, as one character each. */
  get(id: string): Promise<string | undefined>
  /** Keeps a text for some seconds. */
  set(id: string, answer: string, seconds: number): Promise<void>
}

/** When to stop asking, and for how long. */
export interface BreakerOptions {
  /** Failures in a row. Default 5. An answer with `Retry-After` of more than a second counts as all of them. */
  readonly failures?: number
  /** Seconds until one request tries again. Default 10. */
  readonly openFor?: number
}

export const introspectionChecks: Readonly<Record<keyof IntrospectionOptions, Check>> = {
  issuer: anything,
  client: record,
  audience: either(text, filled(listOf(text))),
  endpoint: text,
  signed: either(flag, record),
  cache: either(oneOf(false), record),
  store: record,
  timeout: someSeconds,
  maxInFlight: count,
  breaker: either(oneOf(false), record),
  types: listOf(text),
  clockTolerance: seconds,
  maxTokenSize: count,
  claims: schema,
  allowInsecureIssuer: flag,
  fetch: fn,
  now: fn,
}

export const signedChecks: Readonly<Record<keyof SignedAnswerOptions, Check>> = {
  algorithms: filled(listOf(oneOf(...algorithms))),
  decryptionKeys: listOf(record),
}

export const cacheChecks: Readonly<Record<keyof IntrospectionCacheOptions, Check>> = {
  maxAge: someSeconds,
  negativeMaxAge: seconds,
  entries: count,
}

export const breakerChecks: Readonly<Record<keyof BreakerOptions, Check>> = {
  failures: count,
  openFor: someSeconds,
}
