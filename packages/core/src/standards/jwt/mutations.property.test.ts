import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { audience, goodClaims, issuer, start } from '../../../../../test/e2e/support/scene.ts'
import { encode } from '../../../../../test/e2e/support/signing.ts'
import {
  compare,
  encrypted,
  forged,
  genuine,
  ours,
  seal,
  signed,
  theirs,
} from '../../../../../test/e2e/support/verdicts.ts'

// Whatever somebody makes of a token: we accept nothing that jose refuses with the same demands, and
// we refuse more than jose only where docs/standards.md says so. Every run tries other tokens; what
// fails is printed with the seed and the path that bring it back.

const now = start
const settings = { numRuns: 200 }
const check = <T>(arbitrary: fc.Arbitrary<T>, act: (value: T) => string) =>
  fc.assert(
    fc.asyncProperty(arbitrary, (value) => compare(act(value))),
    settings,
  )

const anyGood = fc.constantFrom(...signed, ...encrypted)
const anySigned = fc.constantFrom(...signed)
const anyKey = fc.constantFrom(...genuine, ...forged)
// Not the unit `binary`, which takes a second to be made.
const character = fc
  .oneof(fc.nat({ max: 0x7f }), fc.nat({ max: 0xffff }))
  .map((code) => String.fromCharCode(code))
const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const at = (text: string, where: number) => Math.floor(where * text.length)

test('the two agree about good tokens and about forged ones', async () => {
  for (const token of [...signed, ...encrypted]) {
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
    const any = fc.tuple(anyGood, position, character)
    await check(any, ([token, where, other]) => {
      const index = at(token, where)
      return token.slice(0, index) + other + token.slice(index + 1)
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
    const any = fc.tuple(anyGood, fc.nat({ max: 14 }), position, fc.nat({ max: 7 }))
    await check(any, ([token, whichPart, where, bit]) => {
      const parts = token.split('.').map((part) => part || 'AA')
      const part = whichPart % parts.length
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
    const others = genuine.map((key) => key.token(goodClaims({ sub: 'other' })))
    const some = [...others, ...signed, ...encrypted].flatMap((token) => token.split('.'))
    const parts = fc.constantFrom(...some, '')
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
    const any = fc.tuple(anyGood, fc.nat({ max: 14 }), fc.constantFrom(...spellings))
    await check(any, ([token, whichPart, spell]) => {
      const parts = token.split('.')
      const part = whichPart % parts.length
      return parts.with(part, spell(parts[part] ?? '')).join('.')
    })
  })

  test('any text at all', async () => {
    expect.hasAssertions()
    await check(
      fc.string({ unit: fc.oneof(fc.constant('.'), character), maxLength: 200 }),
      (text) => text,
    )
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
      'ES384',
      'Ed448',
      'JWT',
      'key-RS256',
      'key-Ed448',
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

const sealedNames = ['alg', 'enc', 'kid', 'typ', 'cty', 'zip', 'crit', 'b64', 'epk', 'apu', 'p2c']
const sealedWords = fc.constantFrom(
  'dir',
  'none',
  'RSA-OAEP-256',
  'ECDH-ES',
  'A128GCM',
  'A256GCM',
  'A128CBC-HS256',
  'DEF',
  'key-dir',
  'key-ECDH-ES',
)

describe('a token in an envelope that the right key opens', () => {
  test('with something strange in its header', async () => {
    expect.hasAssertions()
    const changes = fc.dictionary(fc.constantFrom(...sealedNames), fc.oneof(strange, sealedWords), {
      maxKeys: 3,
    })
    await check(fc.tuple(anySigned, changes), ([token, header]) =>
      seal(JSON.stringify({ alg: 'dir', enc: 'A256GCM', ...header }), token),
    )
  })

  test('with something strange inside', async () => {
    expect.hasAssertions()
    const inside = fc.oneof(
      fc.tuple(anyGood, position, position).map(([token, from, to]) => {
        return token.slice(0, at(token, from)) + token.slice(at(token, to))
      }),
      fc
        .tuple(anyKey, fc.dictionary(fc.constantFrom(...claimNames), strange, { maxKeys: 2 }))
        .map(([key, claims]) => key.token(goodClaims({ ...claims }))),
      fc.string({ unit: character, maxLength: 100 }),
    )
    await check(inside, (text) => seal('{"alg":"dir","enc":"A256GCM","kid":"key-dir"}', text))
  })
})

// jose takes these: the last of two members counts, and `b64` is nothing to it without `crit`.
test('a header that names a member twice, or an extension, never gets through, signed or encrypted', async () => {
  const good = ['alg', 'kid', 'typ', 'enc', 'x'] as const
  const value = fc.constantFrom('"none"', '"x"', '1', 'null', '{}', '["b64"]')
  const flaw = fc.oneof(
    fc.tuple(fc.constantFrom(...good), value),
    fc.tuple(fc.constantFrom('crit', 'b64'), value),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...genuine, undefined),
      flaw,
      fc.boolean(),
      async (key, [name, text], isEscaped) => {
        const written = isEscaped
          ? String.raw`\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`
          : name
        const members = {
          typ: 'JWT',
          x: 1,
          ...(key ? { alg: key.jwk.alg, kid: key.kid } : { alg: 'dir', kid: 'key-dir' }),
          enc: 'A256GCM',
        }
        const header = `{"${written}":${text},${JSON.stringify(members).slice(1)}`
        const token = key ? key.sign(header, goodClaims()) : seal(header, signed[0] ?? '')
        expect(['token_malformed', 'token_header_refused']).toContain(await ours(token))
      },
    ),
    settings,
  )
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
  expect(seen.get('genuine/genuine')).toBeGreaterThan(settings.numRuns / 5)
  expect(seen.get('token_signature_invalid/refused')).toBeGreaterThan(settings.numRuns / 5)
  expect([...seen.keys()].filter((pair) => /^genuine\/refused$/.test(pair))).toEqual([])
})
