import { describe, expect, test } from 'vitest'
import { createFakeIssuer, refused } from '../../../../../test/e2e/support/fake-issuer.ts'
import {
  audience,
  codeOf,
  createClock,
  goodClaims,
  issuer,
  refusalOf,
  settle,
  start,
} from '../../../../../test/e2e/support/scene.ts'
import { createTestKey, encode, type TestKey } from '../../../../../test/e2e/support/signing.ts'
import { isPromise } from '../../lib/maybe-promise.ts'
import { jwt, type JwtOptions } from './jwt.ts'
import type { TrustedIssuer } from './policy.ts'

const [a, b] = [createTestKey('ES256', 'a'), createTestKey('ES256', 'b')]

function scene(options: Partial<JwtOptions> = {}, policy: Partial<TrustedIssuer> = {}) {
  const clock = createClock(start * 1000)
  const fake = createFakeIssuer(issuer, a.jwk)
  const { verify, health } = jwt({
    issuers: [{ issuer, audience, ...policy }],
    now: clock.now,
    fetch: fake.fetch,
    ...options,
  })
  const token = (key: TestKey = a, claims: object = {}, header: object = {}) =>
    key.token(goodClaims({ exp: start + 900_000, ...claims }), { ...header })
  return { clock, fake, verify, health, token }
}

describe('the order of work: what is cheap comes first, and nothing is fetched for a bad token', () => {
  // Each is wrong in all the ways of those below it as well.
  const worst = {
    iss: 'https://evil.test',
    exp: start - 900,
    aud: 'https://other.test',
    at_hash: 'x',
  }
  const bad = (claims: object, header: object = {}) =>
    a.token(goodClaims({ ...worst, ...claims }), { kid: 'unknown', typ: 'JWT', ...header })
  const known = { iss: issuer }
  const alive = { ...known, exp: start + 300 }
  test.each([
    ['the size', 'x'.repeat(20_000), 'token_too_large'],
    ['the shape', bad({}).replaceAll('.', ':'), 'token_malformed'],
    ['the header', bad({}, { crit: ['x'], typ: 'logout+jwt' }), 'token_header_refused'],
    ['the algorithm', bad({}, { alg: 'none', typ: 'logout+jwt' }), 'token_algorithm_refused'],
    ['the payload', `${bad({}).split('.')[0]}.${encode('[]')}.AAAA`, 'token_malformed'],
    ['the issuer', bad({}, { alg: 'RS256', typ: 'logout+jwt' }), 'token_issuer_unknown'],
    [
      'whether the issuer may use the algorithm',
      bad(known, { alg: 'RS256', typ: 'logout+jwt' }),
      'token_algorithm_refused',
    ],
    ['the type', bad(known, { typ: 'logout+jwt' }), 'token_type_refused'],
    ['the expiry', bad(known), 'token_expired'],
    ['the kind', bad(alive), 'token_type_refused'],
    ['the audience', bad({ ...alive, at_hash: undefined }), 'token_audience_refused'],
    [
      'the form of the signature',
      `${bad({ ...alive, aud: audience, at_hash: undefined })}=`,
      'token_malformed',
    ],
  ])('%s', async (_what, token, code) => {
    const at = scene({}, { algorithms: ['ES256'] })
    const refusal = await refusalOf(() => at.verify(token))
    expect(refusal.code).toBe(code)
    await settle()
    expect(at.fake.calls).toEqual([])
    expect(at.health?.()).toMatchObject([{ status: 'cold' }])
  })

  test('only then the keys, and the signature last', async () => {
    const at = scene()
    expect(await codeOf(() => at.verify(at.token(b)))).toBe('token_key_unknown')
    expect(at.fake.calls).toHaveLength(2)
    const forged = b.token(goodClaims(), { kid: 'a' })
    expect(await codeOf(() => at.verify(forged))).toBe('token_signature_invalid')
  })

  test('a refusal before any fetch has no age of keys that do not exist', async () => {
    const at = scene()
    const { trail } = await refusalOf(() => at.verify(bad(known)))
    expect(trail.keyAge).toBeUndefined()
    await at.verify(at.token())
    at.clock.advance(7)
    const later = await refusalOf(() => at.verify(bad(known)))
    expect(later.trail.keyAge).toBe(7)
  })
})

describe('cold and warm', () => {
  test('the first token waits for the keys, the second waits for nothing', async () => {
    const at = scene({ cache: false })
    const first = at.verify(at.token())
    expect(isPromise(first)).toBe(true)
    await first
    expect(isPromise(at.verify(at.token()))).toBe(false)
  })

  test('500 tokens at once cost one discovery and one key set', async () => {
    const at = scene()
    const all = Array.from({ length: 500 }, async (_, index) =>
      at.verify(at.token(a, { sub: `user-${index}` })),
    )
    expect(new Set((await Promise.all(all)).map(({ subject }) => subject)).size).toBe(500)
    expect(at.fake.calls).toHaveLength(2)
  })

  test('an issuer that is away is an outage for good tokens, and never a refusal', async () => {
    const at = scene()
    at.fake.break('all', refused)
    expect(await codeOf(() => at.verify(at.token()))).toBe('issuer_unreachable')
    at.fake.heal()
    at.clock.advance(1)
    expect(await at.verify(at.token())).toMatchObject({ subject: 'user-1' })
  })
})

describe('rotation', () => {
  test('a new key works at its first token, and the old one until it is withdrawn', async () => {
    const at = scene({ cache: false })
    await at.verify(at.token())
    at.fake.publish(b.jwk, a.jwk)
    expect(await at.verify(at.token(b))).toMatchObject({ subject: 'user-1' })
    expect(await at.verify(at.token(a))).toMatchObject({ subject: 'user-1' })
    expect(at.fake.keyFetches).toBe(2)
  })

  test('a flood of 2,000 random kids costs one fetch in each cool-down, and delays nobody', async () => {
    const at = scene({ cache: false })
    await at.verify(at.token())
    for (let index = 0; index < 2000; index++) {
      at.clock.advance(0.02)
      const random = at.token(b, {}, { kid: `random-${index}` })
      expect(await codeOf(() => at.verify(random))).toBe('token_key_unknown')
      expect(isPromise(at.verify(at.token()))).toBe(false)
    }
    // 40 seconds: one fetch at once, and then one every 10 seconds.
    expect(at.fake.keyFetches).toBeLessThanOrEqual(1 + 4)
    expect(at.fake.discoveries).toBe(1)
  })

  test('in the midst of a flood it arrives within 10 seconds', async () => {
    const at = scene()
    await at.verify(at.token())
    let second = 0
    const flood = async () => {
      second += 0.05
      at.clock.advance(0.05)
      const random = at.token(a, {}, { kid: `random-${second}` })
      expect(await codeOf(() => at.verify(random))).toBe('token_key_unknown')
    }
    for (let token = 0; token < 60; token++) await flood()
    at.fake.publish(b.jwk)
    const rotatedAt = second
    for (;;) {
      await flood()
      const code = await Promise.resolve(at.token(b))
        .then((token) => at.verify(token))
        .then(
          () => 'granted',
          (error: { code: string }) => error.code,
        )
      if (code === 'granted') break
      expect(code).toBe('token_key_unknown')
      expect(second - rotatedAt).toBeLessThan(10.1)
    }
    expect(at.fake.keyFetches).toBeLessThanOrEqual(3)
  })
})

describe('a key that left the set', () => {
  test('is not trusted after the next fetch, and what it proved is not remembered', async () => {
    const at = scene({ cache: { maxAge: 86_400 } })
    const token = at.token()
    const first = await at.verify(token)
    expect(at.verify(token)).toBe(first)
    at.fake.publish(b.jwk)
    expect(at.verify(token)).toBe(first)
    await at.verify(at.token(b))
    expect(await codeOf(() => at.verify(token))).toBe('token_key_unknown')
  })

  test('is not trusted though the header of its tokens was met before', async () => {
    const at = scene({ cache: false })
    await at.verify(at.token())
    at.fake.publish(b.jwk)
    await at.verify(at.token(b))
    expect(await codeOf(() => at.verify(at.token(a, { sub: 'new' })))).toBe('token_key_unknown')
  })

  test('whose name went to another key proves nothing either', async () => {
    const at = scene({ cache: { maxAge: 86_400 } })
    const token = at.token()
    await at.verify(token)
    const heir = createTestKey('ES256', 'a')
    at.fake.publish(heir.jwk)
    at.clock.advance(601)
    expect(await at.verify(at.token(heir))).toMatchObject({ subject: 'user-1' })
    expect(await codeOf(() => at.verify(token))).toBe('token_signature_invalid')
  })

  test('while the others stay: what they proved stays remembered', async () => {
    const at = scene({ cache: { maxAge: 86_400 } })
    at.fake.publish(a.jwk, b.jwk)
    const token = at.token(b)
    const first = await at.verify(token)
    at.fake.publish(b.jwk)
    at.clock.advance(601)
    await codeOf(() => at.verify(at.token(a)))
    expect(at.verify(token)).toBe(first)
  })

  test('stays trusted through an outage: nobody said that it left', async () => {
    const at = scene({ cache: false })
    await at.verify(at.token())
    at.fake.break('all', refused)
    at.clock.advance(80_000)
    expect(await at.verify(at.token())).toMatchObject({ subject: 'user-1' })
    expect(at.health?.()).toMatchObject([{ status: 'stale', ok: true }])
    expect(await codeOf(() => at.verify(at.token(b)))).toBe('keys_unreachable')
    at.clock.advance(86_400)
    expect(await codeOf(() => at.verify(at.token()))).toBe('keys_unreachable')
  })
})
