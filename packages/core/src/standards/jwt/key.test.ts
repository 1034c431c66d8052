import type { JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import {
  audience,
  createClock,
  goodClaims,
  issuer,
  neverFetch,
  refusalOf,
  start,
} from '../../../../../test/e2e/support/scene.ts'
import { createTestKey, without } from '../../../../../test/e2e/support/signing.ts'
import type { Algorithm } from './signature.ts'
import { jwt } from './jwt.ts'

const rsa = createTestKey('RS256', 'k')
const ec = createTestKey('ES256', 'k')
const ed = createTestKey('EdDSA', 'k')
const { now } = createClock(start * 1000)

const verifier = (keys: readonly JWK[], algorithms?: readonly Algorithm[]) => {
  const trusted = { issuer, audience, jwks: { keys: [...keys] }, ...(algorithms && { algorithms }) }
  return jwt({ issuers: [trusted], cache: false, now, fetch: neverFetch })
}
const subject = async (keys: readonly JWK[], token: string) =>
  (await verifier(keys).verify(token)).subject
const code = async (keys: readonly JWK[], token: string) =>
  (await refusalOf(() => verifier(keys).verify(token))).code

describe('keys of the same name', () => {
  test('and different types are told apart by the algorithm', async () => {
    const keys = [rsa.jwk, ec.jwk, ed.jwk]
    for (const key of [rsa, ec, ed])
      expect(await subject(keys, key.token(goodClaims()))).toBe('user-1')
  })

  test('the same without alg in the set', async () => {
    const keys = [rsa, ec, ed].map(({ jwk }) => without(jwk, 'alg'))
    for (const key of [rsa, ec, ed])
      expect(await subject(keys, key.token(goodClaims()))).toBe('user-1')
  })

  test('and the same type are told apart by the algorithm that they are bound to', async () => {
    const ps = createTestKey('PS256', 'k')
    for (const key of [rsa, ps])
      expect(await subject([rsa.jwk, ps.jwk], key.token(goodClaims()))).toBe('user-1')
  })

  test('and the same algorithm fit both: nobody guesses', async () => {
    const twin = createTestKey('ES256', 'k')
    const refusal = await refusalOf(() =>
      verifier([ec.jwk, twin.jwk]).verify(ec.token(goodClaims())),
    )
    expect(refusal).toMatchObject({
      code: 'token_key_ambiguous',
      status: 401,
      trail: { check: 'key', kid: 'k', alg: 'ES256' },
    })
    expect(refusal.reason).toContain('2 keys of the issuer fit')
  })
})

describe('a token that names no key', () => {
  const nameless = ec.token(goodClaims(), { kid: undefined })
  test('works where exactly one key fits', async () => {
    expect(await subject([ec.jwk], nameless)).toBe('user-1')
    expect(await subject([rsa.jwk, ec.jwk, ed.jwk], nameless)).toBe('user-1')
    const bound = { ...createTestKey('ES384', 'other').jwk }
    expect(await subject([bound, ec.jwk], nameless)).toBe('user-1')
  })

  test('is refused where two fit, though one of them is right', async () => {
    const other = createTestKey('ES256', 'other').jwk
    expect(await code([ec.jwk, other], nameless)).toBe('token_key_ambiguous')
  })

  test('is refused where none fits', async () => {
    expect(await code([rsa.jwk], nameless)).toBe('token_key_unknown')
  })
})

describe('a token that names a key', () => {
  test('gets that one or none', async () => {
    const renamed = { ...ec.jwk, kid: 'other' }
    expect(await code([renamed], ec.token(goodClaims()))).toBe('token_key_unknown')
    expect(await code([without(ec.jwk, 'kid')], ec.token(goodClaims()))).toBe('token_key_unknown')
    expect(await code([ec.jwk], ec.token(goodClaims(), { kid: 'K' }))).toBe('token_key_unknown')
  })

  test('of another type than its algorithm is refused', async () => {
    expect(await code([rsa.jwk], ec.token(goodClaims()))).toBe('token_key_unknown')
  })

  test('that is bound to another algorithm of the same type is refused', async () => {
    const bound = { ...rsa.jwk, alg: 'RS512' }
    expect(await code([bound], rsa.token(goodClaims()))).toBe('token_key_unknown')
    expect(await code([{ ...rsa.jwk, alg: 'RSA-OAEP-256' }], rsa.token(goodClaims()))).toBe(
      'token_key_unknown',
    )
  })

  test('on another curve is refused', async () => {
    const other = createTestKey('ES384', 'k').jwk
    expect(await code([without(other, 'alg')], ec.token(goodClaims()))).toBe('token_key_unknown')
  })

  test('that may not be used for signatures is refused', async () => {
    const good = createTestKey('EdDSA', 'another').jwk
    for (const change of [{ use: 'enc' }, { key_ops: ['encrypt'] }])
      expect(await code([{ ...ec.jwk, ...change }, good], ec.token(goodClaims()))).toBe(
        'token_key_unknown',
      )
  })
})

test('the public key of the set is not a secret: its private twin is never used', async () => {
  const leaked = { ...ec.jwk, d: ec.privateKey.export({ format: 'jwk' }).d }
  const good = createTestKey('EdDSA', 'another').jwk
  expect(await code([leaked as JWK, good], ec.token(goodClaims()))).toBe('token_key_unknown')
})

test('RSA under 2,048 bits is refused, whatever it signs', async () => {
  const weak = createTestKey('RS256', 'weak', 1024)
  expect(await code([weak.jwk, ec.jwk], weak.token(goodClaims()))).toBe('token_key_unknown')
})

test('a point that is not on its curve is a broken key, not a crash', async () => {
  const broken = { ...ec.jwk, y: ec.jwk.x ?? '' }
  const refusal = await refusalOf(() => verifier([broken]).verify(ec.token(goodClaims())))
  expect(refusal).toMatchObject({ code: 'token_key_unknown' })
  expect(refusal.reason).toContain('is broken')
  expect(refusal.cause).toBeInstanceOf(Error)
})

test('of the algorithms only those that the policy names are accepted', async () => {
  const only = verifier([rsa.jwk, ec.jwk], ['RS256'])
  expect(await only.verify(rsa.token(goodClaims()))).toMatchObject({ subject: 'user-1' })
  expect((await refusalOf(() => only.verify(ec.token(goodClaims())))).code).toBe(
    'token_algorithm_refused',
  )
})

test('the trail says what a log needs, and no attacker writes into it', async () => {
  const kid = `\r\nSet-Cookie: a=b${'é'.repeat(500)}`
  const refusal = await refusalOf(() => verifier([ec.jwk]).verify(ec.token(goodClaims(), { kid })))
  expect(refusal.trail).toMatchObject({ check: 'key', issuer, alg: 'ES256', keyAge: 0 })
  expect(refusal.trail.kid).toMatch(/^[\x20-\x7e]{1,80}$/)
})
