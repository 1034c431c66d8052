import { createHmac, createPublicKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createScene, goodClaims, refusalOf } from '../../../../../test/e2e/support/scene.ts'
import { createTestKey, encode } from '../../../../../test/e2e/support/signing.ts'

const at = createScene(createTestKey('ES256', 'k'))
const evil = createTestKey('ES256', 'k')
const refused = (token: string) => refusalOf(() => at.verifier()(token))
const withHeader = (text: string) => at.key.sign(text, goodClaims())

describe('a member that comes twice', () => {
  test.each([
    ['alg', '{"alg":"ES256","kid":"k","alg":"ES256"}'],
    ['kid', '{"alg":"ES256","kid":"other","kid":"k"}'],
    ['a member that nobody reads', '{"alg":"ES256","x":1,"x":1}'],
    ['written with an escape', String.raw`{"alg":"ES256","\u0061lg":"none"}`],
    ['written with another escape', String.raw`{"kid":"k","alg":"ES256","k\u0069d":"k"}`],
    ['deep inside', '{"alg":"ES256","x":{"a":1,"a":2}}'],
    ['in an object in a list', '{"alg":"ES256","x":[{"a":1},{"a":1,"a":2}]}'],
    ['with space before its colon', '{"alg" : "ES256", "alg"\t:"ES256"}'],
  ])('%s', async (_what, text) => {
    const refusal = await refused(withHeader(text))
    expect(refusal.code).toBe('token_malformed')
    expect(refusal.reason).toContain('names a member twice')
  })

  test.each([
    '{"alg":"ES256","x":{"alg":1},"y":{"alg":2}}',
    '{"alg":"ES256","x":["alg","alg"]}',
    String.raw`{"alg":"ES256","x":"\"alg\":1,\"alg\":2"}`,
    '{"alg":"ES256","x":"{\\"alg\\":1}","y":"alg"}',
  ])('is not seen where it is not: %s', async (text) => {
    expect(await at.verifier()(withHeader(text))).toMatchObject({ subject: 'user-1' })
  })
})

describe('what is not understood', () => {
  test.each([
    ['crit', { crit: ['exp'], exp: 1 }],
    ['crit', { crit: [] }],
    ['crit', { crit: null }],
    ['b64', { b64: false }],
    ['b64', { b64: true }],
    ['crit', { b64: false, crit: ['b64'] }],
  ])('%s is refused: %j', async (name, header) => {
    const refusal = await refused(at.token({}, header))
    expect(refusal).toMatchObject({ code: 'token_header_refused', status: 401 })
    expect(refusal.reason).toContain(`'${name}'`)
  })
})

describe('keys that a token brings along are never followed', () => {
  const own = { jwk: evil.jwk }
  const addresses = {
    jku: 'https://evil.test/keys',
    x5u: 'https://evil.test/cert',
    x5c: ['MIIB'],
    'x5t#S256': 'AAAA',
  }

  test('a token signed with its own jwk is a token with a bad signature, and nothing is fetched', async () => {
    const token = evil.token(goodClaims(), { ...own, ...addresses })
    expect((await refused(token)).code).toBe('token_signature_invalid')
  })

  test('beside a good signature they are ignored, and nothing is fetched', async () => {
    expect(await at.verifier()(at.token({}, { ...own, ...addresses }))).toMatchObject({
      subject: 'user-1',
    })
  })

  test('a name that looks like an address or a path is a name', async () => {
    for (const kid of ['https://evil.test/keys', '../../etc/passwd', "' OR 1=1 --", '']) {
      expect((await refused(at.token({}, { kid }))).code).toBe('token_key_unknown')
    }
  })
})

describe('the types of its members', () => {
  test.each([
    [{ kid: 7 }, 'token_malformed', 'its kid is not a string'],
    [{ kid: null }, 'token_malformed', 'its kid is not a string'],
    [{ kid: ['k'] }, 'token_malformed', 'its kid is not a string'],
    [{ typ: 7 }, 'token_malformed', 'its typ is not a string'],
    [{ typ: null }, 'token_malformed', 'its typ is not a string'],
    [{ alg: 7 }, 'token_algorithm_refused', 'a value of type number'],
    [{ alg: ['ES256'] }, 'token_algorithm_refused', 'a value of type object'],
  ])('%j: %s', async (header, code, why) => {
    const refusal = await refused(at.token({}, header))
    expect(refusal.code).toBe(code)
    expect(refusal.reason).toContain(why)
  })

  test('members of the prototype are not members', async () => {
    for (const alg of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect((await refused(at.token({}, { alg }))).code).toBe('token_algorithm_refused')
    }
    const refusal = await refused(withHeader('{"__proto__":{"alg":"ES256","kid":"k"}}'))
    expect(refusal.code).toBe('token_algorithm_refused')
  })
})

describe('algorithms that do not exist here', () => {
  test.each([
    'none',
    'None',
    'NONE',
    'HS256',
    'HS384',
    'HS512',
    'RS1',
    'ES256K',
    'es256',
    'RSA1_5',
    '',
  ])("'%s' is refused, whatever the key", async (alg) => {
    const [, payload] = at.token().split('.')
    const token = `${encode({ alg, kid: 'k' })}.${payload}.AAAA`
    expect(await refused(token)).toMatchObject({
      code: 'token_algorithm_refused',
      trail: { check: 'algorithm' },
    })
  })

  test('the public key used as a secret of HMAC gets nobody in', async () => {
    const pem = createPublicKey(at.key.privateKey).export({ type: 'spki', format: 'pem' })
    const input = `${encode({ alg: 'HS256', kid: 'k' })}.${encode(goodClaims())}`
    const mac = createHmac('sha256', pem).update(input).digest('base64url')
    expect((await refused(`${input}.${mac}`)).code).toBe('token_algorithm_refused')
  })

  test('what was sent is shown cut and harmless', async () => {
    const refusal = await refused(at.token({}, { alg: `\n\u001B[31m${'x'.repeat(500)}` }))
    expect(refusal.reason).toMatch(/^[\x20-\x7e]{1,200}$/)
  })
})
