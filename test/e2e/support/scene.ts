import { setImmediate } from 'node:timers/promises'
import { ConfigurationError, Outage, Refusal, jwt } from '@portcullis/core'
import type { AccessToken, Claims, JwtSettings, TrustedIssuer } from '@portcullis/core'
import { createClock, type Clock } from '../../../packages/testkit/src/clock.ts'
import { createTestKey, type Part, type TestKey } from './signing.ts'

export { createClock, type Clock }

export const start = 1_700_000_000
export const issuer = 'https://id.test'
export const audience = 'https://api.test'

/** The claims of a good access token at `start`. */
export const goodClaims = (more: Readonly<Record<string, unknown>> = {}): Claims =>
  Object.fromEntries(
    Object.entries({
      iss: issuer,
      aud: audience,
      sub: 'user-1',
      client_id: 'client-1',
      iat: start,
      exp: start + 300,
      jti: 'token-1',
      ...more,
    }).filter(([, value]) => value !== undefined),
  )

type Verify<C> = (token: string) => AccessToken<C> | Promise<AccessToken<C>>

/** A verifier over one key that was handed in, with a clock that stands at `start`. */
export interface Scene {
  readonly clock: Clock
  readonly key: TestKey
  /** A good token with claims and header members on top; `undefined` takes a claim away. */
  readonly token: (claims?: Readonly<Record<string, unknown>>, header?: Part & object) => string
  readonly verifier: <C = Claims>(
    policy?: Partial<TrustedIssuer<C>>,
    settings?: JwtSettings<C>,
  ) => Verify<C>
}

export function createScene(key: TestKey = createTestKey('ES256')): Scene {
  const clock = createClock(start * 1000)
  return {
    clock,
    key,
    token: (claims = {}, header = {}) => key.token(goodClaims(claims), { ...header }),
    verifier: (policy = {}, settings = {}) => {
      const trusted = { issuer, audience, jwks: { keys: [key.jwk] }, ...policy }
      const { now } = clock
      return jwt({ issuers: [trusted], cache: false, now, fetch: neverFetch, ...settings }).verify
    },
  }
}

/** For whoever must not ask the network at all. */
export const neverFetch = (): never => {
  throw new Error('nothing may be fetched here')
}

/** What an act throws or rejects with. */
export async function failure(act: () => unknown): Promise<unknown> {
  try {
    await act()
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

export async function refusalOf(act: () => unknown): Promise<Refusal> {
  const error = await failure(act)
  if (Refusal.is(error)) return error
  throw error
}

export async function outageOf(act: () => unknown): Promise<Outage> {
  const error = await failure(act)
  if (Outage.is(error)) return error
  throw error
}

/** The stable code of a failure; an error without one is thrown on. */
export async function codeOf(act: () => unknown): Promise<string> {
  const error = await failure(act)
  if (Refusal.is(error) || Outage.is(error) || error instanceof ConfigurationError)
    return error.code
  throw error
}

/** Lets whatever goes on in the background come to its end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await setImmediate()
}
