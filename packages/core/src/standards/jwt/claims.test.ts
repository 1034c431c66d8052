import { describe, expect, test } from 'vitest'
import { createScene, goodClaims, refusalOf, start } from '../../../../../test/e2e/support/scene.ts'
import type { TrustedIssuer } from './policy.ts'

const at = createScene()
const now = start

const refused = (claims: object, policy: Partial<TrustedIssuer> = {}) =>
  refusalOf(() => at.verifier(policy)(at.token({ ...claims })))
const codeOf = async (claims: object, policy?: Partial<TrustedIssuer>) =>
  (await refused(claims, policy)).code
const subjectOf = async (claims: object, policy: Partial<TrustedIssuer> = {}) =>
  (await at.verifier(policy)(at.token({ sub: 'granted', ...claims }))).subject

describe('iss', () => {
  test.each([
    'https://id.test/',
    'https://ID.test',
    'http://id.test',
    'https://id.test:443',
    ' https://id.test',
    'https://id.test.evil.test',
    'https://evil.test',
    '',
  ])("is compared to the letter: '%s'", async (iss) => {
    expect(await refused({ iss })).toMatchObject({
      code: 'token_issuer_unknown',
      trail: { check: 'issuer', presented: iss },
    })
  })

  test.each([[undefined], [null], [7], [['https://id.test']], [{ url: 'https://id.test' }]])(
    'must be a text: %j',
    async (iss) => {
      expect(await codeOf({ iss })).toBe('token_issuer_unknown')
    },
  )
})

// RFC 7519 §4: refused, or the last of them; never one for the check and another one for the application.
test.each([
  ['iss', '"iss":"https://evil.test"', 'token_issuer_unknown'],
  ['aud', '"aud":"https://other.test"', 'token_audience_refused'],
  ['aud, written with an escape', String.raw`"a\u0075d":"x"`, 'token_audience_refused'],
  ['exp', '"exp":1', 'token_expired'],
])('of two claims of a name the last one counts: %s', async (_name, member, code) => {
  const written = JSON.stringify(goodClaims())
  const first = await at.verifier()(at.key.token(`{${member},${written.slice(1)}`))
  expect(first.claims).toEqual(JSON.parse(written))
  const last = at.key.token(`${written.slice(0, -1)},${member}}`)
  expect((await refusalOf(() => at.verifier()(last))).code).toBe(code)
})

describe('aud', () => {
  test('is a text or a list that names the API', async () => {
    expect(await subjectOf({ aud: 'https://api.test' })).toBe('granted')
    expect(await subjectOf({ aud: ['https://api.test'] })).toBe('granted')
    expect(await subjectOf({ aud: ['https://other.test', 'https://api.test'] })).toBe('granted')
  })

  test('may be one of several that are accepted', async () => {
    const policy = { audience: ['https://a.test', 'https://b.test'] }
    expect(await subjectOf({ aud: 'https://b.test' }, policy)).toBe('granted')
    expect(await subjectOf({ aud: ['https://x.test', 'https://a.test'] }, policy)).toBe('granted')
    expect(await codeOf({ aud: 'https://api.test' }, policy)).toBe('token_audience_refused')
  })

  test.each([
    ['https://other.test'],
    ['https://api.test/'],
    ['https://API.test'],
    ['https://api.test https://other.test'],
    [''],
    [[]],
    [['https://other.test']],
  ])('%j is for somebody else', async (aud) => {
    expect(await refused({ aud })).toMatchObject({
      code: 'token_audience_refused',
      trail: { check: 'audience' },
    })
  })

  test('an empty list is for nobody, and the reason says so', async () => {
    expect((await refused({ aud: [] })).reason).toContain('The token is for nobody, and')
  })

  test('the reason names both, cut and harmless', async () => {
    const aud = Array.from({ length: 20 }, (_, index) => `\n${'x'.repeat(500)}${index}`)
    const { reason, trail } = await refused({ aud })
    expect(reason).toContain('https://api.test')
    expect(reason).toMatch(/^[\x20-\x7e]{1,700}$/)
    expect(trail.presented?.length).toBeLessThan(600)
  })

  test.each([[7], [null], [{}], [['https://api.test', 7]], [[['https://api.test']]]])(
    '%j is of the wrong type',
    async (aud) => {
      expect(await refused({ aud })).toMatchObject({
        code: 'token_claim_invalid',
        trail: { check: 'aud' },
      })
    },
  )

  test('must be there', async () => {
    expect(await codeOf({ aud: undefined })).toBe('token_claim_missing')
  })
})

describe('exp', () => {
  test('is required', async () => {
    expect(await refused({ exp: undefined })).toMatchObject({
      code: 'token_claim_missing',
      trail: { check: 'exp' },
    })
  })

  test.each([['1700000300'], [null], [true], [[1_700_000_300]], [{}]])(
    '%j is no finite number',
    async (exp) => {
      expect(await codeOf({ exp })).toBe('token_claim_invalid')
    },
  )

  test('an endless one that JSON can write is refused', async () => {
    const text = JSON.stringify({ iss: 'https://id.test', aud: 'https://api.test' })
    const claims = text.replace('}', ',"exp":1e999}')
    const refusal = await refusalOf(() => at.verifier()(at.key.token(claims)))
    expect(refusal.code).toBe('token_claim_invalid')
  })

  test('counts to the second, with 5 seconds of tolerance', async () => {
    expect(await subjectOf({ exp: now + 1 })).toBe('granted')
    expect(await subjectOf({ exp: now - 4.999 })).toBe('granted')
    const refusal = await refused({ exp: now - 5 })
    expect(refusal).toMatchObject({
      code: 'token_expired',
      trail: { check: 'expiry', clockDelta: 5 },
    })
    expect(refusal.reason).toContain('expired 5 s ago')
  })

  test('has passed for a clock that gives no number', async () => {
    const settings = { cache: false, now: () => Number.NaN } as const
    const broken = at.verifier({}, settings)
    expect((await refusalOf(() => broken(at.token({ exp: now + 60 })))).code).toBe('token_expired')
  })

  test('a tolerance of one’s own counts instead', async () => {
    expect(await subjectOf({ exp: now - 59 }, { clockTolerance: 60 })).toBe('granted')
    expect(await codeOf({ exp: now - 60 }, { clockTolerance: 60 })).toBe('token_expired')
    expect(await codeOf({ exp: now }, { clockTolerance: 0 })).toBe('token_expired')
    expect(await subjectOf({ exp: now + 0.001 }, { clockTolerance: 0 })).toBe('granted')
  })
})

describe('nbf and iat', () => {
  test.each(['nbf', 'iat'])('%s in the future is refused beyond the tolerance', async (name) => {
    expect(await subjectOf({ [name]: now + 5 })).toBe('granted')
    const refusal = await refused({ [name]: now + 6 })
    expect(refusal).toMatchObject({
      code: 'token_not_yet_valid',
      trail: { check: 'not-before', clockDelta: -6 },
    })
    expect(refusal.reason).toContain('valid in 6 s')
    expect(await subjectOf({ [name]: now + 60 }, { clockTolerance: 60 })).toBe('granted')
    expect(await codeOf({ [name]: now + 0.5 }, { clockTolerance: 0 })).toBe('token_not_yet_valid')
  })

  test.each(['nbf', 'iat'])('%s may be absent, but not of another type', async (name) => {
    expect(await subjectOf({ [name]: undefined })).toBe('granted')
    for (const value of ['1700000000', null, {}])
      expect(await codeOf({ [name]: value })).toBe('token_claim_invalid')
  })
})

describe('maxTokenAge', () => {
  const policy = { maxTokenAge: 60 }
  test('refuses what was issued longer ago, whatever its exp', async () => {
    expect(await subjectOf({ iat: now - 64 }, policy)).toBe('granted')
    const refusal = await refused({ iat: now - 65 }, policy)
    expect(refusal).toMatchObject({ code: 'token_too_old', trail: { check: 'age', clockDelta: 0 } })
    expect(refusal.reason).toContain('issued 65 s ago; 60 s are allowed')
    expect(await subjectOf({ iat: now - 65 })).toBe('granted')
  })

  test('needs an iat', async () => {
    expect(await refused({ iat: undefined }, policy)).toMatchObject({
      code: 'token_claim_missing',
      trail: { check: 'iat' },
    })
  })
})

describe('sub, client_id and cnf have their types', () => {
  test.each([
    ['sub', 7],
    ['sub', null],
    ['sub', {}],
    ['client_id', 7],
    ['client_id', ['a']],
    ['cnf', 'jkt'],
    ['cnf', null],
    ['cnf', []],
  ])('%s: %j is refused', async (name, value) => {
    expect(await refused({ [name]: value })).toMatchObject({
      code: 'token_claim_invalid',
      trail: { check: name },
    })
  })

  test('and may be absent', async () => {
    expect(await subjectOf({ sub: undefined, client_id: undefined })).toBeUndefined()
    expect(await subjectOf({ cnf: { jkt: 'a' } })).toBe('granted')
  })
})

describe('the profile of RFC 9068', () => {
  const profile = { profile: 'rfc9068' } as const
  test('is content with a whole token', async () => {
    expect(await subjectOf({}, profile)).toBe('granted')
  })

  test.each(['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'])('demands %s', async (name) => {
    const code = await codeOf({ [name]: undefined }, profile)
    expect(code).toBe(name === 'iss' ? 'token_issuer_unknown' : 'token_claim_missing')
  })

  test('demands that jti is a text', async () => {
    expect(await codeOf({ jti: 7 }, profile)).toBe('token_claim_invalid')
  })

  test('is not demanded unasked', async () => {
    const bare = { client_id: undefined, iat: undefined, jti: undefined }
    expect(await subjectOf(bare)).toBe('granted')
  })
})

describe('names that a polluted prototype would answer', () => {
  test('count for nothing', async () => {
    const shared: object = Object.getPrototypeOf({})
    const polluted = ['exp', 'aud', 'cnf', 'nonce', 'at_hash', 'token_use', 'scope']
    try {
      for (const name of polluted)
        Reflect.defineProperty(shared, name, { value: 9e9, configurable: true })
      const claims = Object.entries({ iss: 'https://id.test', aud: 'https://api.test' })
      const text = `{${claims.map(([name, value]) => `"${name}":"${value}"`).join()}}`
      const refusal = await refusalOf(() => at.verifier()(at.key.token(text)))
      expect(refusal.trail.check).toBe('exp')
    } finally {
      for (const name of polluted) Reflect.deleteProperty(shared, name)
    }
  })

  test('a payload cannot bring its own prototype', async () => {
    const text = `{"iss":"https://id.test","__proto__":{"aud":"https://api.test","exp":9e9}}`
    const refusal = await refusalOf(() => at.verifier()(at.key.token(text)))
    expect(refusal).toMatchObject({ code: 'token_claim_missing' })
  })
})
