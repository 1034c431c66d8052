import type { HeaderField, Outage, Principal, Refusal } from '@portcullis/core'
import type { Route } from '../routing/route.ts'

/** What a proxy is to do with a request; each dialect says it in its own way. */
export type Answer = Allowed | Refused | Unavailable

/** The request may pass. */
export interface Allowed {
  readonly outcome: 'allowed'
  /** Absent only for a preflight request. */
  readonly route: Route | undefined
  /** Absent for anonymous requests. */
  readonly principal: Principal | undefined
  /** For the upstream, in place of the client's own: every configured field, with an empty value where there is nothing to say. */
  readonly identity: readonly HeaderField[]
  /** For the client, with the upstream's answer (a nonce, for example). */
  readonly toClient: readonly HeaderField[]
  /** Seconds for which a proxy may answer the same request by itself; 0: not at all. */
  readonly freshFor: number
}

/** The client's fault. */
export interface Refused {
  readonly outcome: 'refused'
  readonly route: Route | undefined
  readonly status: 400 | 401 | 403
  /** At most one `WWW-Authenticate`, all challenges in it. */
  readonly headers: readonly HeaderField[]
  /** For logs and metrics: a code of the guard's, or `path_ambiguous`, `route_unknown`, `inquiry_malformed`. */
  readonly code: string
  /** Absent where the request never reached a guard. */
  readonly refusal: Refusal | undefined
  /** For logs, where there is no refusal to give one: what is wrong with the question. Never holds a value. */
  readonly reason?: string
}

/** Somebody else's failure, or too little time: 503, never a denial. */
export interface Unavailable {
  readonly outcome: 'unavailable'
  readonly route: Route | undefined
  /** Seconds. */
  readonly retryAfter: number
  /** For logs and metrics: the code of the outage, `deadline_passed`, or `failed` for a mistake of the program. */
  readonly code: string
  readonly cause: Outage | Error | undefined
}
