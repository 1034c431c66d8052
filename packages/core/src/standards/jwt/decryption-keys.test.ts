import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { createGuard, createLogin, sealedSessions } from '@portcullis/core'
import { CompactEncrypt, importJWK, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { createScene, failure, issuer } from '../../../../../test/e2e/support/scene.ts'
import { createClient } from '../../client/create.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { createIssuer } from '../../issuer/create.ts'
import { introspection } from '../introspection/introspection.ts'
import { readDecryptionKeys } from './decryption-keys.ts'
import { createSignedReader } from './signed.ts'

const jwkOf = (key: KeyObject, more: object = {}): JWK => ({
  ...(key.export({ format: 'jwk' }) as JWK),
  ...more,
})
const rsaKey = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
const ecKey = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey
const [rsa, otherRsa] = [rsaKey(2048), rsaKey(2048)]
const [ec, otherEc] = [jwkOf(ecKey('P-256')), jwkOf(ecKey('P-256'))]
const x25519 = jwkOf(generateKeyPairSync('x25519').privateKey)
const oct = (size: number, more: object = {}): JWK => ({
  kty: 'oct',
  k: randomBytes(size).toString('base64url'),
  ...more,
})
const privateRsa = jwkOf(rsa.privateKey)
const without = (jwk: JWK, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)))

// Programs in JavaScript can hand in anything.
const read = (...keys: readonly unknown[]) => readDecryptionKeys(keys as readonly JWK[])
const messageOf = (...keys: readonly unknown[]): string => {
  try {
    read(...keys)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  return 'nothing wrong'
}

describe('a key that could open no token is an error when the keys are read', () => {
  test.each<[string, unknown, string]>([
    ['no object', 'hunter2', 'must be a JWK'],
    ['no kty', { k: 'AAAA' }, 'has a kty other than oct, RSA, EC, OKP'],
    ['a kty of the prototype', { kty: 'constructor' }, 'has a kty other than'],
    ['a kty that is not for this', { kty: 'AKP', priv: 'AAAA' }, 'has a kty other than'],
    ['a key object', rsa.privateKey, 'has a kty other than'],
    ['a secret that is a number', { kty: 'oct', k: 7 }, 'with base64url in k'],
    ['a secret that is a sentence', { kty: 'oct', k: 'not base64url!' }, 'with base64url in k'],
    ['a secret with padding', { kty: 'oct', k: `${oct(32).k}=` }, 'with base64url in k'],
    ['no secret', { kty: 'oct' }, 'with base64url in k'],
    ['a secret of 20 bytes', oct(20), 'has 20 bytes instead of 16 or 32 or 64'],
    [
      'a secret of a size not for its alg',
      oct(16, { alg: 'A256GCM' }),
      'has 16 bytes instead of 32',
    ],
    ['a public RSA key', jwkOf(rsa.publicKey), 'with base64url in d, p, q, dp, dq, qi'],
    [
      'an RSA key without its primes',
      without(privateRsa, 'p', 'q', 'dp', 'dq', 'qi'),
      'with base64url in p, q',
    ],
    ['an RSA key of 1,024 bits', jwkOf(rsaKey(1024).privateKey), 'has 1024 bits instead of 2048'],
    ['halves of two RSA keys', { ...privateRsa, n: jwkOf(otherRsa.publicKey).n }, 'is broken'],
    ['another d', { ...privateRsa, d: jwkOf(otherRsa.privateKey).d }, 'is broken'],
    ['a prime of 1', { ...privateRsa, p: 'AQ', q: privateRsa.n }, 'is broken'],
    ['a prime of 0', { ...privateRsa, p: 'AA' }, 'is broken'],
    ['a public EC key', without(ec, 'd'), 'with base64url in d'],
    ['an EC key without a curve', without(ec, 'crv'), 'with base64url in crv'],
    ['an unknown curve', jwkOf(ecKey('secp256k1')), 'has a crv other than P-256, P-384, P-521'],
    ['a curve of the prototype', { ...ec, crv: 'toString' }, 'has a crv other than'],
    ['the name of another curve', { ...ec, crv: 'P-384' }, 'has not 48 bytes in x, y, d'],
    ['a d that was cut', { ...ec, d: ec.d?.slice(0, -4) }, 'has not 32 bytes in d'],
    ['a key for signatures', jwkOf(generateKeyPairSync('ed25519').privateKey), 'has a crv other'],
    ['X448', jwkOf(generateKeyPairSync('x448').privateKey), 'has a crv other than X25519'],
    ['a public X25519 key', without(x25519, 'd'), 'with base64url in d'],
    ['a kid that is a number', oct(32, { kid: 7 }), 'has a kid that is not a text'],
    ['an alg that is a number', oct(32, { alg: 7 }), 'has an alg that is not a text'],
    [
      'key_ops that are a text',
      oct(32, { key_ops: 'decrypt' }),
      'has key_ops that are not an array',
    ],
  ])('%s', (_what, key, why) => {
    expect(messageOf(oct(32), key)).toContain(`decryptionKeys[1]`)
    expect(messageOf(oct(32), key)).toContain(why)
  })

  test('which says its place and its name, and nothing of its material', () => {
    const d = jwkOf(otherRsa.privateKey).d ?? ''
    const { k = '' } = oct(20)
    const broken: readonly [object, ...(string | undefined)[]][] = [
      [{ ...privateRsa, d }, d, privateRsa.d, privateRsa.n, privateRsa.p],
      [{ ...privateRsa, d: 1_234_567 }, '1234567', privateRsa.n],
      [{ ...ec, d: 7_654_321 }, '7654321', ec.x, ec.y],
      [{ ...ec, crv: 'P-521' }, ec.d, ec.x, ec.y],
      [{ kty: 'oct', k }, k],
      [{ kty: 'oct', k: 1_234_567 }, '1234567'],
      [{ kty: 'oct', k: 'a sentence' }, 'sentence'],
    ]
    for (const [key, ...material] of broken) {
      const message = messageOf(oct(16), { ...key, kid: 'enc-2026' })
      expect(message).toMatch(/^decryptionKeys\[1\] \(kid 'enc-2026'\) /)
      for (const member of material) expect(message).not.toContain(member ?? 'key')
    }
  })

  test('a name that is none is not repeated', () => {
    expect(messageOf(oct(20, { kid: `\n${'x'.repeat(500)}` }))).toMatch(/^[\x20-\x7e]{1,200}$/)
  })
})

describe('keys for something else', () => {
  const foreign: readonly object[] = [
    { ...privateRsa, use: 'sig' },
    { ...privateRsa, alg: 'RS256' },
    { ...privateRsa, alg: 'RSA-OAEP' },
    { ...privateRsa, key_ops: ['sign'] },
    { ...privateRsa, key_ops: ['deriveBits'] },
    { ...ec, use: 'sig' },
    { ...ec, alg: 'ECDH-ES+A256KW' },
    { ...ec, key_ops: ['unwrapKey', 'decrypt'] },
    { ...x25519, key_ops: [] },
    oct(32, { alg: 'HS256' }),
    oct(32, { alg: 'A256KW' }),
    oct(32, { key_ops: ['unwrapKey'] }),
    // Not even looked at: it may be of any shape.
    { kty: 'AKP', alg: 'ML-DSA-44', use: 'sig' },
    { ...jwkOf(rsa.publicKey), use: 'sig' },
  ]

  test('are passed over', () => {
    const names = read(...foreign, oct(32, { kid: 'good' })).map(({ kid }) => kid)
    expect(names).toEqual(['good'])
  })

  test('are an error where no other key is left', () => {
    for (const key of foreign) {
      expect(messageOf({ ...key, kid: 'b' })).toMatch(
        /^decryptionKeys holds no key for decryption: decryptionKeys\[0\] \(kid 'b'\) has /,
      )
    }
  })

  test('no keys at all are no error', () => {
    expect(read()).toEqual([])
  })
})

test('good keys of every kind are read, and of what they say only the material is handed on', () => {
  const keys = [
    oct(16),
    oct(32, { alg: 'dir' }),
    oct(64, { alg: 'A256CBC-HS512' }),
    { ...privateRsa, alg: 'RSA-OAEP-256', use: 'enc', key_ops: ['unwrapKey'], ext: true },
    jwkOf(rsaKey(3072).privateKey),
    ...['P-256', 'P-384', 'P-521'].map((curve) => jwkOf(ecKey(curve), { alg: 'ECDH-ES' })),
    { ...x25519, key_ops: ['deriveKey'] },
  ]
  const found = read(...keys)
  expect(found.map(({ jwk }) => jwk)).toEqual(
    keys.map((key) => without(key, 'alg', 'use', 'key_ops', 'ext')),
  )
  expect(found.map(({ size }) => size).slice(0, 4)).toEqual([16, 32, 64, undefined])
})

describe('whoever takes decryption keys says at once what is wrong with them', () => {
  const broken = [{ kty: 'oct', k: 'AAAA', kid: 'x' }]
  const client = { id: 'app', secret: 'a-secret-of-a-client' }
  const sessions = sealedSessions({ secrets: ['0123456789abcdef0123456789abcdef'] })
  const redirects = { baseUrl: 'https://app.test' }

  test.each<[string, () => unknown]>([
    ['guard', () => createGuard({ issuer, audience: 'a', decryptionKeys: broken })],
    [
      'login',
      () => createLogin({ issuer, client, sessions, ...redirects, decryptionKeys: broken }),
    ],
    ['client', () => createClient({ issuer, client, decryptionKeys: broken })],
    ['introspection', () => introspection({ issuer, client, signed: { decryptionKeys: broken } })],
    [
      'reader',
      () => createSignedReader({ issuer: createIssuer({ issuer }), decryptionKeys: broken }),
    ],
  ])('%s', (_who, make) => {
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow("decryptionKeys[0] (kid 'x') has 3 bytes instead of 16 or 32 or 64")
  })
})

test('halves of two keys on a curve, which show only at the first token, are no fault of a client', async () => {
  const at = createScene()
  const halves: readonly [JWK, JWK][] = [
    [{ ...ec, d: otherEc.d ?? '' }, ec],
    [{ ...ec, x: otherEc.x ?? '' }, otherEc],
  ]
  for (const [jwk, recipient] of halves) {
    const token = await new CompactEncrypt(Buffer.from(at.token()))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
      .encrypt(await importJWK(without(recipient, 'd'), 'ECDH-ES'))
    const verify = at.verifier({}, { decryptionKeys: [{ ...jwk, kid: 'mixed' }] })
    const errors = [await failure(() => verify(token)), await failure(() => verify(token))]
    for (const error of errors) {
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(String(error)).toContain("decryptionKeys[0] (kid 'mixed') is broken")
      expect(String(error)).not.toContain(otherEc.d)
    }
  }
})
