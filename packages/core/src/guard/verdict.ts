import type { Refusal } from '../errors/refusal.ts'
import type { HeaderField, Reply } from '../http/reply.ts'
import type { Principal } from './principal.ts'
import type { Claims } from './token.ts'

/** The guard's answer. */
export type Verdict<C = Claims> = Granted<C> | Refused

export interface Granted<C = Claims> {
  readonly granted: true
  /** Absent only where the guard lets requests without a credential pass (`optional`, `allowPreflight`). */
  readonly principal: Principal<C> | undefined
  /** To be sent with the response, always. */
  readonly headers: readonly HeaderField[]
}

export interface Refused {
  readonly granted: false
  readonly refusal: Refusal
  /** What to send instead of the plain refusal, for example the redirect to the login. */
  readonly reply?: Reply
}
