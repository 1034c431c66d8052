import type { Refusal } from '../errors/refusal.ts'
import type { Scheme } from '../http/challenge.ts'
import type { HeaderField, Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import type { IssuerHealth } from '../issuer/create.ts'
import type { MaybePromise } from '../lib/maybe-promise.ts'
import type { Principal } from './principal.ts'

/** Knows people by what their browsers keep, where a request presents no token. */
export interface Authenticator {
  /** How a challenge names it. */
  readonly scheme: Scheme
  /**
   * Who is signed in, nobody, or the refusal for somebody who was and is no more. Throws a refusal for
   * a request that must not be answered with a session at all, and an `Outage` where it cannot know.
   */
  authenticate(request: HttpRequest): MaybePromise<SignedIn | Refusal | undefined>
  /** What to send to somebody who is not signed in, instead of the refusal. */
  invite(request: HttpRequest, refusal: Refusal): Reply
  /** The same where nobody must sign in: an attempt without showing a page, or nothing. */
  attempt(request: HttpRequest): Reply | undefined
  prewarm(): Promise<void>
  health(): readonly IssuerHealth[]
}

/** Somebody who is signed in. */
export interface SignedIn {
  readonly principal: Principal
  /** To be sent with the response, always. */
  readonly headers: readonly HeaderField[]
  /** What the routes behind the guard may ask for. */
  readonly session: object
}
