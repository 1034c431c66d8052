import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { generateKeyPair, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { rejection } from '../../../../test/e2e/support/endpoints.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { createSigningKey, type SigningKeyOptions } from './signing-key.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const p256 = ec('P-256')
const ed = generateKeyPairSync('ed25519')
// What Node exports is a JWK.
const jwkOf = (key: KeyObject): JWK => key.export({ format: 'jwk' })
const pemOf = (key: KeyObject) => key.export({ format: 'pem', type: 'pkcs8' }).toString()
const load = (options: SigningKeyOptions) => createSigningKey('x', options)()

const kinds: readonly (readonly [string, KeyObject, object])[] = [
  ['RSA', rsa.privateKey, { name: 'RSASSA-PKCS1-v1_5', hash: { name: 'SHA-256' } }],
  ['P-256', p256.privateKey, { name: 'ECDSA', namedCurve: 'P-256' }],
  ['P-384', ec('P-384').privateKey, { name: 'ECDSA', namedCurve: 'P-384' }],
  ['P-521', ec('P-521').privateKey, { name: 'ECDSA', namedCurve: 'P-521' }],
  ['Ed25519', ed.privateKey, { name: 'Ed25519' }],
]

describe.each(kinds)('a key of the kind %s', (_kind, key, algorithm) => {
  test.each<[string, SigningKeyOptions['key']]>([
    ['JWK', jwkOf(key)],
    ['PEM', pemOf(key)],
    ['KeyObject', key],
  ])('is imported from a %s, for signing, and stays inside', async (_form, source) => {
    const imported = await load({ key: source, kid: 'k-1' })
    expect(imported.kid).toBe('k-1')
    expect(imported.key).toMatchObject({ type: 'private', usages: ['sign'], extractable: false })
    expect(imported.key.algorithm).toMatchObject(algorithm)
  })
})

test('the name and the algorithm of a JWK are taken', async () => {
  const jwk = { ...jwkOf(rsa.privateKey), kid: 'mine', alg: 'PS384' }
  const { key, kid } = await load({ key: jwk })
  expect(kid).toBe('mine')
  expect(key.algorithm).toMatchObject({ name: 'RSA-PSS', hash: { name: 'SHA-384' } })
  const other = await load({ key: jwk, kid: 'yours', algorithm: 'RS256' })
  expect(other.kid).toBe('yours')
  expect(other.key.algorithm).toMatchObject({ name: 'RSASSA-PKCS1-v1_5' })
})

test('a CryptoKey is used as it is', async () => {
  const { privateKey } = await generateKeyPair('PS256')
  expect((await load({ key: privateKey })).key).toBe(privateKey)
})

test('it is imported once', async () => {
  const once = createSigningKey('x', { key: jwkOf(p256.privateKey) })
  const [first, second] = await Promise.all([once(), once()])
  expect(first).toBe(second)
})

const { publicKey } = await generateKeyPair('ES256')
const bound = await generateKeyPair('ES256')
const { privateKey: noSigner } = await generateKeyPair('RSA-OAEP-256')

test.each<[string, unknown, RegExp]>([
  ['no key', {}, /x\.key is missing/],
  ['a public JWK', { key: jwkOf(p256.publicKey) }, /must be a private key/],
  ['a secret', { key: { kty: 'oct', k: 'aHVzaC1odXNo' } }, /must be a private key/],
  ['a public KeyObject', { key: p256.publicKey }, /must be a private key/],
  [
    'a public PEM',
    { key: createPublicKey(rsa.privateKey).export({ format: 'pem', type: 'spki' }) },
    /PKCS #8/,
  ],
  ['an older PEM', { key: rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }) }, /PKCS #8/],
  ['a public CryptoKey', { key: publicKey }, /must be a private CryptoKey/],
  ['a CryptoKey for something else', { key: noSigner }, /usage "sign"/],
  [
    'a CryptoKey and another algorithm',
    { key: bound.privateKey, algorithm: 'RS256' },
    /algorithm must be left out: .*bound to/,
  ],
  ['a symmetric algorithm', { key: jwkOf(p256.privateKey), algorithm: 'HS256' }, /x\.algorithm/],
])('%s is a mistake', (_name, options, text) => {
  // From JavaScript anything may come.
  const make = () => createSigningKey('x', options as SigningKeyOptions)
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(text)
})

// RFC 7518 §3.3, §3.5.
describe('an RSA key of fewer than 2,048 bits is a mistake, and no outage of the issuer', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const imported = crypto.subtle.importKey(
    'pkcs8',
    privateKey.export({ format: 'der', type: 'pkcs8' }),
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  test.each<[string, () => Promise<SigningKeyOptions>]>([
    ['JWK', async () => ({ key: jwkOf(privateKey), algorithm: 'PS256' })],
    ['PEM', async () => ({ key: pemOf(privateKey) })],
    ['CryptoKey', async () => ({ key: await imported })],
  ])('as a %s', async (_form, options) => {
    const error = await rejection(load(await options()))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toContain('x.key has 1024 bits instead of 2048 or more')
  })
})

test.each<[string, SigningKeyOptions]>([
  ['another kind of algorithm', { key: jwkOf(p256.privateKey), algorithm: 'RS256' }],
  ['a broken JWK', { key: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'hush' } }],
  ['a broken PEM', { key: '-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----' }],
])('%s shows when the key is needed, without the key', async (_name, options) => {
  const error = await rejection(load(options))
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(String(error)).toMatch(/^ConfigurationError: x\.key cannot be imported/)
  expect(String(error)).not.toContain('hush')
})
