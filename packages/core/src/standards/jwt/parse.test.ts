import { beforeEach, describe, expect, test } from 'vitest'
import { createScene, refusalOf, type Scene } from '../../../../../test/e2e/support/scene.ts'
import { createTestKey, encode } from '../../../../../test/e2e/support/signing.ts'

const key = createTestKey('ES256')
let at: Scene

beforeEach(() => {
  at = createScene(key)
})

const parts = () => {
  const [header = '', payload = '', signature = ''] = at.token().split('.')
  return { header, payload, signature }
}
const refused = (token: string) => refusalOf(() => at.verifier()(token))
/** Code and reason in one line. */
const verdictOf = async (token: string) => {
  const { code, reason } = await refused(token)
  return `${code}: ${reason}`
}
const malformed = (why: string) =>
  `token_malformed: The token is not a well-formed signed JWT: ${why}.`
const three = 'it does not have three parts'
const notCanonical = (part: string) => malformed(`its ${part} is not canonical base64url of UTF-8`)
const noObject = (part: string) => malformed(`its ${part} is not a JSON object`)
const badSignature = malformed('its signature is not canonical base64url')
const beyond = malformed('it holds characters beyond ASCII')

describe('the size comes first', () => {
  test('16,384 characters are looked at, one more is not', async () => {
    expect((await refused('a'.repeat(16_384))).code).toBe('token_malformed')
    const refusal = await refused('a'.repeat(16_385))
    expect(refusal).toMatchObject({ code: 'token_too_large', status: 401 })
    expect(refusal.reason).toContain('16385 characters; 16384 are allowed')
  })

  test('a size of one’s own counts, up and down', async () => {
    const token = at.token({ filler: 'x'.repeat(14_000) })
    const big = at.verifier({}, { maxTokenSize: 20_000 })
    expect(token.length).toBeGreaterThan(16_384)
    expect((await refused(token)).code).toBe('token_too_large')
    expect(await big(token)).toMatchObject({ subject: 'user-1' })
    const small = at.verifier({}, { maxTokenSize: 100 })
    expect((await refusalOf(() => small(at.token()))).code).toBe('token_too_large')
  })
})

describe('exactly three parts', () => {
  test.each(['', 'a', '.', 'a.', 'a.b', '.b.c', '..', '.b.c', 'a.b.c.d', 'a.b.c.d.e.f', 'a.b.c.'])(
    "not '%s'",
    async (token) => {
      const refusal = await refused(token)
      expect(refusal).toMatchObject({ code: 'token_malformed', trail: { check: 'shape' } })
      expect(refusal.status).toBe(401)
      expect(refusal.reason).toContain(three)
    },
  )

  // RFC 7519 §3: compact and nothing else; the other forms may hold several signatures, and headers nobody signed.
  test('no JSON serialization, of what is signed or encrypted', async () => {
    const { header, payload, signature } = parts()
    const one = { protected: header, signature }
    for (const token of [
      { payload, ...one },
      { payload, signatures: [one] },
      { payload, header: { alg: 'ES256' }, signature, x: 'a.b.c' },
      { protected: header, iv: '', ciphertext: payload, tag: '', unprotected: { x: 'a.b' } },
      { protected: header, ciphertext: payload, x: 'a.b.c.d.e' },
    ]) {
      const refusal = await refused(JSON.stringify(token))
      expect(refusal.code).toMatch(/^token_(?:malformed|encrypted)$/)
    }
  })

  test.each(['undefined', 'null', 'NaN'])(
    'the word %s says that the client had none to send',
    async (word) => {
      expect(await verdictOf(word)).toBe(
        malformed(`it is the word ${word}, because the client had no token to send`),
      )
    },
  )

  test('an empty signature is a token that nobody signed', async () => {
    const { header, payload } = parts()
    expect(await verdictOf(`${header}.${payload}.`)).toBe(malformed('it is not signed'))
  })

  test('an empty payload is no JSON object', async () => {
    const { header, signature } = parts()
    expect(await verdictOf(`${header}..${signature}`)).toBe(noObject('payload'))
  })

  test('five parts are an encrypted token, which needs a key', async () => {
    expect(await refused('a.b.c.d.e')).toMatchObject({ code: 'token_encrypted' })
    expect(await refused('a....')).toMatchObject({ code: 'token_encrypted' })
  })
})

describe('canonical base64url', () => {
  const spoiled: readonly (readonly [string, (part: string) => string])[] = [
    ['padding', (part) => `${part}=`],
    ['double padding', (part) => `${part}==`],
    ['padding at the start', (part) => `=${part}`],
    ['a space behind', (part) => `${part} `],
    ['a space before', (part) => ` ${part}`],
    ['a line break in its midst', (part) => `${part.slice(0, 8)}\n${part.slice(8)}`],
    ['a tab', (part) => `${part.slice(0, 4)}\t${part.slice(4)}`],
    ['a plus', (part) => `+${part.slice(1)}`],
    ['a slash', (part) => `${part.slice(0, -1)}/`],
    ['a length that no bytes have', (part) => part.slice(0, part.length - ((part.length - 1) % 4))],
    ['a character of no alphabet', (part) => `${part.slice(0, 4)}!${part.slice(5)}`],
    ['a zero byte', (part) => `${part.slice(0, 4)}\0${part.slice(5)}`],
    ['a percent escape', (part) => `%41${part.slice(3)}`],
  ]
  test.each(spoiled)('%s in any part is refused', async (_what, spoil) => {
    const { header, payload, signature } = parts()
    expect(await verdictOf([spoil(header), payload, signature].join('.'))).toBe(
      notCanonical('header'),
    )
    expect(await verdictOf([header, spoil(payload), signature].join('.'))).toBe(
      notCanonical('payload'),
    )
    expect(await verdictOf([header, payload, spoil(signature)].join('.'))).toBe(badSignature)
  })

  test('surplus bits are refused in every part: one token has one spelling', async () => {
    const { header, payload, signature } = parts()
    // 64 bytes end on 'A', 'Q', 'g' or 'w': the last four bits of the 86th character are surplus.
    const twin = successor(signature)
    expect(Buffer.from(twin, 'base64url')).toEqual(Buffer.from(signature, 'base64url'))
    expect(await verdictOf([header, payload, twin].join('.'))).toBe(badSignature)
    // Behind one or two bytes over there are surplus bits, which are zero in the one right spelling.
    for (const text of ['{"alg":"ES256"} ', '{"alg":"ES256"}  ']) {
      const bent = successor(encode(text))
      expect(Buffer.from(bent, 'base64url').toString()).toBe(text)
      expect(await verdictOf([bent, payload, signature].join('.'))).toBe(notCanonical('header'))
    }
  })

  test('a two-byte character whose low byte looks fine is refused', async () => {
    const { header, payload, signature } = parts()
    for (const [index, part] of [header, payload, signature].entries()) {
      const strange = String.fromCharCode(0x100 + part.charCodeAt(5))
      const bent = part.slice(0, 5) + strange + part.slice(6)
      const all = [header, payload, signature].with(index, bent)
      expect(await verdictOf(all.join('.'))).toBe(beyond)
    }
  })

  test('a one-byte character beyond ASCII is refused', async () => {
    const { header, payload, signature } = parts()
    expect(await verdictOf(`${header}.${payload}.é${signature.slice(1)}`)).toBe(beyond)
  })
})

describe('header and payload are JSON objects in UTF-8', () => {
  const wrong = [
    'null',
    '[]',
    '"text"',
    '7',
    '{',
    '{"a":1}{"b":2}',
    "{'a':1}",
    '{"a":1,}',
    '\uFEFF{"alg":"ES256"}',
  ]
  test.each(wrong)('not %j', async (text) => {
    const { header, payload, signature } = parts()
    expect(await verdictOf([encode(text), payload, signature].join('.'))).toBe(noObject('header'))
    expect(await verdictOf([header, encode(text), signature].join('.'))).toBe(noObject('payload'))
  })

  test.each([
    ['a broken byte', [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]],
    ['an overlong slash', [0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]],
    ['half a surrogate', [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]],
  ])('not bytes that are no UTF-8: %s', async (_what, bytes) => {
    const bad = Buffer.from(bytes).toString('base64url')
    const { header, payload, signature } = parts()
    expect(await verdictOf([bad, payload, signature].join('.'))).toBe(notCanonical('header'))
    expect(await verdictOf([header, bad, signature].join('.'))).toBe(notCanonical('payload'))
  })

  test('a replacement character that the issuer wrote is a character like others', async () => {
    expect(await at.verifier()(at.token({ sub: 'a\uFFFDb' }))).toMatchObject({
      subject: 'a\uFFFDb',
    })
  })

  test('letters of all the world are read as they were written', async () => {
    const sub = 'Zoë Ðórr 佐藤 👩‍💻'
    expect(await at.verifier()(at.token({ sub }))).toMatchObject({ subject: sub })
  })
})

/** The text with its last character replaced by the next one of the alphabet. */
function successor(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return text.slice(0, -1) + alphabet.charAt(alphabet.indexOf(text.slice(-1)) + 1)
}
