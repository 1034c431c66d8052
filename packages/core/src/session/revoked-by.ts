import type { Principal } from '../guard/principal.ts'
import { andThen, type MaybePromise } from '../lib/maybe-promise.ts'
import { ownValue } from '../lib/own.ts'
import { ask } from './asked.ts'
import { marksOfToken } from './marks.ts'
import type { Revocations } from './revocations.ts'

/**
 * The `revoked` hook of a guard that knows what a login has ended: a token that was issued before its
 * user, or its session at the issuer (`sid`), was logged out is refused.
 *
 * @example
 * createGuard({ issuer, audience, revoked: revokedBy(redisRevocations(client)) })
 */
export const revokedBy =
  (revocations: Revocations): ((principal: Principal<unknown>) => MaybePromise<boolean>) =>
  (principal) => {
    const { issuer, subject, claims } = principal
    const { sid, iat } = readClaims(claims)
    const marks = marksOfToken({ issuer, ...(subject !== undefined && { sub: subject }), ...sid })
    if (marks.length === 0) return false
    return andThen(
      ask('revocations', () => revocations.latest(marks)),
      (at) => at !== undefined && iat * 1000 <= at,
    )
  }

// A token that does not say when it was issued may be older than any mark.
function readClaims(claims: unknown): {
  readonly sid: { readonly sid?: string }
  readonly iat: number
} {
  if (typeof claims !== 'object' || claims === null) return { sid: {}, iat: -Infinity }
  const [sid, iat] = [ownValue(claims, 'sid'), ownValue(claims, 'iat')]
  return {
    sid: typeof sid === 'string' ? { sid } : {},
    iat: typeof iat === 'number' ? iat : -Infinity,
  }
}
