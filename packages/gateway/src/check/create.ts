import {
  isPreflight,
  isPromise,
  Outage,
  Refusal,
  type MaybePromise,
  type Verdict,
} from '@portcullis/core'
import type { Compiled } from '../compiled.ts'
import { canonicalPath } from '../routing/path.ts'
import type { Route } from '../routing/route.ts'
import type { Answer, Unavailable } from './answer.ts'
import type { Check } from './check.ts'
import { inTime } from './deadline.ts'
import { allowed, refused, refusedBy } from './conclude.ts'
import type { Inquiry } from './inquiry.ts'
import { permitted } from './preflight.ts'
import { requestOf } from './request.ts'

/** What a check takes from its surroundings. */
export interface CheckOptions {
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** Makes the one function that all dialects ask. `current` tells what is configured now. */
export function createCheck(
  current: () => Compiled,
  { now = () => Date.now() }: CheckOptions = {},
): Check {
  const conclude = (compiled: Compiled, route: Route, verdict: Verdict): Answer =>
    verdict.granted
      ? allowed(compiled, route, verdict, now() / 1000)
      : refusedBy(route, verdict.refusal)

  const guarded = (compiled: Compiled, route: Route, inquiry: Inquiry): MaybePromise<Answer> => {
    const { guard } = route
    if (guard === undefined) return allowed(compiled, route, undefined, 0)
    const verdict = guard.check(requestOf(inquiry, compiled.identity.names))
    if (!isPromise(verdict)) return conclude(compiled, route, verdict)
    const answer = verdict
      .then((found) => conclude(compiled, route, found))
      .catch((error: unknown) => failed(route, error))
    return inTime(answer, compiled.deadline, () => tooLate(route))
  }

  const decide = (compiled: Compiled, inquiry: Inquiry): MaybePromise<Answer> => {
    const path = canonicalPath(inquiry.target)
    if (path === undefined) return refused(400, 'path_ambiguous')
    if (compiled.preflight && isPreflight(inquiry)) {
      const wanted = permitted(compiled.table, inquiry, path)
      if (wanted !== undefined)
        return { ...allowed(compiled, wanted, undefined, 0), route: undefined }
    }
    const { method, host } = inquiry
    const route = compiled.table.find(method, host, path)
    if (route === undefined) return refused(403, 'route_unknown')
    if (compiled.table.slipsPast(method, host, path)) return refused(400, 'path_ambiguous')
    try {
      return guarded(compiled, route, inquiry)
    } catch (error) {
      return failed(route, error)
    }
  }

  return (inquiry) => {
    try {
      return decide(current(), inquiry)
    } catch (error) {
      return failed(undefined, error)
    }
  }
}

/** What was thrown on the way: a refusal stays one, and nothing else is ever the client's fault. */
function failed(route: Route | undefined, error: unknown): Answer {
  if (Refusal.is(error)) return refusedBy(route, error)
  if (Outage.is(error)) return unavailable(route, error.code, error.retryAfter, error)
  return unavailable(route, 'failed', 1, error instanceof Error ? error : undefined)
}

const tooLate = (route: Route): Answer => unavailable(route, 'deadline_passed', 1, undefined)

const unavailable = (
  route: Route | undefined,
  code: string,
  retryAfter: number,
  cause: Outage | Error | undefined,
): Unavailable => ({ outcome: 'unavailable', route, retryAfter, code, cause })
