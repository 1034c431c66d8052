import { ConfigurationError } from '../errors/configuration.ts'
import { Refusal } from '../errors/refusal.ts'
import type { HttpRequest } from '../http/request.ts'
import { isPromise, type MaybePromise } from '../lib/maybe-promise.ts'
import type { Principal } from './principal.ts'
import type { Claims } from '../lib/claims.ts'

/**
 * Says whether a principal may pass: nothing, or the refusal, answered or thrown. `satisfies` makes one
 * of a predicate. Any other error is the application's own and reaches its error handler untouched. `C` is
 * what the schema of the guard makes of the claims.
 */
export type Rule<C = Claims> = (
  principal: Principal<C>,
  request: HttpRequest,
) => MaybePromise<Refusal | undefined | void>

/** Asks rules in order; the first refusal wins. */
export function applyRules<C>(
  rules: readonly Rule<C>[],
  principal: Principal<C>,
  request: HttpRequest,
): MaybePromise<Refusal | undefined> {
  let asked = 0
  for (const rule of rules) {
    asked++
    const answer = ask(rule, principal, request)
    if (isPromise(answer)) {
      const rest = rules.slice(asked)
      return answer.then((refusal) => refusal ?? applyRules(rest, principal, request))
    }
    if (answer !== undefined) return answer
  }
  return undefined
}

/**
 * Asks one rule, and holds it to its contract: a predicate's `true` must not pass for "no refusal", and a
 * refusal is the same answer whether it is given or thrown.
 */
export function ask<C>(
  rule: Rule<C>,
  principal: Principal<C>,
  request: HttpRequest,
): MaybePromise<Refusal | undefined> {
  let answer: MaybePromise<unknown>
  try {
    answer = rule(principal, request)
  } catch (error) {
    return thrown(error)
  }
  if (answer === undefined) return undefined
  return isPromise(answer) ? answer.then(held, thrown) : held(answer)
}

// An outage, or whatever failed in the rule, says nothing about the principal.
const thrown = (error: unknown): Refusal => {
  if (Refusal.is(error)) return error
  throw error
}

const held = (answer: unknown): Refusal | undefined => {
  if (answer === undefined || Refusal.is(answer)) return answer
  throw new TypeError(
    `a rule answers nothing or a Refusal, not ${typeof answer}: wrap a predicate in satisfies()`,
  )
}

/** Rules are functions; anything else is a mistake that must show when the route is declared. */
export function checkRules(rules: readonly unknown[]): void {
  for (const rule of rules) {
    if (typeof rule !== 'function') {
      throw new ConfigurationError(
        `a rule is a function, such as hasScope('a'), not ${typeof rule}`,
      )
    }
  }
}
