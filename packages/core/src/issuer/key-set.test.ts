import { describe, expect, test } from 'vitest'
import { createTestKey, without } from '../../../../test/e2e/support/signing.ts'
import { identity, readKeySet } from './key-set.ts'

const rsa = createTestKey('RS256', 'rsa')
const ec = createTestKey('ES256', 'ec')
const ed = createTestKey('EdDSA', 'ed')
const read = (...keys: readonly unknown[]) => readKeySet({ keys })

describe('a key set is nonsense', () => {
  test.each([
    ['a text', 'keys'],
    ['null', null],
    ['an array', [ec.jwk]],
    ['an object without keys', { key: [] }],
    ['keys that are no array', { keys: { 0: ec.jwk } }],
  ])('where it is %s', (_what, body) => {
    expect(() => readKeySet(body)).toThrow('there is no array "keys"')
  })

  test.each([[null], ['text'], [7], [[ec.jwk]]])('where a key is %j', (key) => {
    expect(() => read(ec.jwk, key)).toThrow('not an object')
  })

  test('where it holds 10,000 keys, and already where it holds 101', () => {
    expect(() => read(...Array.from({ length: 10_000 }, () => ({})))).toThrow('10000 keys')
    expect(() => read(...Array.from({ length: 101 }, () => ec.jwk))).toThrow('more than 100')
    expect(read(...Array.from({ length: 100 }, () => ({ kty: 'unknown' })))).toEqual([])
  })
})

describe('a public key for signatures', () => {
  test('is taken with its name, its algorithm, its curve and its size', () => {
    expect(read(rsa.jwk, ec.jwk, ed.jwk)).toMatchObject([
      { kid: 'rsa', alg: 'RS256', kty: 'RSA', bits: 2048, crv: undefined, withdrawn: false },
      { kid: 'ec', alg: 'ES256', kty: 'EC', crv: 'P-256', bits: undefined },
      { kid: 'ed', alg: 'EdDSA', kty: 'OKP', crv: 'Ed25519' },
    ])
  })

  test('needs neither name nor algorithm nor use', () => {
    expect(read(without(ec.jwk, 'kid', 'alg', 'use'))).toMatchObject([
      { kid: undefined, alg: undefined, kty: 'EC' },
    ])
  })

  test('keeps its public members and nothing else', () => {
    const [key] = read({ ...ec.jwk, x5c: ['MII'], x5u: 'https://elsewhere.example', ext: true })
    expect(key?.jwk).toEqual(without(ec.jwk, 'kid', 'alg', 'use'))
  })

  test.each([
    ['P-384', 'ES384'],
    ['P-521', 'ES512'],
    ['Ed448', 'Ed448'],
  ])('may be on the curve %s', (crv, alg) => {
    expect(read(createTestKey(alg).jwk)).toMatchObject([{ crv, alg }])
  })
})

describe('passed over, while the others serve', () => {
  const privateKey = ec.privateKey.export({ format: 'jwk' })
  const weak = createTestKey('RS256', 'weak', 1024).jwk
  test.each([
    ['a private key', { ...ec.jwk, d: privateKey.d }],
    ['a private RSA key', { ...rsa.jwk, d: rsa.privateKey.export({ format: 'jwk' }).d }],
    ['a symmetric key', { kty: 'oct', k: 'AAAA', kid: 'ec', alg: 'HS256' }],
    ['a symmetric key in disguise', { ...ec.jwk, k: 'AAAA' }],
    ['a symmetric key without its value', { kty: 'oct', kid: 'ec', alg: 'HS256' }],
    ['a key for encryption', { ...ec.jwk, use: 'enc' }],
    ['a key for an unknown use', { ...ec.jwk, use: 7 }],
    ['a key whose operations do not name verify', { ...ec.jwk, key_ops: ['sign'] }],
    ['a key without any operation', { ...ec.jwk, key_ops: [] }],
    ['a key whose operations are no list', { ...ec.jwk, key_ops: 'verify' }],
    ['a kid that is no text', { ...ec.jwk, kid: 7 }],
    ['an alg that is no text', { ...ec.jwk, alg: ['ES256'] }],
    ['an unknown type', { ...ec.jwk, kty: 'AKP' }],
    ['no type', without(ec.jwk, 'kty')],
    ['no curve', without(ec.jwk, 'crv')],
    ['an unknown curve', { ...ec.jwk, crv: 'secp256k1' }],
    ['a curve of another type', { ...ec.jwk, crv: 'Ed25519' }],
    ['a curve for key agreement', { ...ed.jwk, crv: 'X25519' }],
    ['no x', without(ec.jwk, 'x')],
    ['an x with padding', { ...ec.jwk, x: `${ec.jwk.x}=` }],
    ['no y', without(ec.jwk, 'y')],
    ['an empty y', { ...ec.jwk, y: '' }],
    ['an RSA key of 1,024 bits', weak],
    ['an RSA modulus padded to 2,048 bits with zeros', { ...weak, n: padded(weak.n) }],
    ['an RSA modulus of nothing but zeros', { ...rsa.jwk, n: 'A'.repeat(342) }],
    ['an RSA key of 16,392 bits', { ...rsa.jwk, n: '_'.repeat(2732) }],
    ['no modulus', without(rsa.jwk, 'n')],
    ['no exponent', without(rsa.jwk, 'e')],
    ['an exponent that is a number', { ...rsa.jwk, e: 65_537 }],
  ])('%s', (_what, key) => {
    const good = { ...ed.jwk, kid: 'good' }
    expect(read(key, good).map(({ kid }) => kid)).toEqual(['good'])
  })

  test('key_ops with verify among others is fine', () => {
    expect(read({ ...ec.jwk, key_ops: ['sign', 'verify'] })).toHaveLength(1)
  })
})

function padded(modulus: string | undefined): string {
  const bytes = Buffer.from(modulus ?? '', 'base64url')
  return Buffer.concat([Buffer.alloc(256 - bytes.length), bytes]).toString('base64url')
}

test('the same name, another algorithm or other material makes another key', () => {
  const other = createTestKey('ES256', 'ec').jwk
  const [a, same, bound, renamed, changed] = [
    ec.jwk,
    { ...ec.jwk, use: undefined },
    without(ec.jwk, 'alg'),
    { ...ec.jwk, kid: 'new' },
    other,
  ].flatMap((jwk) => read(jwk).map(identity))
  expect(same).toBe(a)
  expect(new Set([a, bound, renamed, changed]).size).toBe(4)
})
