import {
  allOf,
  anyOf,
  ConfigurationError,
  hasAnyScope,
  hasClaim,
  hasScope,
  not,
  type Rule,
} from '@portcullis/core'
import type { ClaimWanted, RuleConfig } from '../config/config.ts'

/** Rules of a route, ready for a guard. */
export interface ReadRules {
  readonly rules: readonly Rule[]
  /** Whether one of them is the program's own. */
  readonly custom: boolean
}

/** Makes the guard's rules of written ones; `known` are the program's own, by name. */
export function readRules(
  config: RuleConfig,
  known: Readonly<Record<string, Rule>> = {},
): ReadRules {
  return { rules: rulesOf(config, known), custom: namesCustom(config) }
}

function rulesOf(config: RuleConfig, known: Readonly<Record<string, Rule>>): readonly Rule[] {
  const { scopes = [], anyScope = [], claims = {} } = config
  const together = (one: RuleConfig): Rule => combined(rulesOf(one, known))
  return [
    ...(scopes.length > 0 ? [hasScope(...scopes)] : []),
    ...(anyScope.length > 0 ? [hasAnyScope(...anyScope)] : []),
    ...Object.entries(claims).map(([path, wanted]) => claimRule(path, wanted)),
    ...(config.anyOf ? [anyOf(...config.anyOf.map(together))] : []),
    ...(config.allOf ? [allOf(...config.allOf.map(together))] : []),
    ...(config.not ? [not(together(config.not))] : []),
    ...(config.custom ?? []).map((name) => customRule(name, known)),
  ]
}

function combined(rules: readonly Rule[]): Rule {
  const [only] = rules
  return only !== undefined && rules.length === 1 ? only : allOf(...rules)
}

function claimRule(path: string, wanted: ClaimWanted): Rule {
  const values = typeof wanted === 'object' ? wanted : [wanted]
  const [only] = values
  return only !== undefined && values.length === 1
    ? hasClaim(path, only)
    : anyOf(...values.map((value) => hasClaim(path, value)))
}

function customRule(name: string, known: Readonly<Record<string, Rule>>): Rule {
  const rule = Object.hasOwn(known, name) ? known[name] : undefined
  if (rule !== undefined) return rule
  throw new ConfigurationError(
    `a route names the rule ${JSON.stringify(name)}, and the program was given none of that name`,
  )
}

const namesCustom = ({ custom, anyOf: any, allOf: all, not: none }: RuleConfig): boolean =>
  (custom !== undefined && custom.length > 0) ||
  [...(any ?? []), ...(all ?? []), ...(none ? [none] : [])].some(namesCustom)
