import { Outage } from '../errors/outage.ts'
import { Refusal } from '../errors/refusal.ts'
import type { HttpRequest } from '../http/request.ts'
import type { IssuerHealth } from '../issuer/create.ts'
import type { Claims } from '../lib/claims.ts'
import { isPromise, type MaybePromise } from '../lib/maybe-promise.ts'
import { tell } from '../lib/tell.ts'
import { createDecision, type GuardParts } from './decide.ts'
import { checkRules, type Rule } from './rule.ts'
import type { TokenVerifier } from './token.ts'
import type { Verdict } from './verdict.ts'

/** Decides on requests. */
export interface Guard<C = Claims> {
  /**
   * Finds the credential, has it verified, its owner proven and the rules asked. Answers at once where
   * nothing must be waited for. Rejects, and never throws, where somebody else failed (`Outage`) or a
   * rule of the application did.
   */
  check(request: HttpRequest): MaybePromise<Verdict<C>>
  /** The same guard with more rules. */
  with(...rules: readonly Rule<C>[]): Guard<C>
  /** The same guard, letting requests without any credential pass. A bad credential still fails. */
  optional(): Guard<C>
  /** Fetches what the first request would wait for. Rejects with an `Outage`. */
  prewarm(): Promise<void>
  /**
   * For readiness probes: how the issuers fare now. Answers at once, and starts the fetches that are due for
   * configured issuers in the background, so that the next probe sees what came of it.
   */
  health(): GuardHealth
  /** Who verifies the tokens: the same for every guard that was derived from one. */
  readonly verifier: TokenVerifier<C>
}

/** How a guard fares, for readiness probes. */
export interface GuardHealth {
  /** Whether tokens can be validated, as far as anybody knows: `ok` of every issuer. */
  readonly ok: boolean
  readonly issuers: readonly IssuerHealth[]
}

/** Puts a guard together. */
export function assembleGuard<C>(parts: GuardParts<C>): Guard<C> {
  const { verifier, authenticator, observe } = parts
  const decide = createDecision(parts)

  const decided = (request: HttpRequest, verdict: Verdict<C>): Verdict<C> => {
    if (observe === undefined) return verdict
    if (verdict.granted) tell(observe, { type: 'granted', principal: verdict.principal, request })
    else tell(observe, { type: 'refused', refusal: verdict.refusal, request })
    return verdict
  }

  // Only a refusal ever becomes a verdict: an outage, or an error of the application, goes its own way.
  const failed = (request: HttpRequest, error: unknown): Verdict<C> => {
    if (Outage.is(error)) {
      const outage = error.facing()
      tell(observe, { type: 'outage', outage, request })
      throw outage
    }
    if (!Refusal.is(error)) throw error
    const refusal = error.facing(parts.face)
    tell(observe, { type: 'refused', refusal, request })
    return { granted: false, refusal }
  }

  const guard: Guard<C> = {
    verifier,
    check: (request) => {
      try {
        const verdict = decide(request)
        return isPromise(verdict)
          ? verdict.then(
              (found) => decided(request, found),
              (error: unknown) => failed(request, error),
            )
          : decided(request, verdict)
      } catch (error) {
        return settled(() => failed(request, error))
      }
    },
    with: (...rules) => {
      checkRules(rules)
      return rules.length === 0
        ? guard
        : assembleGuard({ ...parts, rules: [...parts.rules, ...rules] })
    },
    optional: () => assembleGuard({ ...parts, optional: true }),
    prewarm: async () => {
      await Promise.all([verifier.prewarm?.(), authenticator?.prewarm()])
    },
    health: () => {
      const issuers = [...(verifier.health?.() ?? []), ...(authenticator?.health() ?? [])]
      return { ok: issuers.every(({ ok }) => ok), issuers }
    },
  }
  return guard
}

/** A synchronous failure as the promise that callers of `check` expect. */
const settled = <T>(act: () => T): MaybePromise<T> => {
  try {
    return act()
  } catch (error) {
    return Promise.reject(error)
  }
}
