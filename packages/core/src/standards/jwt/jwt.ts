import type { JWK } from 'jose'
import { refuse } from '../../errors/refusal.ts'
import type { Claims } from '../../lib/claims.ts'
import type { AccessToken, TokenVerifier } from '../../guard/token.ts'
import {
  anything,
  checkOptions,
  count,
  either,
  fn,
  listOf,
  oneOf,
  record,
  schema,
  seconds,
  type Check,
} from '../../lib/assert.ts'
import { isPromise, type MaybePromise } from '../../lib/maybe-promise.ts'
import type { Runtime } from '../../lib/runtime.ts'
import type { Schema } from '../../lib/standard-schema.ts'
import { createTokenCache, type CacheOptions, type Proof } from './cache.ts'
import { createDecryption } from './encrypted.ts'
import { createExamination } from './examine.ts'
import type { TrustedIssuer } from './policy.ts'
import { listedIssuers, resolvedIssuers, type IssuerResolver } from './trusted-issuers.ts'

/** Whom to trust, and what holds for every token. */
export interface JwtOptions<C = Claims> extends JwtSettings<C>, Runtime {
  /** Whom to trust: a list, or a resolver for tenants. */
  readonly issuers: readonly TrustedIssuer<C>[] | IssuerResolver<C>
}

/** What holds for the tokens of every issuer. */
export interface JwtSettings<C = Claims> {
  /** Characters of the longest token that is looked at. Default 16,384. */
  readonly maxTokenSize?: number
  /**
   * Tenants whose keys are kept, where a resolver finds the issuers. Default 10,000. Should exceed the
   * number of tenants: one that was dropped is discovered again, by whoever names it.
   */
  readonly maxTenants?: number
  /**
   * Private or secret keys (JWK) for encrypted tokens. Without any, encrypted tokens are refused. Tokens that
   * are only signed are taken with them as well.
   */
  readonly decryptionKeys?: readonly JWK[]
  /** Checks and types the claims: a schema of zod, valibot, arktype or another with the Standard Schema interface. */
  readonly claims?: Schema<C>
  /** Remembers tokens that were found genuine, as long as they come again; `false` validates every time, and freezes no claims, because nobody shares them. */
  readonly cache?: false | CacheOptions
}

export const jwtChecks: Readonly<Record<keyof JwtSettings, Check>> = {
  maxTokenSize: count,
  maxTenants: count,
  decryptionKeys: listOf(record),
  claims: schema,
  cache: either(oneOf(false), record),
}

/** Verifies JWT access tokens (RFC 9068, RFC 7519) with the keys that their issuers publish. */
export const jwt = <C = Claims>(options: JwtOptions<C>): TokenVerifier<C> =>
  createJwtVerifier(options, (index) => `jwt.issuers[${index}]`)

/** The same for whoever takes in the options under names of its own. */
export function createJwtVerifier<C>(
  options: JwtOptions<C>,
  nameOf: (index: number) => string,
): TokenVerifier<C> {
  checkOptions('jwt', options, { issuers: anything, ...jwtChecks, fetch: fn, now: fn })
  const {
    issuers,
    maxTokenSize = 16_384,
    maxTenants = 10_000,
    decryptionKeys = [],
    cache: caching = {},
    fetch,
    now = () => Date.now(),
  } = options
  if (caching !== false) checkOptions('cache', caching, { entries: count, maxAge: seconds })
  const runtime: Runtime = { now, ...(fetch && { fetch }) }
  const trusted =
    typeof issuers === 'function'
      ? resolvedIssuers(issuers, runtime, maxTenants)
      : listedIssuers(issuers, runtime, nameOf)
  const decrypt = decryptionKeys.length === 0 ? undefined : createDecryption(decryptionKeys)
  const examine = createExamination(trusted, options.claims, decrypt, caching !== false)
  const cache = caching === false ? undefined : createTokenCache<C>(caching)

  return {
    verify: (token) => {
      if (token.length > maxTokenSize) {
        throw refuse(
          'token_too_large',
          `The token has ${token.length} characters; ${maxTokenSize} are allowed.`,
          { trail: { check: 'size' } },
        )
      }
      const time = now() / 1000
      if (cache?.takes(token) !== true) return accessOf(examine(token, time))
      const known = cache.find(token, time)
      if (typeof known !== 'string') return known
      const proof = examine(token, time)
      const keep = (found: Proof<C>): AccessToken<C> => {
        cache.set(known, found)
        return found.access
      }
      return isPromise(proof) ? proof.then(keep) : keep(proof)
    },
    prewarm: async () => {
      await Promise.all(trusted.known().map(({ issuer }) => issuer.prewarm()))
    },
    health: () => trusted.health(),
  }
}

const accessOf = <C>(proof: MaybePromise<Proof<C>>): MaybePromise<AccessToken<C>> =>
  isPromise(proof) ? proof.then(({ access }) => access) : proof.access
