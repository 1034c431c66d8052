import { createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { CompactEncrypt, type CompactJWEHeaderParameters, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { createScene, refusalOf } from '../../../../../test/e2e/support/scene.ts'
import { encode } from '../../../../../test/e2e/support/signing.ts'

const at = createScene()
const contents = [
  ['A128GCM', 16],
  ['A256GCM', 32],
  ['A128CBC-HS256', 32],
  ['A256CBC-HS512', 64],
] as const

const privateJwk = (key: KeyObject, more: JWK | object = {}): JWK => ({
  ...(key.export({ format: 'jwk' }) as JWK),
  ...more,
})
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const x25519 = generateKeyPairSync('x25519')
const secret = (size: number) => createSecretKey(randomBytes(size))

const encrypt = (text: string, header: CompactJWEHeaderParameters, key: KeyObject) =>
  new CompactEncrypt(Buffer.from(text)).setProtectedHeader(header).encrypt(key)
const open = (...decryptionKeys: readonly JWK[]) => at.verifier({}, { decryptionKeys })
const codeOf = async (verify: ReturnType<typeof open>, token: string) =>
  (await refusalOf(() => verify(token))).code

describe.each(contents)('%s', (enc, size) => {
  test('dir', async () => {
    const key = secret(size)
    const token = await encrypt(at.token(), { alg: 'dir', enc }, key)
    expect(await open(privateJwk(key))(token)).toMatchObject({ subject: 'user-1' })
    expect(await codeOf(open(privateJwk(secret(size))), token)).toBe('token_decryption_failed')
  })

  test('RSA-OAEP-256', async () => {
    const token = await encrypt(at.token(), { alg: 'RSA-OAEP-256', enc }, rsa.publicKey)
    expect(await open(privateJwk(rsa.privateKey))(token)).toMatchObject({ subject: 'user-1' })
  })

  test.each([
    ['P-256', ec],
    ['X25519', x25519],
  ])('ECDH-ES over %s', async (_curve, pair) => {
    const token = await encrypt(at.token(), { alg: 'ECDH-ES', enc }, pair.publicKey)
    expect(await open(privateJwk(pair.privateKey))(token)).toMatchObject({ subject: 'user-1' })
  })
})

describe('without the right key', () => {
  test('no key at all: the code says that the token is encrypted', async () => {
    const token = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM' }, secret(32))
    const refusal = await refusalOf(() => at.verifier()(token))
    expect(refusal).toMatchObject({ code: 'token_encrypted', status: 401 })
  })

  test('another key of the kind', async () => {
    const token = await encrypt(
      at.token(),
      { alg: 'RSA-OAEP-256', enc: 'A128GCM' },
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
    )
    const refusal = await refusalOf(() => open(privateJwk(rsa.privateKey))(token))
    expect(refusal).toMatchObject({
      code: 'token_decryption_failed',
      status: 401,
      trail: { check: 'decryption' },
    })
    expect(refusal.cause).toBeInstanceOf(Error)
  })

  test('a key of another kind', async () => {
    const token = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM' }, secret(32))
    const refusal = await refusalOf(() => open(privateJwk(rsa.privateKey))(token))
    expect(refusal.reason).toContain('0 of the decryption keys fit it')
  })

  test('a key for another algorithm', async () => {
    const token = await encrypt(at.token(), { alg: 'RSA-OAEP-256', enc: 'A128GCM' }, rsa.publicKey)
    const bound = privateJwk(rsa.privateKey, { alg: 'RSA-OAEP-512' })
    expect(await codeOf(open(bound), token)).toBe('token_decryption_failed')
    const right = privateJwk(rsa.privateKey, { alg: 'RSA-OAEP-256' })
    expect(await open(right)(token)).toMatchObject({ subject: 'user-1' })
  })
})

describe('several keys', () => {
  const [old, young] = [secret(32), secret(32)]
  const keys = [privateJwk(old, { kid: 'old' }), privateJwk(young, { kid: 'young' })]

  test('are told apart by their names', async () => {
    for (const [kid, key] of [
      ['old', old],
      ['young', young],
    ] as const) {
      const token = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM', kid }, key)
      expect(await open(...keys)(token)).toMatchObject({ subject: 'user-1' })
    }
  })

  test('are not guessed', async () => {
    const nameless = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM' }, old)
    const refusal = await refusalOf(() => open(...keys)(nameless))
    expect(refusal.reason).toContain('2 of the decryption keys fit it')
    const other = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM', kid: 'x' }, old)
    expect(await codeOf(open(...keys), other)).toBe('token_decryption_failed')
  })

  test('a symmetric key may be bound to the encryption of the content', async () => {
    const token = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM' }, old)
    expect(await open(privateJwk(old, { alg: 'A256GCM' }))(token)).toMatchObject({
      subject: 'user-1',
    })
  })
})

describe('what is refused before a key is touched', () => {
  const key = secret(32)
  const verify = open(privateJwk(key), privateJwk(rsa.privateKey))
  const forged = (header: object | string) =>
    `${encode(typeof header === 'string' ? header : { ...header })}..AAAA.AAAA.AAAA`

  test.each([['DEF'], [null], [7]])('compression: zip %j', async (zip) => {
    const refusal = await refusalOf(() => verify(forged({ alg: 'dir', enc: 'A256GCM', zip })))
    expect(refusal.code).toBe('token_header_refused')
    expect(refusal.reason).toContain('compressed')
  })

  test.each([
    ['RSA1_5'],
    ['RSA-OAEP'],
    ['A256KW'],
    ['PBES2-HS256+A128KW'],
    ['ECDH-ES+A128KW'],
    ['none'],
    ['constructor'],
    ['__proto__'],
    ['toString'],
    [7],
    [undefined],
  ])('key management %j', async (alg) => {
    const refusal = await refusalOf(() => verify(forged({ alg, enc: 'A256GCM' })))
    expect(refusal.code).toBe('token_decryption_failed')
    expect(refusal.reason).toContain('its key management algorithm is not accepted')
  })

  test.each(['null', '[]', '{', '"text"'])('a header that is no object: %s', async (header) => {
    const refusal = await refusalOf(() => verify(forged(header)))
    expect(refusal.code).toBe('token_decryption_failed')
    expect(refusal.reason).toContain('its header is not a JSON object')
  })

  test('a header that is no base64url', async () => {
    expect(await codeOf(verify, 'e+30..AAAA.AAAA.AAAA')).toBe('token_malformed')
    expect(await codeOf(verify, 'e30=..AAAA.AAAA.AAAA')).toBe('token_malformed')
  })

  test.each([
    ['A192GCM', 24],
    ['A192CBC-HS384', 48],
  ])(
    'encryption of the content that is not on the list, with the right key: %s',
    async (enc, size) => {
      const right = secret(size)
      const token = await encrypt(at.token(), { alg: 'dir', enc }, right)
      expect(await codeOf(open(privateJwk(right)), token)).toBe('token_decryption_failed')
    },
  )

  test('encryption of the content that does not exist', async () => {
    for (const enc of ['A512GCM', 'none', undefined]) {
      expect(await codeOf(verify, forged({ alg: 'dir', enc }))).toBe('token_decryption_failed')
    }
  })

  test('an extension that is not understood', async () => {
    const header = { alg: 'dir', enc: 'A256GCM', crit: ['x'], x: 1 }
    expect(await codeOf(verify, forged(header))).toBe('token_decryption_failed')
  })
})

describe('what is inside', () => {
  const key = secret(32)
  const inside = (text: string) => encrypt(text, { alg: 'dir', enc: 'A256GCM', cty: 'JWT' }, key)
  const verify = open(privateJwk(key))

  test('is examined like any token', async () => {
    const { audience } = { audience: 'https://other.test' }
    expect(await codeOf(verify, await inside(at.token({ aud: audience })))).toBe(
      'token_audience_refused',
    )
    const other = createScene().token()
    expect(await codeOf(verify, await inside(other))).toBe('token_signature_invalid')
  })

  test.each(['', '{"iss":"https://id.test"}', 'é.é.é', 'a.b.'])(
    'must be signed: %j',
    async (text) => {
      expect(await codeOf(verify, await inside(text))).toBe('token_malformed')
    },
  )

  test('is not opened a second time', async () => {
    expect(await codeOf(verify, await inside(await inside(at.token())))).toBe('token_malformed')
  })
})

test('one flipped bit anywhere is noticed', async () => {
  const key = secret(32)
  const token = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM' }, key)
  const parts = token.split('.')
  const verify = open(privateJwk(key))
  for (const index of [0, 2, 3, 4]) {
    const bytes = Buffer.from(parts[index] ?? '', 'base64url')
    bytes.writeUInt8(bytes.readUInt8(3) ^ 1, 3)
    const bent = parts.with(index, bytes.toString('base64url')).join('.')
    expect(await codeOf(verify, bent)).toMatch(/^token_(decryption_failed|malformed)$/)
  }
})

describe('one token has one spelling, encrypted or not', () => {
  const key = secret(32)
  const verify = open(privateJwk(key))
  test.each([
    ['padding', (part: string) => `${part}=`],
    ['a space', (part: string) => ` ${part}`],
    ['a line break', (part: string) => `${part}\n`],
  ])('%s in any part is refused', async (_what, spoil) => {
    const token = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM' }, key)
    const parts = token.split('.')
    for (const index of [0, 1, 2, 3, 4]) {
      const bent = parts.with(index, spoil(parts[index] ?? '')).join('.')
      expect(await codeOf(verify, bent)).toMatch(/^token_(decryption_failed|malformed)$/)
    }
  })

  test('surplus bits in any part are refused', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const token = await encrypt(at.token(), { alg: 'RSA-OAEP-256', enc: 'A256GCM' }, rsa.publicKey)
    const parts = token.split('.')
    const open256 = open(privateJwk(rsa.privateKey))
    const bendable = [0, 1, 2, 3, 4].filter((index) => (parts[index] ?? '').length % 4 !== 0)
    expect(bendable).toContain(4)
    for (const index of bendable) {
      const part = parts[index] ?? ''
      const bent = part.slice(0, -1) + alphabet.charAt(alphabet.indexOf(part.slice(-1)) + 1)
      expect(Buffer.from(bent, 'base64url')).toEqual(Buffer.from(part, 'base64url'))
      const twin = parts.with(index, bent).join('.')
      expect(await codeOf(open256, twin)).toMatch(/^token_(decryption_failed|malformed)$/)
    }
  })
})
