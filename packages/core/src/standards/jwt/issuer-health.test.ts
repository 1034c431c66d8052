import { describe, expect, test } from 'vitest'
import { createFakeIssuer } from '../../../../../test/e2e/support/fake-issuer.ts'
import {
  audience,
  createClock,
  goodClaims,
  outageOf,
  settle,
  start,
} from '../../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../../test/e2e/support/signing.ts'
import { jwt } from './jwt.ts'

const ec = createTestKey('ES256', 'k')
const tenant = (name: string) => `https://${name}.tenants.test`
const tokenOf = (iss: string, more: object = {}) => ec.token(goodClaims({ iss, ...more }))

describe('health of listed issuers', () => {
  test('has the first keys fetched, for each of them', async () => {
    const [a, b] = [tenant('a'), tenant('b')]
    const fakes = new Map([a, b].map((url) => [url, createFakeIssuer(url, ec.jwk)]))
    const verifier = jwt({
      issuers: [a, b].map((issuer) => ({ issuer, audience })),
      now: createClock(start * 1000).now,
      fetch: (input, init) => {
        const { origin } = new URL(input instanceof Request ? input.url : input)
        return fakes.get(origin)?.fetch(input, init) ?? Promise.reject(new Error('who?'))
      },
    })
    const probe = () => verifier.health?.().map(({ status, ok }) => [status, ok])
    expect(probe()).toEqual(Array.from({ length: 2 }, () => ['cold', false]))
    await settle()
    expect(probe()).toEqual(Array.from({ length: 2 }, () => ['fresh', true]))
    expect([...fakes.values()].map(({ keyFetches }) => keyFetches)).toEqual([1, 1])
  })
})

describe('health of tenants', () => {
  const remote = (keyHeaders = {}) => {
    const fake = createFakeIssuer(tenant('a'), ec.jwk)
    fake.keyHeaders(keyHeaders)
    const clock = createClock(start * 1000)
    const { verify, health } = jwt({
      issuers: (issuer) => ({ issuer, audience, keys: { staleFor: 0 } }),
      now: clock.now,
      cache: false,
      fetch: fake.fetch,
    })
    const token = tokenOf(tenant('a'), { exp: start + 90_000 })
    return { fake, clock, verify: () => verify(token), health: () => health?.() ?? [] }
  }

  test('fetches nothing: keys past their time are no complaint while nothing failed', async () => {
    const at = remote({ 'cache-control': 'max-age=60' })
    await at.verify()
    at.clock.advance(200)
    for (let probe = 0; probe < 10; probe++) {
      expect(at.health()).toMatchObject([{ status: 'stale', ok: true, failures: 0 }])
      await settle()
    }
    expect(at.fake.keyFetches).toBe(1)
  })

  test('of one whose first keys are on their way is no complaint', async () => {
    const at = remote()
    const open = at.fake.hold('all')
    const first = at.verify()
    expect(at.health()).toMatchObject([{ status: 'cold', ok: true }])
    open()
    await first
    expect(at.health()).toMatchObject([{ status: 'fresh', ok: true }])
  })

  test('of one whose issuer fails is a complaint, while somebody asks for it', async () => {
    const at = remote()
    at.fake.break('all', () => new Response('', { status: 500 }))
    await outageOf(at.verify)
    expect(at.health()).toMatchObject([{ status: 'cold', ok: false, failures: 1 }])
    at.clock.advance(299)
    await outageOf(at.verify)
    expect(at.health()).toMatchObject([{ ok: false, failures: 2 }])
    at.clock.advance(1)
    expect(at.health()).toEqual([])
    await outageOf(at.verify)
    expect(at.health()).toMatchObject([{ ok: false }])
  })

  test('of many that nobody asked for lately are no work at all', async () => {
    const fake = createFakeIssuer(tenant('a'), ec.jwk)
    const clock = createClock(start * 1000)
    const verifier = jwt({
      issuers: (issuer) => ({ issuer, audience }),
      now: clock.now,
      cache: false,
      fetch: fake.fetch,
    })
    for (let index = 0; index < 200; index++) {
      await outageOf(() => verifier.verify(tokenOf(tenant(`t${index}`))))
    }
    const known = fake.calls.length
    expect(verifier.health?.()).toHaveLength(200)
    for (let second = 0; second < 300; second += 30) {
      verifier.health?.()
      clock.advance(30)
    }
    await settle()
    expect(fake.calls).toHaveLength(known)
    expect(verifier.health?.()).toEqual([])
  })
})
