import { describe, expect, test, vi } from 'vitest'
import {
  createFakeIssuer,
  json,
  refused,
  status,
  type FakeIssuer,
} from '../../../../test/e2e/support/fake-issuer.ts'
import {
  codeOf,
  createClock,
  neverFetch,
  outageOf,
  settle,
  start,
} from '../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../test/e2e/support/signing.ts'
import { createIssuer, type IssuerOptions } from './create.ts'
import type { PublicKey } from './key-set.ts'

const url = 'https://id.test'
const [a, b] = [createTestKey('ES256', 'a').jwk, createTestKey('ES256', 'b').jwk]
const named = (kid: string) => (keys: readonly PublicKey[]) => keys.find((key) => key.kid === kid)

function scene(options: Partial<IssuerOptions> = {}) {
  const clock = createClock(start * 1000)
  const fake = createFakeIssuer(url, a)
  const issuer = createIssuer({ issuer: url, fetch: fake.fetch, now: clock.now, ...options })
  return { clock, fake, issuer }
}

describe('nothing is fetched before it is needed', () => {
  test('not at the making', async () => {
    const { fake, issuer } = scene()
    await settle()
    expect(fake.calls).toEqual([])
    expect(issuer.health()).toMatchObject({ issuer: url, ok: false, status: 'cold', keys: 0 })
  })

  test('500 waiters cost one discovery and one key set', async () => {
    const { fake, issuer } = scene()
    await Promise.all(Array.from({ length: 500 }, async () => issuer.keys.choose(named('a'))))
    expect(fake.calls).toEqual([`${url}/.well-known/openid-configuration`, `${url}/keys`])
  })

  test('prewarm fetches both, and the first request fetches nothing', async () => {
    const { fake, issuer } = scene()
    await issuer.prewarm()
    expect(fake.calls).toHaveLength(2)
    expect(issuer.health()).toMatchObject({ ok: true, status: 'fresh', keys: 1, age: 0 })
    expect(issuer.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    await issuer.prewarm()
    expect(fake.calls).toHaveLength(2)
  })

  test('prewarm rejects with the outage', async () => {
    const { fake, issuer } = scene()
    fake.break('all', refused)
    expect(await codeOf(() => issuer.prewarm())).toBe('issuer_unreachable')
  })

  test('metadata alone need no keys', async () => {
    const { fake, issuer } = scene()
    expect(await issuer.metadata()).toMatchObject({ token_endpoint: `${url}/token` })
    expect(fake.keyFetches).toBe(0)
  })
})

describe('the time that a key set is used, from its header fields', () => {
  test.each([
    [{}, 600],
    [{ 'cache-control': 'public, max-age=1800' }, 1800],
    [{ 'cache-control': 'max-age=1800', age: '800' }, 1000],
    [{ 'cache-control': 'Max-Age="900"' }, 900],
    [{ 'cache-control': 'max-age=5' }, 60],
    [{ 'cache-control': 'max-age=100', age: '99' }, 60],
    [{ 'cache-control': 'max-age=100', age: '500' }, 60],
    [{ 'cache-control': 'max-age=86400' }, 3600],
    [{ 'cache-control': 'no-store, max-age=900' }, 60],
    [{ 'cache-control': 'no-cache' }, 60],
    [{ 'cache-control': 'max-age=soon' }, 600],
    [{ 'cache-control': 'max-age=1800', age: 'old' }, 1800],
  ])('%j: %i seconds', async (headers, lifetime) => {
    const { clock, fake, issuer } = scene()
    fake.keyHeaders(headers)
    await issuer.prewarm()
    clock.advance(lifetime - 0.001)
    expect(issuer.health().status).toBe('fresh')
    clock.advance(0.001)
    expect(issuer.health().status).toBe('stale')
  })
})

describe('the four states of health', () => {
  test('cold, fresh, stale, down, and fresh again', async () => {
    const { clock, fake, issuer } = scene({ keys: { staleFor: 100 } })
    const state = () => [issuer.health().status, issuer.health().ok]
    expect(state()).toEqual(['cold', false])
    await issuer.prewarm()
    expect(state()).toEqual(['fresh', true])
    fake.break('all', status(500))
    clock.advance(600)
    expect(state()).toEqual(['stale', true])
    await issuer.prewarm()
    expect(issuer.health()).toMatchObject({ failures: 1, lastFailure: { status: 503 } })
    clock.advance(100)
    expect(state()).toEqual(['down', false])
    fake.heal()
    await issuer.prewarm()
    expect(state()).toEqual(['fresh', true])
    expect(issuer.health().lastFailure).toBeUndefined()
  })

  test('the default bound of staleness is a day', async () => {
    const { clock, fake, issuer } = scene()
    await issuer.prewarm()
    fake.break('all', refused)
    clock.advance(600 + 86_399)
    expect(issuer.health()).toMatchObject({ status: 'stale', ok: true })
    expect(await issuer.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    clock.advance(1)
    expect(issuer.health()).toMatchObject({ status: 'down', ok: false })
    expect(await codeOf(() => issuer.keys.choose(named('a')))).toBe('keys_unreachable')
  })
})

test('metadata are renewed in the life of the process: the keys may move', async () => {
  const { clock, fake, issuer } = scene()
  fake.metadataHeaders({ 'cache-control': 'max-age=300' })
  await issuer.prewarm()
  const moved = `${url}/keys-2`
  fake.break('discovery', (address) =>
    json(address === moved ? { keys: [a] } : { issuer: url, jwks_uri: moved }),
  )
  for (let round = 0; round < 3; round++) {
    clock.advance(300)
    await issuer.keys.choose(named('a'))
    await settle()
  }
  expect(fake.discoveries).toBeGreaterThan(1)
  expect(fake.calls.at(-1)).toBe(moved)
})

test('an outage of the metadata stops nobody while they are known', async () => {
  const { clock, fake, issuer } = scene()
  await issuer.prewarm()
  fake.break('discovery', refused)
  fake.publish(a, b)
  clock.advance(4000)
  expect(await issuer.keys.choose(named('b'))).toMatchObject({ kid: 'b' })
  expect(issuer.health()).toMatchObject({ status: 'fresh', failures: 0 })
})

describe('keys and metadata that were handed in', () => {
  test('keys: nothing is fetched for a signature', async () => {
    const issuer = createIssuer({ issuer: url, jwks: { keys: [a] }, fetch: neverFetch })
    await issuer.prewarm()
    expect(issuer.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    expect(issuer.health()).toMatchObject({ ok: true, status: 'fresh', keys: 1 })
  })

  test('metadata: only the keys are fetched', async () => {
    const { fake, issuer } = scene({ metadata: { issuer: url, jwks_uri: `${url}/keys` } })
    await issuer.prewarm()
    expect(fake.calls).toEqual([`${url}/keys`])
  })

  test('both are checked at the making', async () => {
    const make = (options: object) => codeOf(() => createIssuer({ issuer: url, ...options }))
    const wrong = [
      { jwks: {} },
      { jwks: { keys: [7] } },
      { jwks: { keys: [] } },
      { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } },
      { jwks: [a] },
      { metadata: { issuer: `${url}/` } },
      { metadata: { issuer: url, jwks_uri: 'keys' } },
      { metadata: 'https://id.test' },
    ]
    for (const options of wrong) expect(await make(options)).toBe('configuration_invalid')
  })

  test('metadata without a jwks_uri are an outage that says so', async () => {
    const { issuer } = scene({ metadata: { issuer: url } })
    const outage = await outageOf(() => issuer.prewarm())
    expect(outage).toMatchObject({ code: 'issuer_invalid', url })
    expect(outage.message).toContain('name no jwks_uri')
  })
})

describe('options', () => {
  test.each([
    [{}, 'issuer must be an absolute URL'],
    [{ issuer: 'http://id.example.com' }, 'https'],
    [{ issuer: url, jwsk: {} }, 'did you mean jwks?'],
    [{ issuer: url, keys: { timeOut: 1 } }, 'did you mean timeout?'],
    [{ issuer: url, keys: { timeout: -1 } }, 'issuer.keys.timeout must be a number of seconds'],
    [{ issuer: url, keys: { staleFor: Number.POSITIVE_INFINITY } }, 'staleFor'],
    [{ issuer: url, keys: { cooldown: '10' } }, 'cooldown'],
    [{ issuer: url, allowInsecureIssuer: 'yes' }, 'allowInsecureIssuer must be true or false'],
    [{ issuer: url, fetch: {} }, 'fetch must be a function'],
    [{ issuer: url, now: 7 }, 'now must be a function'],
  ])('%j is a ConfigurationError: %s', (options, why) => {
    // What a program in JavaScript may hand in.
    expect(() => createIssuer(options as IssuerOptions)).toThrow(why)
    expect(() => createIssuer(options as IssuerOptions)).toThrow(TypeError)
  })

  test('undefined counts as absent', () => {
    expect(createIssuer({ issuer: url, ...JSON.parse('{}'), fetch: undefined }).url).toBe(url)
  })

  test('without a fetch and a clock of its own the globals are called, late', async () => {
    const issuer = createIssuer({ issuer: url })
    const fake = createFakeIssuer(url, a)
    vi.stubGlobal('fetch', fake.fetch)
    vi.spyOn(Date, 'now').mockReturnValue(start * 1000)
    try {
      await issuer.prewarm()
      vi.mocked(Date.now).mockReturnValue(start * 1000 + 7000)
      expect(issuer.health().age).toBe(7)
      expect(fake.calls).toHaveLength(2)
    } finally {
      vi.unstubAllGlobals()
      vi.restoreAllMocks()
    }
  })
})

test.each([0.07, 1.001, 2.123, 4_000_000, 5_000_000])(
  'a timeout of %d seconds is a timeout, not a crash',
  async (timeout) => {
    const { fake, issuer } = scene({ keys: { timeout } })
    await issuer.prewarm()
    expect(fake.calls).toHaveLength(2)
    expect(await issuer.metadata()).toMatchObject({ issuer: url })
  },
)

describe('plain http', () => {
  const over = (fake: FakeIssuer, options: Partial<IssuerOptions> = {}) =>
    createIssuer({ issuer: fake.url, fetch: fake.fetch, ...options })

  test('is refused at the making, and for keys that https metadata point to', async () => {
    const fake = createFakeIssuer('https://id.test', a)
    fake.break('discovery', () => json({ issuer: fake.url, jwks_uri: 'http://id.test/keys' }))
    const outage = await outageOf(() => over(fake).prewarm())
    expect(outage).toMatchObject({ code: 'keys_unreachable', url: 'http://id.test/keys' })
    expect(outage.message).toContain('must be an https: URL')
    expect(fake.keyFetches).toBe(0)
    expect(() => over(createFakeIssuer('http://id.test'))).toThrow('https')
  })

  test.each(['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'])(
    'is fine for %s',
    async (loopback) => {
      const fake = createFakeIssuer(loopback, a)
      await over(fake).prewarm()
      expect(fake.keyFetches).toBe(1)
    },
  )

  test('is allowed by allowInsecureIssuer, keys included', async () => {
    const fake = createFakeIssuer('http://id.internal', a)
    await over(fake, { allowInsecureIssuer: true }).prewarm()
    expect(fake.calls).toHaveLength(2)
  })
})

describe('a snapshot', () => {
  test('taken from one process spares the next one every fetch', async () => {
    const first = scene()
    first.fake.keyHeaders({ 'cache-control': 'max-age=1200' })
    const snapshot = JSON.parse(JSON.stringify(await first.issuer.snapshot()))
    expect(snapshot).toMatchObject({
      version: 1,
      issuer: url,
      metadata: { issuer: url },
      jwks: { keys: [{ kid: 'a', alg: 'ES256', kty: 'EC' }] },
      fetchedAt: start * 1000,
      lifetime: 1200,
    })
    const next = scene({ snapshot })
    expect(next.issuer.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    expect(next.issuer.health()).toMatchObject({ ok: true, status: 'fresh' })
    expect(next.fake.calls).toEqual([])
  })

  test('of keys without name and algorithm keeps them so', async () => {
    const { kid: _kid, alg: _alg, ...bare } = a
    const { fake, issuer } = scene()
    fake.publish(bare)
    const { jwks } = await issuer.snapshot()
    expect(jwks.keys[0]).not.toHaveProperty('kid')
    expect(jwks.keys[0]).not.toHaveProperty('alg')
  })

  test('keeps the object of its key through the first fetch, so that verdicts stay', async () => {
    const { jwks, ...rest } = await scene().issuer.snapshot()
    const next = scene({ snapshot: { ...rest, jwks } })
    const before = next.issuer.keys.current[0]
    next.clock.advance(400)
    next.issuer.keys.ready()
    await settle()
    expect(next.fake.keyFetches).toBe(1)
    expect(next.issuer.keys.current[0]).toBe(before)
  })

  test('lets the process start while the issuer is down', async () => {
    const snapshot = await scene().issuer.snapshot()
    const { clock, fake, issuer } = scene({ snapshot })
    fake.break('all', refused)
    clock.advance(50_000)
    expect(await issuer.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    expect(issuer.health()).toMatchObject({ status: 'stale', ok: true })
  })

  test('cannot be taken where the keys cannot be had', async () => {
    const { fake, issuer } = scene()
    fake.break('keys', status(503))
    expect(await codeOf(() => issuer.snapshot())).toBe('keys_unreachable')
  })

  test('of another issuer, or tampered with, is a ConfigurationError', async () => {
    const snapshot = await scene().issuer.snapshot()
    const wrong = [
      { ...snapshot, version: 2 },
      { ...snapshot, metadata: { issuer: 'https://other.test' } },
      { ...snapshot, jwks: { keys: 'none' } },
      { ...snapshot, fetchedAt: 'now' },
    ]
    for (const one of wrong) {
      const act = () => scene({ snapshot: one as unknown as typeof snapshot })
      expect(await codeOf(act)).toBe('configuration_invalid')
    }
  })
})

describe('an answer for the keys that is none', () => {
  test.each([
    ['a 404', status(404), 'keys_unreachable', 'status', 'answered 404'],
    ['a 503', status(503), 'keys_unreachable', 'status', 'answered 503'],
    ['a list', () => json([a]), 'keys_invalid', 'content', 'there is no array "keys"'],
    ['null', () => json('null'), 'keys_invalid', 'content', 'there is no array "keys"'],
    ['a text for keys', () => json({ keys: 'a' }), 'keys_invalid', 'content', 'no array'],
    ['a number among the keys', () => json({ keys: [7] }), 'keys_invalid', 'content', 'object'],
    [
      '10,000 keys',
      () => json({ keys: Array.from({ length: 10_000 }, () => ({ kty: 'EC' })) }),
      'keys_invalid',
      'content',
      'it holds 10000 keys, more than 100',
    ],
    ['broken JSON', () => json('{"keys": ['), 'keys_unreachable', 'content', 'it is not JSON'],
    ['a connection that fails', refused, 'keys_unreachable', 'connect', 'ECONNREFUSED'],
  ])('%s', async (_what, answer, code, phase, why) => {
    const { fake, issuer } = scene()
    fake.break('keys', answer)
    const outage = await outageOf(() => issuer.prewarm())
    expect(outage).toMatchObject({ code, phase, status: 503, url: `${url}/keys` })
    expect(outage.message).toContain(`${url}/keys`)
    expect(outage.message).toContain(why)
    expect(outage.headers).toEqual({ 'Retry-After': '1' })
  })

  test('leaves the known keys as they are', async () => {
    const { clock, fake, issuer } = scene()
    await issuer.prewarm()
    fake.break('keys', () => json({ keys: 'none' }))
    clock.advance(400)
    expect(issuer.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    await settle()
    expect(issuer.keys.current).toMatchObject([{ kid: 'a', withdrawn: false }])
    expect(issuer.health().lastFailure).toMatchObject({ code: 'keys_invalid' })
  })

  test('an empty key set is an answer: every key was withdrawn', async () => {
    const { clock, fake, issuer } = scene()
    await issuer.prewarm()
    const [key] = issuer.keys.current
    fake.publish()
    clock.advance(601)
    expect(await issuer.keys.choose(named('a'))).toBeUndefined()
    expect(key?.withdrawn).toBe(true)
  })
})
