import { createSecretKey, randomBytes } from 'node:crypto'
import { createTokenIssuer } from '@portcullis/testkit'
import { CompactEncrypt, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { rejection } from '../../../../../test/e2e/support/endpoints.ts'
import { Outage } from '../../errors/outage.ts'
import { createIssuer } from '../../issuer/create.ts'
import { createSignedReader } from './signed.ts'

const tokens = createTokenIssuer({ algorithm: 'ES256' })
const issuer = createIssuer({ issuer: tokens.issuer, jwks: tokens.jwks })
const read = createSignedReader({ issuer })
const sign = (header: object = {}, claims: object | string = { a: 1 }) =>
  tokens.sign(
    { alg: 'ES256', kid: tokens.kid, ...header },
    typeof claims === 'string' ? claims : { ...claims },
  )

test('gives type, algorithm and claims, whatever the claims say', async () => {
  const token = sign({ typ: 'application/Logout+JWT' }, { iss: 'https://evil.test', exp: 1 })
  const opened = await read(token)
  expect(opened).toEqual({
    type: 'logout+jwt',
    algorithm: 'ES256',
    claims: { iss: 'https://evil.test', exp: 1 },
  })
  expect(Object.isFrozen(opened.claims)).toBe(true)
})

describe('refuses', () => {
  const flipped = (token: string) => {
    const at = token.lastIndexOf('.') + 3
    return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
  }

  test.each([
    ['another signature', flipped(sign()), 'token_signature_invalid'],
    ['none', sign({ alg: 'none' }), 'token_algorithm_refused'],
    ['an unknown key', sign({ kid: 'nobody' }), 'token_key_unknown'],
    ['an extension', sign({ crit: ['exp'] }), 'token_header_refused'],
    ['claims that are no object', sign({}, '[]'), 'token_malformed'],
    ['no signature', sign().replace(/[^.]+$/, ''), 'token_malformed'],
    ['a signature that is not canonical', `${sign()}=`, 'token_malformed'],
    ['what is no token', 'x', 'token_malformed'],
    ['what is far too long', 'x'.repeat(131_073), 'token_too_large'],
    ['what is encrypted, without a key', 'a.b.c.d.e', 'token_encrypted'],
  ])('%s', async (_name, token, code) => {
    expect(await rejection(read(token))).toMatchObject({ code })
  })

  test('an algorithm that was not configured', async () => {
    const other = createSignedReader({ issuer, algorithms: ['RS256'] })
    expect(await rejection(other(sign()))).toMatchObject({ code: 'token_algorithm_refused' })
    const both = createSignedReader({ issuer, algorithms: ['RS256', 'ES256'] })
    expect(await both(sign())).toMatchObject({ algorithm: 'ES256' })
  })
})

describe('what is encrypted', () => {
  const bytes = randomBytes(32)
  const jwk: JWK = { kty: 'oct', k: bytes.toString('base64url') }
  const decrypting = createSignedReader({ issuer, decryptionKeys: [jwk] })
  const encrypt = (text: string) =>
    new CompactEncrypt(Buffer.from(text))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(createSecretKey(bytes))

  test('is opened, and its signature checked', async () => {
    expect(await decrypting(await encrypt(sign()))).toMatchObject({ claims: { a: 1 } })
    const forger = createTokenIssuer({ algorithm: 'ES256' })
    const forged = forger.sign({ alg: 'ES256', kid: tokens.kid }, { a: 1 })
    expect(await rejection(decrypting(await encrypt(forged)))).toMatchObject({
      code: 'token_signature_invalid',
    })
  })

  test('must be signed inside', async () => {
    expect(await rejection(decrypting(await encrypt('{"a":1}')))).toMatchObject({
      code: 'token_malformed',
    })
    expect(await rejection(decrypting(await encrypt('a.b.c.d.e')))).toMatchObject({
      code: 'token_malformed',
    })
  })

  test('need not be encrypted', async () => {
    expect(await decrypting(sign())).toMatchObject({ claims: { a: 1 } })
  })
})

test('a new key is fetched, and an issuer that cannot be reached is an outage', async () => {
  const rotating = createTokenIssuer({ algorithm: 'ES256' })
  let down = false
  const fetch = (url: unknown) => {
    if (down) return Promise.reject(new Error('ECONNREFUSED'))
    const body = String(url).endsWith('/keys')
      ? rotating.jwks
      : { issuer: rotating.issuer, jwks_uri: `${rotating.issuer}/keys` }
    return Promise.resolve(Response.json(body))
  }
  const remote = createSignedReader({ issuer: createIssuer({ issuer: rotating.issuer, fetch }) })
  const fresh = () => rotating.sign({ alg: 'ES256', kid: rotating.kid }, { a: 1 })
  expect(await remote(fresh())).toHaveProperty('claims')
  rotating.rotate()
  expect(await remote(fresh())).toHaveProperty('claims')
  down = true
  rotating.rotate()
  expect(Outage.is(await rejection(remote(fresh())))).toBe(true)
})
