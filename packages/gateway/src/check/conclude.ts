import type { Granted, HeaderField, Principal, Refusal } from '@portcullis/core'
import type { Compiled } from '../compiled.ts'
import type { Route } from '../routing/route.ts'
import type { Allowed, Refused } from './answer.ts'

const none: readonly HeaderField[] = Object.freeze([])

/** The answer for a request that may pass; `now` in epoch seconds. */
export function allowed(
  { identity }: Compiled,
  route: Route,
  verdict: Granted | undefined,
  now: number,
): Allowed {
  const principal = verdict?.principal
  return {
    outcome: 'allowed',
    route,
    principal,
    identity: identity.fields(principal, route),
    toClient: verdict?.headers ?? none,
    freshFor:
      route.lasting === true && principal !== undefined
        ? freshness(principal, identity.freshFor, now)
        : 0,
  }
}

// A token that is bound must be proven with every request.
const freshness = ({ claims, expiresAt }: Principal, most: number, now: number): number =>
  Object.hasOwn(claims, 'cnf') ? 0 : Math.max(0, Math.min(most, Math.floor(expiresAt - now)))

/** The answer for a request that never reached a guard. */
export const refused = (status: 400 | 403, code: string): Refused => ({
  outcome: 'refused',
  route: undefined,
  status,
  headers: none,
  code,
  refusal: undefined,
})

/** The answer that a guard's refusal makes. */
export const refusedBy = (route: Route | undefined, refusal: Refusal): Refused => ({
  outcome: 'refused',
  route,
  status: refusal.status === 400 || refusal.status === 401 ? refusal.status : 403,
  headers: merged(Object.entries(refusal.headers)),
  code: refusal.code,
  refusal,
})

// Some proxies hand on only the first challenge (nginx before 1.23), so all of them stand in one field.
function merged(fields: readonly HeaderField[]): readonly HeaderField[] {
  if (fields.length < 2) return fields
  const isChallenge = ([name]: HeaderField): boolean => name.toLowerCase() === 'www-authenticate'
  const challenges = fields.filter(isChallenge).map(([, value]) => value)
  const others = fields.filter((field) => !isChallenge(field))
  return challenges.length === 0 ? others : [['WWW-Authenticate', challenges.join(', ')], ...others]
}
