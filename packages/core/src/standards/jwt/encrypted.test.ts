import {
  createCipheriv,
  createSecretKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { CompactEncrypt, type CompactJWEHeaderParameters, type JWK } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { createScene, neverFetch, refusalOf } from '../../../../../test/e2e/support/scene.ts'
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
    expect(await codeOf(open(bound, privateJwk(secret(32))), token)).toBe('token_decryption_failed')
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

  test('a name that is the very same comes before no name', async () => {
    const nameless = [privateJwk(secret(32)), privateJwk(secret(32))]
    const token = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM', kid: 'young' }, young)
    expect(await open(...nameless, ...keys)(token)).toMatchObject({ subject: 'user-1' })
  })

  test('no name comes before another name', async () => {
    const token = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM', kid: 'new' }, young)
    expect(await open(...keys, privateJwk(young))(token)).toMatchObject({ subject: 'user-1' })
    const refusal = await refusalOf(() =>
      open(...keys, privateJwk(young), privateJwk(secret(32)))(token),
    )
    expect(refusal.reason).toContain('2 of the decryption keys fit it')
  })

  test.each(contents)('a secret key of another size does not fit %s', async (enc, size) => {
    const key = secret(size)
    const others = [16, 32, 64].filter((other) => other !== size).map((other) => secret(other))
    const token = await encrypt(at.token(), { alg: 'dir', enc }, key)
    const verify = open(...[...others, key].map((one) => privateJwk(one)))
    expect(await verify(token)).toMatchObject({ subject: 'user-1' })
  })

  test('a secret key that is bound to another encryption of its size does not fit', async () => {
    const key = secret(32)
    const token = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM' }, key)
    const cbc = privateJwk(secret(32), { alg: 'A128CBC-HS256' })
    expect(await open(cbc, privateJwk(key, { alg: 'A256GCM' }))(token)).toHaveProperty('subject')
    expect(await open(cbc, privateJwk(key, { alg: 'dir' }))(token)).toHaveProperty('subject')
  })

  test('a key on another curve does not fit', async () => {
    const others = ['P-384', 'P-521'].map((curve) =>
      generateKeyPairSync('ec', { namedCurve: curve }),
    )
    const pairs = [...others, ec, x25519]
    const verify = open(...pairs.map(({ privateKey }) => privateJwk(privateKey)))
    for (const { publicKey } of pairs) {
      const token = await encrypt(at.token(), { alg: 'ECDH-ES', enc: 'A256GCM' }, publicKey)
      expect(await verify(token)).toMatchObject({ subject: 'user-1' })
    }
  })

  test.each<[string, object]>([
    ['use', { use: 'sig' }],
    ['key_ops', { key_ops: ['sign'] }],
    ['key_ops', { key_ops: [] }],
    ['alg', { alg: 'RS256' }],
  ])('a key that is for something else by its %s is not used: %j', async (_member, more) => {
    const header = { alg: 'RSA-OAEP-256', enc: 'A256GCM' }
    const token = await encrypt(at.token(), header, rsa.publicKey)
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const marked = open(privateJwk(rsa.privateKey, more), privateJwk(other))
    expect(await codeOf(marked, token)).toBe('token_decryption_failed')
    const beside = open(privateJwk(other, more), privateJwk(rsa.privateKey))
    expect(await beside(token)).toMatchObject({ subject: 'user-1' })
  })

  test('what a key says for decryption does not keep it from being used', async () => {
    const rsaToken = await encrypt(
      at.token(),
      { alg: 'RSA-OAEP-256', enc: 'A256GCM' },
      rsa.publicKey,
    )
    for (const operation of ['unwrapKey', 'decrypt']) {
      const said = { use: 'enc', key_ops: [operation], ext: false, x5t: 'AAAA' }
      expect(await open(privateJwk(rsa.privateKey, said))(rsaToken)).toHaveProperty('subject')
    }
    const ecToken = await encrypt(at.token(), { alg: 'ECDH-ES', enc: 'A256GCM' }, ec.publicKey)
    for (const operation of ['deriveKey', 'deriveBits']) {
      const said = { use: 'enc', key_ops: [operation], alg: 'ECDH-ES' }
      expect(await open(privateJwk(ec.privateKey, said))(ecToken)).toHaveProperty('subject')
    }
    const token = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM' }, old)
    const said = { use: 'enc', key_ops: ['encrypt', 'decrypt'] }
    expect(await open(privateJwk(old, said))(token)).toHaveProperty('subject')
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
    expect(refusal.code).toBe('token_malformed')
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
      const refusal = await refusalOf(() => verify(token))
      expect(refusal.code).toBe('token_decryption_failed')
      expect(refusal.reason).toContain('its content encryption algorithm is not accepted')
    },
  )

  test('encryption of the content that does not exist', async () => {
    for (const enc of ['A512GCM', 'none', undefined]) {
      expect(await codeOf(verify, forged({ alg: 'dir', enc }))).toBe('token_decryption_failed')
    }
  })

  test('what is too long is not looked at', async () => {
    const short = at.verifier({}, { decryptionKeys: [privateJwk(key)], maxTokenSize: 100 })
    const token = await encrypt(at.token(), { alg: 'dir', enc: 'A256GCM' }, key)
    expect(await codeOf(short, token)).toBe('token_too_large')
  })
})

describe('the header of an encrypted token is read as strictly as that of a signed one', () => {
  const key = secret(32)
  const verify = open(privateJwk(key), privateJwk(secret(16)))
  // Genuine whatever the header says, which no library would write.
  const seal = (header: string) => {
    const [protectedPart, iv] = [encode(header), randomBytes(12)]
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(protectedPart))
    const sealed = Buffer.concat([cipher.update(at.token()), cipher.final()])
    const parts = [iv, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'))
    return [protectedPart, '', ...parts].join('.')
  }

  test('one without a flaw passes', async () => {
    expect(await verify(seal('{"alg":"dir","enc":"A256GCM"}'))).toMatchObject({ subject: 'user-1' })
  })

  test.each([
    ['alg', '{"alg":"none","alg":"dir","enc":"A256GCM"}'],
    ['alg, the same', '{"alg":"dir","enc":"A256GCM","alg":"dir"}'],
    ['enc', '{"alg":"dir","enc":"A128GCM","enc":"A256GCM"}'],
    ['enc, escaped', String.raw`{"alg":"dir","enc":"A128GCM","enc":"A256GCM"}`],
    ['zip', '{"alg":"dir","enc":"A256GCM","x":{"zip":1,"zip":2}}'],
  ])('no member twice: %s', async (_what, header) => {
    const refusal = await refusalOf(() => verify(seal(header)))
    expect(refusal.code).toBe('token_malformed')
    expect(refusal.reason).toContain('names a member twice')
  })

  test.each([
    ['b64', '"b64":false'],
    ['b64', '"b64":true'],
    ['crit', '"crit":["exp"],"exp":1'],
    ['crit', '"crit":[]'],
    ['crit', '"crit":null'],
  ])('no %s: %s', async (name, more) => {
    const refusal = await refusalOf(() => verify(seal(`{"alg":"dir","enc":"A256GCM",${more}}`)))
    expect(refusal.code).toBe('token_header_refused')
    expect(refusal.reason).toContain(`'${name}'`)
  })

  test.each([
    ['kid', '7'],
    ['kid', 'null'],
    ['typ', '["JWT"]'],
  ])('a text in %s: %s', async (name, value) => {
    const header = `{"alg":"dir","enc":"A256GCM","${name}":${value}}`
    const refusal = await refusalOf(() => verify(seal(header)))
    expect(refusal.code).toBe('token_malformed')
    expect(refusal.reason).toContain(`its ${name} is not a string`)
  })

  test('UTF-8', async () => {
    const [, ...rest] = seal('{"alg":"dir","enc":"A256GCM"}').split('.')
    const header = Buffer.from('7b22616c67223a22646972222c2278223a22ff227d', 'hex')
    const refusal = await refusalOf(() => verify([header.toString('base64url'), ...rest].join('.')))
    expect(refusal.reason).toContain('its header is not canonical base64url of UTF-8')
  })

  test('members of the prototype are not members', async () => {
    const header = '{"__proto__":{"alg":"dir","enc":"A256GCM"}}'
    expect(await codeOf(verify, seal(header))).toBe('token_decryption_failed')
  })

  test('keys and addresses that it brings along are never followed', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(neverFetch)
    const more = {
      jwk: privateJwk(secret(32)),
      jku: 'https://evil.test/keys',
      x5u: 'https://evil.test/cert',
      x5c: ['MIIB'],
    }
    const header = JSON.stringify({ alg: 'dir', enc: 'A256GCM', ...more })
    expect(await verify(seal(header))).toMatchObject({ subject: 'user-1' })
    const brought = secret(32)
    const forged = await encrypt(
      at.token(),
      { alg: 'dir', enc: 'A256GCM', jwk: privateJwk(brought) },
      brought,
    )
    expect(await codeOf(verify, forged)).toBe('token_decryption_failed')
    expect(fetched).not.toHaveBeenCalled()
    fetched.mockRestore()
  })

  test.each([[undefined], [null], ['P-256'], [{}], [{ kty: 'EC', crv: 'P-256' }]])(
    'no usable key of the sender: epk %j',
    async (epk) => {
      const header = encode({ alg: 'ECDH-ES', enc: 'A256GCM', epk })
      const refused = open(privateJwk(ec.privateKey))
      expect(await codeOf(refused, `${header}..AAAA.AAAA.AAAA`)).toBe('token_decryption_failed')
    },
  )
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
