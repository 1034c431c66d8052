import { ConfigurationError } from '../../errors/configuration.ts'
import { refuse, type Refusal } from '../../errors/refusal.ts'
import type { Rule } from '../rule.ts'

/**
 * Demands every one of the scopes.
 *
 * @example
 * app.post('/orders', protect(guard, hasScope('orders:read', 'orders:write')), handler)
 */
export function hasScope<C = unknown>(...scopes: readonly string[]): Rule<C> {
  const demanded = checked('hasScope', scopes)
  return ({ scopes: held, issuer }) =>
    demanded.every((scope) => held.includes(scope))
      ? undefined
      : missing('all of', demanded, issuer)
}

/** Demands at least one of the scopes. */
export function hasAnyScope<C = unknown>(...scopes: readonly string[]): Rule<C> {
  const demanded = checked('hasAnyScope', scopes)
  return ({ scopes: held, issuer }) =>
    demanded.some((scope) => held.includes(scope)) ? undefined : missing('one of', demanded, issuer)
}

// RFC 6750 §3: the challenge names the scopes that would do.
const missing = (how: string, demanded: readonly string[], issuer: string): Refusal =>
  refuse(
    'scope_missing',
    `The route demands ${demanded.length === 1 ? '' : `${how} `}${demanded.join(', ')}.`,
    {
      parameters: { scope: demanded.join(' ') },
      trail: { check: 'scope', issuer },
    },
  )

// RFC 6749 §3.3: scope-token.
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

function checked(rule: string, scopes: readonly unknown[]): readonly string[] {
  if (scopes.length === 0) throw new ConfigurationError(`${rule} needs at least one scope`)
  return scopes.map((scope) => {
    if (typeof scope === 'string' && scopeToken.test(scope)) return scope
    throw new ConfigurationError(
      `${rule} takes scopes one by one, each a string without spaces: ${rule}('a', 'b')`,
    )
  })
}
