import { ConfigurationError } from '../../errors/configuration.ts'
import { refuse } from '../../errors/refusal.ts'
import type { AccessToken, TokenVerifier } from '../../guard/token.ts'
import { checkOptions } from '../../lib/assert.ts'
import type { Claims } from '../../lib/claims.ts'
import { fingerprint } from '../../lib/seal.ts'
import { createBreaker } from './breaker.ts'
import { createFindingCache } from './cache.ts'
import { find, type Finding } from './finding.ts'
import {
  breakerChecks,
  cacheChecks,
  introspectionChecks,
  type IntrospectionOptions,
} from './options.ts'
import { expectedOf, healthOf, issuerOf, questionOf } from './parts.ts'
import { createSharedAnswers } from './shared.ts'
import { createTraffic } from './traffic.ts'

/**
 * Verifies tokens by asking their issuer (RFC 7662): opaque ones, and any that must be known to be good
 * now. Wrong options throw a `ConfigurationError` here; nothing is fetched before the first token.
 *
 * @example
 * const verifier = introspection({ issuer: 'https://id.example.com', client: { id, secret }, audience: 'orders' })
 * const guard = createGuard({ verifier })
 */
export function introspection<C = Claims>(options: IntrospectionOptions<C>): TokenVerifier<C> {
  checkOptions('introspection', options, introspectionChecks)
  const { now = () => Date.now(), maxTokenSize = 16_384, maxInFlight = 100 } = options
  const issuer = issuerOf(options)
  const question = questionOf(options, issuer)
  const expected = expectedOf(options, issuer)
  const { cache: caching = false, breaker: breaking = {}, endpoint, claims: schema } = options
  if (caching !== false) checkOptions('introspection.cache', caching, cacheChecks)
  if (breaking !== false) checkOptions('introspection.breaker', breaking, breakerChecks)
  const cache = caching === false ? undefined : createFindingCache<C>(caching)
  const shared = sharedOf(options)
  const breaker = breaking === false ? undefined : createBreaker(breaking, now)
  const url = endpoint ?? issuer.url
  const signedOnly = options.signed !== undefined && options.signed !== false
  const traffic = createTraffic<Claims | undefined, Finding<C>>({ maxInFlight, breaker, url })
  // A token of one issuer must never pass for one of another, wherever answers are kept, and issuers may
  // tell one client more than another.
  const namespace = `${issuer.url} ${url} ${options.client.id} ${signedOnly} `
  const findingOf = (said: Claims | undefined): Promise<Finding<C>> =>
    find(said, { expected, schema, now: now() / 1000 })

  return {
    verify: (token) => {
      checkSyntax(token, maxTokenSize)
      const askedAt = now() / 1000
      const id = fingerprint(namespace + token)
      const known = cache?.get(id, askedAt)
      if (known !== undefined) return conclude(known)
      const read = async (said: Claims | undefined): Promise<Finding<C>> => {
        const finding = await findingOf(said)
        cache?.set(id, finding, askedAt)
        shared?.tell(id, said, { finding, askedAt })
        return finding
      }
      const fly = () => traffic(id, { ask: () => question(token), read })
      if (shared === undefined) return fly().then(conclude)
      return shared.recall(id, askedAt, findingOf).then((recalled) => {
        if (recalled === undefined) return fly().then(conclude)
        cache?.set(id, recalled.finding, recalled.askedAt)
        return conclude(recalled.finding)
      })
    },
    prewarm: async () => {
      if (endpoint === undefined) await issuer.metadata()
      if (signedOnly) await issuer.prewarm()
    },
    health: () => [healthOf(issuer, { signedOnly, breaker })],
  }
}

function sharedOf<C>({ store, cache = false }: IntrospectionOptions<C>) {
  if (store === undefined) return undefined
  if (typeof store.get !== 'function' || typeof store.set !== 'function') {
    throw new ConfigurationError('introspection.store must have functions get and set')
  }
  if (cache === false) {
    throw new ConfigurationError('introspection.store shares what cache remembers: set cache too')
  }
  return createSharedAnswers<C>(store, cache)
}

// RFC 6750 §2.1: `b64token`. Whatever else is in there was made by no issuer.
const b64token = /^[\w.~+/-]+=*$/

function checkSyntax(token: string, most: number): void {
  if (token.length > most) {
    throw refuse(
      'token_too_large',
      `The token has ${token.length} characters; ${most} are allowed.`,
      { trail: { check: 'size' } },
    )
  }
  if (b64token.test(token)) return
  throw refuse('token_malformed', 'The token holds characters that no access token may hold.', {
    trail: { check: 'shape' },
  })
}

// An error belongs to one request.
function conclude<C>({ access, refusal }: Finding<C>): AccessToken<C> {
  if (refusal !== undefined) throw refusal.amended({})
  return access
}
