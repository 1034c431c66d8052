import { ConfigurationError } from '../../errors/configuration.ts'
import { refuse, type Refusal } from '../../errors/refusal.ts'
import type { HttpRequest } from '../../http/request.ts'
import { andThen, type MaybePromise } from '../../lib/maybe-promise.ts'
import type { Principal } from '../principal.ts'
import { applyRules, ask, type Rule } from '../rule.ts'
import type { Claims } from '../../lib/claims.ts'

/** Passes where every rule passes; answers with the first refusal. */
export function allOf<C = Claims>(...rules: readonly Rule<C>[]): Rule<C> {
  demand('allOf', rules)
  return (principal, request) => applyRules(rules, principal, request)
}

/** Passes where at least one rule passes; answers with the first refusal, and names the others in the trail. */
export function anyOf<C = Claims>(...rules: readonly Rule<C>[]): Rule<C> {
  demand('anyOf', rules)
  return (principal, request) => firstThatPasses(rules, principal, request, [])
}

/** Passes where the rule does not. A request that the rule cannot read (status 400) stays refused. */
export function not<C = Claims>(rule: Rule<C>): Rule<C> {
  demand('not', [rule])
  return (principal, request) =>
    andThen(ask(rule, principal, request), (refusal) => {
      if (refusal === undefined) return ruledOut('The rule under not() holds.', principal)
      // Or a body that is cut off would open what a whole one keeps shut.
      return refusal.status === 400 ? refusal : undefined
    })
}

/**
 * Makes a rule of a predicate: only `true` passes.
 *
 * @example
 * protect(guard, satisfies(({ claims }) => claims['department'] === 'sales'))
 */
export function satisfies<C = Claims>(
  predicate: (principal: Principal<C>, request: HttpRequest) => MaybePromise<boolean>,
  reason = 'The predicate of the route did not answer true.',
): Rule<C> {
  demand('satisfies', [predicate])
  return (principal, request) =>
    andThen(predicate(principal, request), (answer) =>
      answer === true ? undefined : ruledOut(reason, principal),
    )
}

function firstThatPasses<C>(
  rules: readonly Rule<C>[],
  principal: Principal<C>,
  request: HttpRequest,
  refused: readonly Refusal[],
): MaybePromise<Refusal | undefined> {
  const [rule, ...others] = rules
  if (rule === undefined) return summary(refused)
  return andThen(
    ask(rule, principal, request),
    (refusal) => refusal && firstThatPasses(others, principal, request, [...refused, refusal]),
  )
}

const summary = (refused: readonly Refusal[]): Refusal | undefined =>
  refused[0]?.amended({
    trail: { ...refused[0].trail, alternatives: refused.map(({ code }) => code) },
  })

const ruledOut = (reason: string, { issuer }: Principal<unknown>): Refusal =>
  refuse('forbidden', reason, { trail: { check: 'rule', issuer } })

function demand(rule: string, given: readonly unknown[]): void {
  if (given.length === 0 || !given.every((one) => typeof one === 'function')) {
    throw new ConfigurationError(`${rule} takes functions, and at least one`)
  }
}
