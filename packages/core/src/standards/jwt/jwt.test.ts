import { describe, expect, test, vi } from 'vitest'
import { createScene, refusalOf, start } from '../../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../../test/e2e/support/signing.ts'
import { isPromise } from '../../lib/maybe-promise.ts'
import type { Schema } from '../../lib/standard-schema.ts'
import { jwt } from './jwt.ts'

const key = createTestKey('ES256')

describe('what a good token says', () => {
  test('is read at once, and frozen to the bottom', async () => {
    const at = createScene(key)
    const answer = at.verifier(
      {},
      { cache: {} },
    )(at.token({ scope: 'a b', acr: 'gold', amr: ['pwd', 'otp'], auth_time: start, x: { y: [1] } }))
    expect(isPromise(answer)).toBe(false)
    const access = await answer
    expect(access).toMatchObject({
      issuer: 'https://id.test',
      subject: 'user-1',
      client: 'client-1',
      scopes: ['a', 'b'],
      audience: ['https://api.test'],
      acr: 'gold',
      amr: ['pwd', 'otp'],
      authenticatedAt: start,
      expiresAt: start + 300,
      confirmation: undefined,
      rules: [],
    })
    expect(Object.isFrozen(access.claims)).toBe(true)
    expect(access.claims['x']).toSatisfy((x: { y: object }) => Object.isFrozen(x.y))
  })

  test('has the time at which the issuer lets it end, not ours', async () => {
    const at = createScene(key)
    const access = await at.verifier({ clockTolerance: 60, maxTokenAge: 100 })(at.token())
    expect(access.expiresAt).toBe(start + 300)
  })

  test('brings the rules of its issuer along', async () => {
    const at = createScene(key)
    const rule = () => undefined
    expect((await at.verifier({ rules: [rule] })(at.token())).rules).toEqual([rule])
  })
})

describe('a schema for the claims', () => {
  const schema = (validate: Schema<{ tenant: string }>['~standard']['validate']) => ({
    '~standard': { version: 1 as const, vendor: 'by hand', validate },
  })
  const tenantOf = (claims: unknown) => {
    const tenant = Reflect.get(Object(claims), 'tenant')
    return typeof tenant === 'string'
      ? { value: { tenant: tenant.toUpperCase() } }
      : { issues: [{ message: 'is missing', path: ['tenant'] }] }
  }

  test.each([
    ['at once', schema(tenantOf)],
    ['later', schema((claims) => Promise.resolve(tenantOf(claims)))],
  ])('that answers %s checks and changes them', async (when, claims) => {
    const at = createScene(key)
    const verify = at.verifier<{ tenant: string }>({}, { claims, cache: {} })
    const answer = verify(at.token({ tenant: 'acme', scope: 'a' }))
    expect(isPromise(answer)).toBe(when === 'later')
    const access = await answer
    expect(access.claims).toEqual({ tenant: 'ACME' })
    expect(Object.isFrozen(access.claims)).toBe(true)
    expect(access).toMatchObject({ scopes: ['a'], subject: 'user-1' })
    const refusal = await refusalOf(() => verify(at.token()))
    expect(refusal).toMatchObject({
      code: 'token_claim_invalid',
      status: 401,
      trail: { check: 'claims', issuer: 'https://id.test' },
    })
    expect(refusal.reason).toContain('tenant: is missing')
  })

  test('names the first three problems by their paths', async () => {
    const at = createScene(key)
    const issues = [
      { message: 'one' },
      { message: 'two', path: ['a', { key: 'b' }, 0] },
      { message: 'three', path: [{ key: Symbol('s') }] },
      { message: 'four' },
    ]
    const verify = at.verifier({}, { claims: schema(() => ({ issues })) })
    const { reason } = await refusalOf(() => verify(at.token()))
    expect(reason).toContain('(: one; a.b.0: two; Symbol(s): three)')
  })

  test('is asked only about genuine tokens', async () => {
    const at = createScene(key)
    const validate = vi.fn(tenantOf)
    const verify = at.verifier({}, { claims: schema(validate) })
    await refusalOf(() => verify(createScene().token({ tenant: 'a' })))
    await refusalOf(() => verify(at.token({ tenant: 'a', exp: start - 60 })))
    expect(validate).not.toHaveBeenCalled()
  })

  test('that throws is a bug of the application, not a refusal', async () => {
    const at = createScene(key)
    const broken = schema(() => {
      throw new RangeError('bug')
    })
    const verify = at.verifier({}, { claims: broken })
    expect(() => verify(at.token())).toThrow(RangeError)
  })

  test('may be a function with the interface on it, as arktype makes them', async () => {
    const at = createScene(key)
    const claims = Object.assign(() => undefined, schema(tenantOf))
    const access = await at.verifier({}, { claims })(at.token({ tenant: 'a' }))
    expect(access.claims).toEqual({ tenant: 'A' })
  })
})

describe('the cache of genuine tokens', () => {
  const remembering = (cache: object = {}, policy: object = {}) => {
    const at = createScene(key)
    return { ...at, verify: at.verifier(policy, { cache }) }
  }

  test('answers a token that it has seen with the very same object', () => {
    const { token, verify } = remembering()
    const one = token()
    expect(verify(one)).toBe(verify(one))
  })

  test('is on by default and switched off by false', () => {
    const at = createScene(key)
    const trusted = { issuer: 'https://id.test', audience: 'https://api.test' }
    const issuers = [{ ...trusted, jwks: { keys: [key.jwk] } }]
    const token = at.token()
    const on = jwt({ issuers, now: at.clock.now })
    const off = jwt({ issuers, now: at.clock.now, cache: false })
    expect(on.verify(token)).toBe(on.verify(token))
    expect(off.verify(token)).not.toBe(off.verify(token))
    expect(off.verify(token)).toEqual(on.verify(token))
  })

  test('never answers past exp, the tolerance included', async () => {
    const { clock, token, verify } = remembering({ maxAge: 86_400 })
    const one = token({ exp: start + 30 })
    const first = verify(one)
    clock.advance(34.9)
    expect(verify(one)).toBe(first)
    clock.advance(0.1)
    expect((await refusalOf(() => verify(one))).code).toBe('token_expired')
  })

  test('never answers past maxTokenAge', async () => {
    const { clock, token, verify } = remembering({ maxAge: 86_400 }, { maxTokenAge: 60 })
    const one = token()
    const first = verify(one)
    clock.advance(64.9)
    expect(verify(one)).toBe(first)
    clock.advance(0.1)
    expect((await refusalOf(() => verify(one))).code).toBe('token_too_old')
  })

  test('never answers before nbf: a clock that is set back is believed', async () => {
    const { clock, token, verify } = remembering()
    const one = token({ nbf: start })
    await verify(one)
    clock.advance(-6)
    expect((await refusalOf(() => verify(one))).code).toBe('token_not_yet_valid')
  })

  test('validates again after maxAge, 60 seconds by default', () => {
    for (const [cache, age] of [
      [{}, 60],
      [{ maxAge: 10 }, 10],
    ] as const) {
      const { clock, token, verify } = remembering(cache)
      const one = token()
      const first = verify(one)
      clock.advance(age - 0.1)
      expect(verify(one)).toBe(first)
      clock.advance(0.1)
      const second = verify(one)
      expect(second).not.toBe(first)
      expect(second).toEqual(first)
      expect(verify(one)).toBe(second)
    }
  })

  test('remembers nothing where maxAge is 0', () => {
    const { token, verify } = remembering({ maxAge: 0 })
    const one = token()
    expect(verify(one)).not.toBe(verify(one))
  })

  test('remembers as many tokens as it may, and forgets the one that was not used longest', () => {
    const { token, verify } = remembering({ entries: 2 })
    const [a, b, c] = ['a', 'b', 'c'].map((sub) => token({ sub })) as [string, string, string]
    const [first, second] = [verify(a), verify(b)]
    expect(verify(a)).toBe(first)
    expect(verify(c)).toMatchObject({ subject: 'c' })
    expect(verify(a)).toBe(first)
    expect(verify(b)).not.toBe(second)
  })

  test('remembers no refusal', async () => {
    const { clock, token, verify } = remembering()
    const early = token({ nbf: start + 60 })
    await refusalOf(() => verify(early))
    clock.advance(60)
    expect(verify(early)).toMatchObject({ subject: 'user-1' })
  })

  test('never takes one token for another that differs in a letter', async () => {
    const { token, verify } = remembering()
    const one = token()
    await verify(one)
    const bent = `${one.slice(0, -8)}AAAAAAAA`
    expect((await refusalOf(() => verify(bent))).code).toBe('token_signature_invalid')
  })

  test('remembers what was answered later as well', async () => {
    const at = createScene(createTestKey('ES384'))
    const verify = at.verifier({}, { cache: {} })
    const one = at.token()
    const first = await verify(one)
    expect(verify(one)).toBe(first)
  })
})

describe('headers that were met before', () => {
  test('are remembered only for genuine tokens, and a hundred of them', async () => {
    const at = createScene(key)
    const verify = at.verifier()
    for (let index = 0; index < 250; index++) {
      const header = { x: index }
      expect(await verify(at.token({}, header))).toMatchObject({ subject: 'user-1' })
      const forged = createScene().token({}, header)
      expect((await refusalOf(() => verify(forged))).code).toBe('token_signature_invalid')
    }
  })

  test('of two issuers that write the same one find the key of each', async () => {
    const [a, b] = [createTestKey('ES256', 'same'), createTestKey('ES256', 'same')]
    const audience = 'https://api.test'
    const { clock } = createScene(key)
    const trusted = (issuer: string, jwk: typeof a.jwk) => ({
      issuer,
      audience,
      jwks: { keys: [jwk] },
    })
    const verifier = jwt({
      issuers: [trusted('https://a.test', a.jwk), trusted('https://b.test', b.jwk)],
      now: clock.now,
      cache: false,
    })
    const claims = (iss: string) => ({ iss, aud: audience, exp: start + 300, sub: iss })
    for (let round = 0; round < 3; round++) {
      for (const [iss, right, wrong] of [
        ['https://a.test', a, b],
        ['https://b.test', b, a],
      ] as const) {
        expect(await verifier.verify(right.token(claims(iss)))).toMatchObject({ subject: iss })
        const refusal = await refusalOf(() => verifier.verify(wrong.token(claims(iss))))
        expect(refusal.code).toBe('token_signature_invalid')
      }
    }
  })
})

test('without a clock of its own the verifier looks at the real one', async () => {
  const at = createScene(key)
  const trusted = { issuer: 'https://id.test', audience: 'https://api.test' }
  const verifier = jwt({ issuers: [{ ...trusted, jwks: { keys: [key.jwk] } }] })
  expect((await refusalOf(() => verifier.verify(at.token()))).code).toBe('token_expired')
  const exp = Math.ceil(Date.now() / 1000) + 60
  expect(await verifier.verify(at.token({ exp }))).toMatchObject({ expiresAt: exp })
})
