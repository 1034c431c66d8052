import type { Refusal } from '../errors/refusal.ts'
import type { HeaderField, Reply } from '../http/reply.ts'
import type { Principal } from './principal.ts'
import type { Claims } from '../lib/claims.ts'

/** The guard's answer. */
export type Verdict<C = Claims> = Granted<C> | Refused

/** The request may pass. */
export interface Granted<C = Claims> {
  readonly granted: true
  /** Absent only where the guard lets requests without a credential pass (`optional`, `allowPreflight`). */
  readonly principal: Principal<C> | undefined
  /** To be sent with the response, always. */
  readonly headers: readonly HeaderField[]
  /** The session of somebody who is signed in. */
  readonly session?: object
}

/** The request may not pass. */
export interface Refused {
  readonly granted: false
  /** Why, with what the host's error handlers need to answer. */
  readonly refusal: Refusal
  /** What to send instead of the plain refusal, for example the redirect to the login. */
  readonly reply?: Reply
}
