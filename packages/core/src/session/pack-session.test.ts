import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pack } from './pack.ts'
import { packSession, unpackSession } from './pack-session.ts'
import type { HeldToken, Session } from './session.ts'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const idTokenOf = (claims: unknown): string => `${encode({ alg: 'RS256' })}.${encode(claims)}.c2ln`

const claims = {
  iss: 'https://id.test',
  aud: 'client',
  sub: 'alice',
  nonce: 'n-1',
  groups: ['one', 'two'],
}

const session: Session = {
  id: 'i'.repeat(43),
  issuer: 'https://id.test',
  client: 'client',
  claims: { iss: 'https://id.test', aud: 'client', sub: 'alice', groups: ['one', 'two'] },
  scope: 'openid profile',
  tokens: [
    {
      value: 'token',
      name: '',
      scope: 'openid profile',
      expiresAt: 1_753_003_600,
      lifetime: 3600,
    },
    { value: 'other', name: 'audience=api', scope: 'a', expiresAt: undefined, lifetime: undefined },
  ],
  createdAt: 1_753_000_000_000,
  seenAt: 1_753_000_030_000,
}

const again = (one: Session): Session | undefined => unpackSession(packSession(one))

const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.base64String())
const number = fc.oneof(
  fc.integer(),
  fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
)
// Through JSON, which knows neither -0 nor a member without a value.
const object = fc
  .dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'iss', 'aud', '0')), fc.jsonValue())
  .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>)
const token = fc.record<HeldToken>({
  value: text,
  name: text,
  scope: text,
  expiresAt: fc.option(number, { nil: undefined }),
  lifetime: fc.option(number, { nil: undefined }),
})
// Every member that a session can have: a new one is missing here until it is packed too.
const required: { readonly [Name in keyof Required<Session>]: fc.Arbitrary<Session[Name]> } = {
  id: text,
  issuer: text,
  client: text,
  claims: object,
  scope: text,
  tokens: fc.array(token, { maxLength: 3 }),
  refreshToken: text,
  idToken: fc.oneof(text, object.map(idTokenOf)),
  data: object,
  createdAt: number,
  seenAt: number,
}
const { refreshToken: _r, idToken: _i, data: _d, ...always } = required
const optional = ['refreshToken', 'idToken', 'data'] as const
const anySession = fc.record(required, {
  requiredKeys: Object.keys(always) as (keyof typeof always)[],
}) as fc.Arbitrary<Session>

describe('a packed session', () => {
  test('is read back, whatever it holds', () => {
    fc.assert(
      fc.property(anySession, (one) => {
        const back = again(one)
        expect(back).toEqual(one)
        for (const name of optional) {
          expect(Object.hasOwn(back ?? {}, name)).toBe(Object.hasOwn(one, name))
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('is read back where its claims are some of the ID token’s, and some of its own', () => {
    const picked = fc.tuple(object, object, fc.array(fc.boolean(), { maxLength: 8 }))
    fc.assert(
      fc.property(anySession, picked, (one, [inToken, own, keep]) => {
        const kept = Object.entries(inToken).filter((_entry, at) => keep[at] !== false)
        const mixed = Object.fromEntries([...kept, ...Object.entries(own)])
        const full = { ...one, claims: mixed, idToken: idTokenOf(inToken) }
        expect(sorted(again(full))).toBe(sorted(full))
      }),
      { numRuns: 1000 },
    )
  })

  test('says only once what its ID token says', () => {
    const big = { ...claims, groups: Array.from({ length: 60 }, (_, at) => `group-${at}`) }
    const { nonce: _, ...kept } = big
    const one = { ...session, claims: kept, idToken: idTokenOf(big) }
    const { length } = packSession(one)
    expect(length - packSession({ ...session, claims: {} }).length).toBeLessThan(
      (one.idToken.length * 3) / 4 + 20,
    )
    expect(again(one)).toEqual(one)
  })

  test.each([
    ['several audiences and azp', { ...claims, aud: ['client', 'other'], azp: 'client' }],
    ['an audience in a list', { ...claims, aud: ['client'] }],
    ['another issuer', { ...claims, iss: 'https://other.test' }],
    ['no audience', { ...claims, aud: undefined }],
    ['a member named __proto__', JSON.parse('{"__proto__":{"sub":"mallory"},"sub":"alice"}')],
    ['an array', ['alice']],
    ['null', null],
  ])('is read back where the ID token holds %s', (_, payload: unknown) => {
    const one = { ...session, idToken: idTokenOf(payload) }
    expect(again(one)).toEqual(one)
  })

  test.each(['', '.', '..', 'a.b.c', 'a.!.c', 'a.b.c.d.e', encode({}), `${encode({})}.e30`])(
    'is read back where the ID token is %j',
    (idToken) => {
      const one = { ...session, idToken }
      expect(again(one)).toEqual(one)
    },
  )

  test('takes nothing from a polluted prototype', () => {
    const one = { ...session, claims: { sub: 'alice' }, idToken: idTokenOf({ sub: 'alice' }) }
    const packed = packSession(one)
    Reflect.set(Object.prototype, 'iss', 'https://id.test')
    try {
      expect(unpackSession(packed)).toEqual(one)
      expect(again(one)).toEqual(one)
    } finally {
      Reflect.deleteProperty(Object.prototype, 'iss')
    }
  })
})

describe('a token', () => {
  test.each(['', ' ', 'a b', '[', 'a]', '"', 'é', '1', 'a.b-c_d~e+f/g==', '0'])(
    'that is %j is read back wherever it stands',
    (value) => {
      const one = {
        ...session,
        refreshToken: value,
        idToken: value,
        tokens: session.tokens.map((kept) => ({ ...kept, value })),
      }
      expect(again(one)).toEqual(one)
    },
  )
})

describe('what is not a session', () => {
  const members: readonly unknown[] = [
    'id',
    1000,
    1,
    'openid',
    [['t', '', 0, 60, null]],
    0,
    0,
    0,
    'https://id.test',
    'client',
    {},
  ]
  const read = (value: unknown): Session | undefined => unpackSession(pack(JSON.stringify(value)))

  test('but has the right members is read', () => {
    expect(read(members)).toEqual({
      id: 'id',
      createdAt: 1000,
      seenAt: 1001,
      scope: 'openid',
      tokens: [{ value: 't', name: '', scope: 'openid', expiresAt: 61, lifetime: undefined }],
      issuer: 'https://id.test',
      client: 'client',
      claims: {},
    })
  })

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('by the type of its member %d, is none', (at) => {
    for (const wrong of [null, true, { a: 1 }, [[]], undefined]) {
      if (at === 10 && !Array.isArray(wrong) && typeof wrong === 'object' && wrong !== null)
        continue
      if (at === 7 && !Array.isArray(wrong) && typeof wrong === 'object' && wrong !== null) continue
      expect(read(members.with(at, wrong))).toBeUndefined()
    }
  })

  test.each([
    ['no list', [1]],
    ['no value', [[1, '', 0, null, null]]],
    ['no audience', [['t', 1, 0, null, null]]],
    ['no scope', [['t', '', 1, null, null]]],
    ['no expiry', [['t', '', 0, 'soon', null]]],
    ['no lifetime', [['t', '', 0, null, 'long']]],
  ])('by a token with %s, is none', (_, tokens) => {
    expect(read(members.with(4, tokens))).toBeUndefined()
  })

  test('for it refers to an ID token that says nothing of it, is none', () => {
    const idToken = idTokenOf({ sub: 'alice' })
    const referring = [...members.slice(0, 6), idToken, 0]
    expect(read([...referring, 'https://id.test', 'client', []])?.claims).toEqual({ sub: 'alice' })
    expect(read([...referring, 0, 'client', []])).toBeUndefined()
    expect(read([...referring, 'https://id.test', 0, []])).toBeUndefined()
    expect(read([...referring, 'https://id.test', 'client', [], 'more'])).toBeUndefined()
    expect(read([...members.slice(0, 8), 'https://id.test', 'client', []])).toBeUndefined()
  })

  test('with a token in front of it is read, and without the word it refers to is none', () => {
    const readAfter = (front: string): Session | undefined =>
      unpackSession(pack(`${front}${JSON.stringify(members.with(5, 2))}`))
    expect(readAfter('one two ')?.refreshToken).toBe('two')
    for (const front of ['', 'one ', 'one  ']) expect(readAfter(front)).toBeUndefined()
  })

  test.each(['{}', '"text"', '[]', '[', '', '1'])('as the text %j, is none', (json) => {
    expect(unpackSession(pack(json))).toBeUndefined()
  })
})

// Members in one order: packing keeps what they are, not where they stood.
const sorted = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : one,
  )
