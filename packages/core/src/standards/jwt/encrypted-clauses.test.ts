import {
  createCipheriv,
  createHash,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { CompactEncrypt, type CompactJWEHeaderParameters } from 'jose'
import { describe, expect, test } from 'vitest'
import { createScene, refusalOf } from '../../../../../test/e2e/support/scene.ts'
import { encode } from '../../../../../test/e2e/support/signing.ts'

const at = createScene()
const open = (key: KeyObject) =>
  at.verifier({}, { decryptionKeys: [key.export({ format: 'jwk' })] })
const codeOf = async (verify: ReturnType<typeof open>, token: string) =>
  (await refusalOf(() => verify(token))).code

// RFC 8725 §3.4, RFC 8037 §5: an answer to such a point tells something about our key, and whoever knows what
// comes of it has encrypted with that.
describe('the key of the sender', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const x25519 = generateKeyPairSync('x25519')
  const fill = (byte: number): string => Buffer.alloc(32, byte).toString('base64url')
  const one = Buffer.from([1, ...Buffer.alloc(31)]).toString('base64url')
  const header = { alg: 'ECDH-ES', enc: 'A256GCM' }

  test('opens the token where both sides have agreed upon the same', async () => {
    const sender = generateKeyPairSync('x25519')
    const shared = diffieHellman({ privateKey: sender.privateKey, publicKey: x25519.publicKey })
    const epk = sender.publicKey.export({ format: 'jwk' })
    const token = sealedWith(shared, { ...header, epk }, at.token())
    expect(await open(x25519.privateKey)(token)).toMatchObject({ subject: 'user-1' })
  })

  test.each([
    ['not on the curve', ec, { kty: 'EC', crv: 'P-256', x: fill(1), y: fill(2) }],
    ['all zeros', x25519, { kty: 'OKP', crv: 'X25519', x: fill(0) }],
    ['of small order', x25519, { kty: 'OKP', crv: 'X25519', x: one }],
  ])('must not be a point that is %s', async (_what, pair, epk) => {
    const token = sealedWith(Buffer.alloc(32), { ...header, epk }, at.token())
    expect(await codeOf(open(pair.privateKey), token)).toBe('token_decryption_failed')
  })
})

describe('what is inside', () => {
  const key = createSecretKey(randomBytes(32))
  const verify = open(key)
  const plain = { alg: 'dir', enc: 'A256GCM', cty: 'JWT' }
  const inside = (text: string, header: CompactJWEHeaderParameters = plain) =>
    new CompactEncrypt(Buffer.from(text)).setProtectedHeader(header).encrypt(key)

  // RFC 7519 §5.3: whoever encrypts may write them, and the signature says nothing about them.
  test('is all that counts: claims in the header outside are not read', async () => {
    const header = { ...plain, iss: 'https://evil.test', sub: 'admin', aud: 'https://other.test' }
    expect(await verify(await inside(at.token(), header))).toMatchObject({
      issuer: 'https://id.test',
      subject: 'user-1',
      audience: ['https://api.test'],
    })
    const others = at.token({ aud: 'https://other.test' })
    const mine = await inside(others, { ...header, aud: 'https://api.test' })
    expect(await codeOf(verify, mine)).toBe('token_audience_refused')
  })

  // RFC 8725 §3.3: that it could be decrypted is no signature.
  test('is not believed for having been encrypted, whatever it calls itself', async () => {
    const claims = at.token().split('.')[1] ?? ''
    for (const alg of ['none', 'None', 'dir', 'RSA-OAEP-256']) {
      const unsigned = `${encode({ alg })}.${claims}.AAAA`
      expect(await codeOf(verify, await inside(unsigned))).toBe('token_algorithm_refused')
    }
    const bare = Buffer.from(claims, 'base64url').toString()
    expect(await codeOf(verify, await inside(bare))).toBe('token_malformed')
  })
})

type Sealed = Readonly<Record<string, unknown>> & { readonly enc: string }

/** What somebody sends who takes `shared` for what both sides have agreed upon (RFC 7518 §4.6.2). */
function sealedWith(shared: Buffer, header: Sealed, text: string): string {
  const algorithm = Buffer.from(header.enc)
  const info = [number(algorithm.length), algorithm, number(0), number(0), number(256)]
  const agreed = Buffer.concat([number(1), shared, ...info])
  const key = createHash('sha256').update(agreed).digest()
  const [protectedHeader, iv] = [encode(header), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(protectedHeader))
  const content = Buffer.concat([cipher.update(text), cipher.final()])
  const parts = [iv, content, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  return [protectedHeader, '', ...parts].join('.')
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
