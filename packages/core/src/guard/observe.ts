import type { Outage } from '../errors/outage.ts'
import type { Refusal } from '../errors/refusal.ts'
import type { HttpRequest } from '../http/request.ts'
import type { Principal } from './principal.ts'
import type { Claims } from '../lib/claims.ts'

/** What a guard decided. `request` is there to be read, for a path or a request id; it is not kept. */
export type GuardEvent<C = Claims> =
  | {
      readonly type: 'granted'
      readonly principal: Principal<C> | undefined
      readonly request: HttpRequest
    }
  | { readonly type: 'refused'; readonly refusal: Refusal; readonly request: HttpRequest }
  | { readonly type: 'outage'; readonly outage: Outage; readonly request: HttpRequest }

/** Sees every decision: logs, metrics, traces. What it throws is ignored, because it has no say. */
export type Observer<C = Claims> = (event: GuardEvent<C>) => void
