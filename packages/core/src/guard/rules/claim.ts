import { ConfigurationError } from '../../errors/configuration.ts'
import { refuse } from '../../errors/refusal.ts'
import { andThen, type MaybePromise } from '../../lib/maybe-promise.ts'
import { ownValue } from '../../lib/own.ts'
import type { Rule } from '../rule.ts'

/** A value that a claim may be compared with. */
export type ClaimValue = string | number | boolean | null

/**
 * Demands a claim: that it equals the value (or, for an array, contains it), or that the predicate
 * answers `true`. A path names nested members: `'realm_access.roles'`, or `['https://acme.example/roles']`
 * where a name holds dots itself.
 *
 * @example
 * protect(guard, hasClaim('realm_access.roles', 'admin'))
 */
export function hasClaim<C = unknown>(
  path: string | readonly string[],
  expected: ClaimValue | ((value: unknown) => MaybePromise<boolean>),
): Rule<C> {
  const steps = typeof path === 'string' ? path.split('.') : Array.isArray(path) ? [...path] : []
  if (steps.length === 0 || !steps.every((step) => typeof step === 'string' && step !== '')) {
    throw new ConfigurationError(`hasClaim needs the path of a claim, not '${steps.join('.')}'`)
  }
  if (expected === undefined || (typeof expected === 'object' && expected !== null)) {
    throw new ConfigurationError(
      'hasClaim compares with a string, number, boolean or null, or asks a predicate',
    )
  }
  const test =
    typeof expected === 'function' ? expected : (value: unknown) => includes(value, expected)
  const refused = (issuer: string) =>
    refuse('claim_refused', `The claim ${steps.join('.')} does not satisfy the route.`, {
      trail: { check: 'claim', issuer },
    })
  return ({ claims, issuer }) =>
    andThen(test(follow(claims, steps)), (satisfied) =>
      satisfied === true ? undefined : refused(issuer),
    )
}

const includes = (value: unknown, expected: ClaimValue): boolean =>
  Array.isArray(value) ? value.includes(expected) : value === expected

// Own members only: a path such as `constructor.name` finds nothing.
function follow(claims: unknown, steps: readonly string[]): unknown {
  let value = claims
  for (const step of steps) {
    if (typeof value !== 'object' || value === null) return undefined
    value = ownValue(value, step)
  }
  return value
}
