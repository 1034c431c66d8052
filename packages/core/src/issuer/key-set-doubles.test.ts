import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createIssuer } from './create.ts'
import { readKeySet } from './key-set.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })

test('the same key published twice is one key', () => {
  expect(readKeySet({ keys: [rsa, { ...rsa }, { ...rsa, kid: 'other' }] })).toHaveLength(2)
})

test.each([
  ['1', 'AQ'],
  ['1 with zeros before it', 'AAAB'],
  ['0', 'AA'],
  ['2', 'Ag'],
  ['65,536', 'AQAA'],
])('an RSA key with the exponent %s is never used: anybody could sign for it', (_, e) => {
  expect(readKeySet({ keys: [{ ...rsa, e }] })).toEqual([])
})

test.each(['Aw', 'AQAB'])('an RSA key with the exponent %s is used', (e) => {
  expect(readKeySet({ keys: [{ ...rsa, e }] })).toHaveLength(1)
})

test.each([
  ['64 bits', Buffer.alloc(8, 0xff), 1],
  ['72 bits', Buffer.alloc(9, 0xff), 0],
  ['2,048 bits', Buffer.alloc(256, 0xff), 0],
])('an RSA key with an exponent of %s: a long one makes every check slow', (_, bytes, usable) => {
  const key = { ...rsa, e: bytes.toString('base64url') }
  expect(readKeySet({ keys: [key] })).toHaveLength(usable)
})

test('a timeout of nothing is a mistake that shows at once', () => {
  const options = { issuer: 'https://id.test', keys: { timeout: 0 } }
  expect(() => createIssuer(options)).toThrow(
    /^issuer\.keys\.timeout must be a number of seconds, more/,
  )
})
