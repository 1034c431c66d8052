import * as fc from 'fast-check'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { Outage } from '../../errors/outage.ts'
import { Refusal } from '../../errors/refusal.ts'
import {
  audience,
  goodClaims,
  issuer,
  neverFetch,
  start,
} from '../../../../../test/e2e/support/scene.ts'
import { createTestKey, encode, type TestKey } from '../../../../../test/e2e/support/signing.ts'
import { jwt } from './jwt.ts'

// Whatever somebody makes of a token: we accept nothing that jose refuses with the same demands, and
// we refuse more than jose only where docs/standards.md says so.

const now = start
const tolerance = 5
const [rsa, ec, ed] = ['RS256', 'ES256', 'EdDSA'].map((alg) =>
  createTestKey(alg, `key-${alg}`),
) as [TestKey, TestKey, TestKey]
const genuine = [rsa, ec, ed]
const forged = genuine.map(({ jwk }) => createTestKey(String(jwk.alg), jwk.kid))
const jwks = { keys: genuine.map(({ jwk }) => jwk) }
const keySet = createLocalJWKSet(jwks)
const judge = (cache: false | object) =>
  jwt({
    issuers: [{ issuer, audience, jwks, clockTolerance: tolerance }],
    now: () => now * 1000,
    cache,
    fetch: neverFetch,
  })
const [fresh, remembering] = [judge(false), judge({ entries: 20 })]

/** `genuine`, or the code of the refusal. Anything but a refusal is thrown on: it would be a 500. */
async function ours(token: string): Promise<string> {
  const ask = async (verifier: typeof fresh) => {
    try {
      await verifier.verify(token)
      return 'genuine'
    } catch (error) {
      if (!Refusal.is(error) || Outage.is(error)) throw error
      return error.code
    }
  }
  const code = await ask(fresh)
  // Twice, so that a hit is seen as well: what is remembered must not differ from what is found.
  expect([await ask(remembering), await ask(remembering)]).toEqual([code, code])
  return code
}

async function theirs(token: string): Promise<'genuine' | 'refused'> {
  try {
    await jwtVerify(token, keySet, {
      issuer,
      audience,
      clockTolerance: tolerance,
      currentDate: new Date(now * 1000),
      requiredClaims: ['exp'],
    })
    return 'genuine'
  } catch {
    return 'refused'
  }
}

// What we refuse although jose takes it: spelling, kinds of tokens, header members, types of claims.
const stricter = new Set([
  'token_too_large',
  'token_malformed',
  'token_header_refused',
  'token_type_refused',
  'token_unverifiable',
  'token_claim_invalid',
  'token_not_yet_valid',
])

async function compare(token: string): Promise<void> {
  const [verdict, judgement] = [await ours(token), await theirs(token)]
  if (verdict === 'genuine') expect([token, judgement]).toEqual([token, 'genuine'])
  else if (judgement === 'genuine') expect([...stricter]).toContain(verdict)
}

const settings = { numRuns: 300, seed: 20_240_229 }
const check = <T>(arbitrary: fc.Arbitrary<T>, act: (value: T) => string) =>
  fc.assert(
    fc.asyncProperty(arbitrary, (value) => compare(act(value))),
    settings,
  )

const anyGood = fc.constantFrom(...genuine.map((key) => key.token(goodClaims())))
const anyKey = fc.constantFrom(...genuine, ...forged)
const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const at = (text: string, where: number) => Math.floor(where * text.length)

test('the two agree about good tokens and about forged ones', async () => {
  for (const key of genuine) {
    const token = key.token(goodClaims())
    expect([await ours(token), await theirs(token)]).toEqual(['genuine', 'genuine'])
  }
  for (const key of forged) {
    const token = key.token(goodClaims())
    expect([await ours(token), await theirs(token)]).toEqual(['token_signature_invalid', 'refused'])
  }
})

describe('a token that was tampered with never gets further than with jose', () => {
  test('one character replaced', async () => {
    expect.hasAssertions()
    const any = fc.tuple(
      anyGood,
      position,
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    )
    await check(any, ([token, where, character]) => {
      const index = at(token, where)
      return token.slice(0, index) + character + token.slice(index + 1)
    })
  })

  test('one character of the alphabet replaced by another', async () => {
    expect.hasAssertions()
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ '.split(
      '',
    )
    await check(
      fc.tuple(anyGood, position, fc.constantFrom(...letters)),
      ([token, where, letter]) => {
        const index = at(token, where)
        return token.slice(0, index) + letter + token.slice(index + 1)
      },
    )
  })

  test('one bit of a decoded part flipped', async () => {
    expect.hasAssertions()
    const any = fc.tuple(anyGood, fc.nat({ max: 2 }), position, fc.nat({ max: 7 }))
    await check(any, ([token, part, where, bit]) => {
      const parts = token.split('.')
      const bytes = Buffer.from(parts[part] ?? '', 'base64url')
      const index = Math.floor(where * bytes.length)
      bytes.writeUInt8(bytes.readUInt8(index) ^ (1 << bit), index)
      return parts.with(part, bytes.toString('base64url')).join('.')
    })
  })

  test('cut, doubled, or with something put in', async () => {
    expect.hasAssertions()
    const any = fc.tuple(anyGood, position, position, fc.string({ maxLength: 4 }))
    await check(any, ([token, from, to, text]) => {
      return token.slice(0, at(token, from)) + text + token.slice(at(token, to))
    })
  })

  test('parts of several tokens put together', async () => {
    expect.hasAssertions()
    const some = genuine.flatMap((key) => key.token(goodClaims({ sub: 'other' })).split('.'))
    const parts = fc.constantFrom(
      ...some,
      ...genuine.flatMap((key) => key.token(goodClaims()).split('.')),
      '',
    )
    await check(fc.array(parts, { minLength: 1, maxLength: 6 }), (all) => all.join('.'))
  })

  test('other spellings of the same bytes', async () => {
    expect.hasAssertions()
    const spellings: readonly ((part: string) => string)[] = [
      (part) => `${part}=`,
      (part) => `${part}==`,
      (part) => part.replaceAll('-', '+').replaceAll('_', '/'),
      (part) => ` ${part}`,
      (part) => `${part}\n`,
      (part) => part.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)),
      (part) => part.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 0x100)),
      (part) => part.toLowerCase(),
      (part) => encodeURIComponent(part),
    ]
    const any = fc.tuple(anyGood, fc.nat({ max: 2 }), fc.constantFrom(...spellings))
    await check(any, ([token, part, spell]) => {
      const parts = token.split('.')
      return parts.with(part, spell(parts[part] ?? '')).join('.')
    })
  })

  test('any text at all', async () => {
    expect.hasAssertions()
    await check(fc.string({ unit: 'binary', maxLength: 200 }), (text) => text)
  })
})

const strange = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    true,
    0,
    -1,
    1e308,
    '',
    'x',
    [],
    {},
    [null],
    now,
    now - 5,
    now + 6,
  ),
  fc.integer({ min: now - 20, max: now + 20 }),
  fc.constantFrom(issuer, audience, [audience], [audience, 7], `${issuer}/`, { [audience]: 1 }),
  fc.jsonValue({ maxDepth: 2 }),
)
const claimNames = [
  'iss',
  'aud',
  'exp',
  'nbf',
  'iat',
  'sub',
  'jti',
  'cnf',
  'client_id',
  'scope',
  'typ',
  'nonce',
]
const headerNames = [
  'alg',
  'kid',
  'typ',
  'crit',
  'b64',
  'jwk',
  'jku',
  'x5c',
  'zip',
  'cty',
  '__proto__',
]

describe('a token that says something strange, signed by the right key or by another', () => {
  test('in its claims', async () => {
    expect.hasAssertions()
    const changes = fc.dictionary(fc.constantFrom(...claimNames), strange, { maxKeys: 4 })
    await check(fc.tuple(anyKey, changes), ([key, claims]) => key.token(goodClaims({ ...claims })))
  })

  test('in its header', async () => {
    expect.hasAssertions()
    const words = fc.constantFrom(
      'none',
      'HS256',
      'RS256',
      'ES256',
      'EdDSA',
      'Ed25519',
      'PS256',
      'JWT',
      'key-RS256',
    )
    const changes = fc.dictionary(fc.constantFrom(...headerNames), fc.oneof(strange, words), {
      maxKeys: 3,
    })
    await check(fc.tuple(anyKey, changes), ([key, header]) =>
      key.token(goodClaims(), { ...header }),
    )
  })

  test('as a whole: any JSON in the place of header or payload', async () => {
    expect.hasAssertions()
    const any = fc.tuple(anyKey, fc.json({ maxDepth: 2 }), fc.boolean())
    await check(any, ([key, text, inHeader]) =>
      inHeader ? key.sign(text, goodClaims()) : key.token(text),
    )
  })

  test('under a signature of any bytes', async () => {
    expect.hasAssertions()
    const any = fc.tuple(fc.constantFrom(...genuine), fc.uint8Array({ maxLength: 300 }))
    await check(any, ([key, bytes]) => {
      const header = encode({ alg: key.jwk.alg, kid: key.kid })
      return `${header}.${encode(goodClaims())}.${Buffer.from(bytes).toString('base64url')}`
    })
  })
})

test('the comparison is not idle: random claims do come through both', async () => {
  const changes = fc.dictionary(fc.constantFrom('scope', 'x', 'nonce'), strange, { maxKeys: 2 })
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fc.tuple(anyKey, changes), async ([key, claims]) => {
      const token = key.token(goodClaims({ ...claims }))
      const pair = `${await ours(token)}/${await theirs(token)}`
      seen.set(pair, (seen.get(pair) ?? 0) + 1)
    }),
    settings,
  )
  expect(seen.get('genuine/genuine')).toBeGreaterThan(50)
  expect(seen.get('token_signature_invalid/refused')).toBeGreaterThan(50)
  expect([...seen.keys()].filter((pair) => /^genuine\/refused$/.test(pair))).toEqual([])
})
