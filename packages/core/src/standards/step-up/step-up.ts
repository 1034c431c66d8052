import { ConfigurationError } from '../../errors/configuration.ts'
import { refuse, type Refusal } from '../../errors/refusal.ts'
import type { Principal } from '../../guard/principal.ts'
import type { Rule } from '../../guard/rule.ts'
import { cut } from '../../http/challenge.ts'
import {
  checkOptions,
  count,
  either,
  filled,
  fn,
  listOf,
  seconds,
  type Check,
} from '../../lib/assert.ts'

/** How strongly and how lately a user must have been authenticated. At least one of `acr` and `maxAge`. */
export interface StepUpOptions {
  /** Authentication contexts, the preferred one first: any of them will do. */
  readonly acr?: string | readonly string[]
  /** Seconds that may have passed since the user was authenticated. */
  readonly maxAge?: number
  /** Whether the `acr` of a token is worth one of those wanted. Default: it must be one of them. */
  readonly meets?: (acr: string | undefined, wanted: readonly string[]) => boolean
  /** Seconds by which the issuer's clock may differ from ours. Default 5. */
  readonly clockTolerance?: number
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

// In a challenge the values stand between spaces (RFC 9470 §3).
const context: Check = (value) =>
  typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value)
    ? undefined
    : 'must be a string without spaces and quotes'

const checks = {
  acr: either(context, filled(listOf(context))),
  maxAge: count,
  meets: fn,
  clockTolerance: seconds,
  now: fn,
} as const

/**
 * Demands a stronger or a more recent authentication of the user. The refusal is the challenge of RFC 9470,
 * by which a client knows what to ask the issuer for.
 *
 * @example
 * app.post('/payments', protect(guard, stepUp({ acr: 'phr', maxAge: 300 })), handler)
 */
export function stepUp<C = unknown>(options: StepUpOptions): Rule<C> {
  checkOptions('stepUp', options, checks)
  const { maxAge, meets = isAmong, clockTolerance = 5, now = () => Date.now() } = options
  const acr = [options.acr ?? []].flat()
  if (acr.length === 0 && maxAge === undefined) {
    throw new ConfigurationError('stepUp needs acr, maxAge or both')
  }
  const parameters = {
    ...(acr.length > 0 && { acr_values: acr.join(' ') }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
  }
  const refused = (reason: string, { issuer, acr: presented }: Principal<unknown>): Refusal =>
    refuse('step_up_required', reason, {
      parameters,
      trail: {
        check: 'step-up',
        issuer,
        ...(presented !== undefined && { presented: cut(presented) }),
      },
    })
  return (principal) => {
    if (acr.length > 0 && meets(principal.acr, acr) !== true) {
      return refused(`The route demands the authentication context ${acr.join(' or ')}.`, principal)
    }
    if (maxAge === undefined) return undefined
    const { authenticatedAt } = principal
    if (authenticatedAt === undefined)
      return refused('Nothing says when the user was authenticated.', principal)
    const age = now() / 1000 - authenticatedAt
    if (age < -clockTolerance)
      return refused('The user was authenticated in the future, says the token.', principal)
    return age <= maxAge + clockTolerance
      ? undefined
      : refused(`The user was authenticated ${Math.round(age)} s ago.`, principal)
  }
}

const isAmong = (acr: string | undefined, wanted: readonly string[]): boolean =>
  acr !== undefined && wanted.includes(acr)
