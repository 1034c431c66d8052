import { createHash } from 'node:crypto'
import { createClock, createTokenIssuer, type SigningAlgorithm } from '@portcullis/testkit'
import { describe, expect, test } from 'vitest'
import { rejection } from '../../../../test/e2e/support/endpoints.ts'
import { Outage } from '../errors/outage.ts'
import type { Claims } from '../lib/claims.ts'
import { createIssuer } from '../issuer/create.ts'
import { createSignedReader } from '../standards/jwt/signed.ts'
import { createIdTokenCheck, type ExpectedIdToken, type IdTokenCheckOptions } from './id-token.ts'

const start = 1_700_000_000
const clock = createClock(start * 1000)

const scene = (algorithm: SigningAlgorithm = 'ES256') => {
  const tokens = createTokenIssuer({ issuer: 'https://id.test', algorithm, now: clock.now })
  const issuer = createIssuer({ issuer: tokens.issuer, jwks: tokens.jwks })
  const readSigned = createSignedReader({ issuer })
  const check = (more: Partial<IdTokenCheckOptions> = {}) =>
    createIdTokenCheck({ clientId: 'web', issuer, readSigned, now: clock.now, ...more })
  const good: Claims = { aud: 'web', sub: 'alice', iat: start, exp: start + 300, nonce: 'n-1' }
  const sign = (claims: object = {}, header: object = {}) =>
    tokens.sign(
      { alg: algorithm, kid: tokens.kid, ...header },
      { iss: tokens.issuer, ...good, ...claims },
    )
  return { tokens, issuer, check, sign }
}

const { check, sign, tokens } = scene()
const checked = (claims: object, expected: ExpectedIdToken = {}, header: object = {}) =>
  check()(sign(claims, header), { nonce: 'n-1', ...expected })

test('a good ID token gives its claims, frozen', async () => {
  const claims = await checked({ email: 'a@mail.test' })
  expect(claims).toMatchObject({ sub: 'alice', email: 'a@mail.test' })
  expect(Object.isFrozen(claims)).toBe(true)
})

// Where the issuer lies: what it says, which check sees it, and what was expected of it.
const lies: readonly (readonly [string, Claims, string, ExpectedIdToken?])[] = [
  ['another issuer', { iss: 'https://evil.test' }, 'iss'],
  ['an issuer that differs by a slash', { iss: 'https://id.test/' }, 'iss'],
  ['no issuer', { iss: undefined }, 'iss'],
  ['another audience', { aud: 'spa' }, 'aud'],
  ['an audience in capitals', { aud: 'WEB' }, 'aud'],
  ['a list of other audiences', { aud: ['spa', 'api'] }, 'aud'],
  ['no audience', { aud: undefined }, 'aud'],
  ['an audience that is no text', { aud: { web: true } }, 'aud'],
  ['several audiences and no azp', { aud: ['web', 'api'] }, 'azp'],
  ['several audiences and another azp', { aud: ['web', 'api'], azp: 'api' }, 'azp'],
  ['one audience and another azp', { azp: 'api' }, 'azp'],
  ['no exp', { exp: undefined }, 'exp'],
  ['an exp that is text', { exp: '1800000000' }, 'exp'],
  ['an exp that has passed', { exp: start - 5 }, 'exp'],
  ['no iat', { iat: undefined }, 'iat'],
  ['an iat that is text', { iat: 'now' }, 'iat'],
  ['an iat in the future', { iat: start + 6 }, 'iat'],
  ['an iat of yesterday', { iat: start - 86_400 }, 'iat'],
  ['an nbf in the future', { nbf: start + 6 }, 'nbf'],
  ['an nbf that is text', { nbf: 'now' }, 'nbf'],
  ['no sub', { sub: undefined }, 'sub'],
  ['an empty sub', { sub: '' }, 'sub'],
  ['a sub that is a number', { sub: 7 }, 'sub'],
  ['a sub of 256 characters', { sub: 'x'.repeat(256) }, 'sub'],
  ['another subject than before', {}, 'sub', { subject: 'bob' }],
  ['no nonce', { nonce: undefined }, 'nonce'],
  ['another nonce', { nonce: 'n-2' }, 'nonce'],
  ['a nonce where none was sent', {}, 'nonce', { nonce: undefined }],
  ['another nonce after a refresh', { nonce: 'n-2' }, 'nonce', { afterRefresh: true }],
  ['another at_hash', { at_hash: 'x' }, 'at_hash', { accessToken: 'token' }],
  ['an at_hash that is no text', { at_hash: 7 }, 'at_hash', { accessToken: 'token' }],
  ['no at_hash in front', {}, 'at_hash', { accessToken: 'token', state: 's' }],
  [
    'an at_hash of null in front',
    { at_hash: null },
    'at_hash',
    { accessToken: 'token', state: 's' },
  ],
  ['several audiences and an azp of null', { aud: ['web', 'api'], azp: null }, 'azp'],
  ['no c_hash', {}, 'c_hash', { code: 'code' }],
  ['another c_hash', { c_hash: 'x' }, 'c_hash', { code: 'code' }],
  ['another s_hash', { s_hash: 'x' }, 's_hash', { state: 's' }],
]

test.each(lies.map(([name, claims, seen, expected = {}]) => ({ name, claims, seen, expected })))(
  '$name is refused',
  async ({ claims, seen, expected }) => {
    expect(await rejection(checked(claims, expected))).toMatchObject({
      code: 'id_token_refused',
      status: 400,
      trail: { check: seen },
      reason: expect.stringMatching(/^The ID token .+\.$/),
    })
  },
)

const strange: readonly (readonly [string, Claims, ExpectedIdToken])[] = [
  ['a list of one audience', { aud: ['web'] }, {}],
  ['several audiences and our azp', { aud: ['api', 'web'], azp: 'web' }, {}],
  ['a sub of 255 characters', { sub: 'x'.repeat(255) }, {}],
  ['an exp within the tolerance', { exp: start - 4 }, {}],
  ['an iat within the tolerance', { iat: start + 5 }, {}],
  ['an iat of half an hour ago', { iat: start - 1800 }, {}],
  ['the subject of before', {}, { subject: 'alice' }],
  ['no nonce after a refresh', { nonce: undefined }, { afterRefresh: true }],
  ['an unknown nonce after a refresh', {}, { afterRefresh: true, nonce: undefined }],
  ['no nonce where none was sent', { nonce: undefined }, { nonce: undefined }],
  ['no at_hash from the token endpoint', {}, { accessToken: 'token' }],
  [
    'null for what it leaves out',
    { at_hash: null, c_hash: null, azp: null },
    { accessToken: 'token' },
  ],
  ['no s_hash', {}, { state: 's' }],
]

test('what has expired since it came is fine; what came expired, or is of the future, is not', async () => {
  const came = (claims: object, at: number) => checked(claims, { at: at * 1000 })
  expect(await came({ iat: start - 500, exp: start - 200 }, start - 400)).toHaveProperty('sub')
  for (const [claims, at, seen] of [
    [{ iat: start - 500, exp: start - 200 }, start - 195, 'exp'],
    [{ iat: start - 500, exp: start - 200 }, start + 400, 'exp'],
    [{ iat: start + 6 }, start + 400, 'iat'],
  ] as const) {
    expect(await rejection(came(claims, at))).toMatchObject({ trail: { check: seen } })
  }
})

test.each(strange)('%s is fine', async (_name, claims, expected) => {
  expect(await checked(claims, expected)).toHaveProperty('sub')
})

describe('of what a user did', () => {
  test.each([
    ['no acr', {}, { acr: ['strong'] }, 'acr'],
    ['a weaker acr', { acr: 'weak' }, { acr: ['strong', 'stronger'] }, 'acr'],
    ['an acr that is a list', { acr: ['strong'] }, { acr: ['strong'] }, 'acr'],
    ['no auth_time', {}, { maxAge: 60 }, 'auth_time'],
    ['an auth_time that is text', { auth_time: `${start}` }, { maxAge: 60 }, 'auth_time'],
    ['an auth_time too long ago', { auth_time: start - 66 }, { maxAge: 60 }, 'auth_time'],
    ['an auth_time long enough ago for 0', { auth_time: start - 6 }, { maxAge: 0 }, 'auth_time'],
    ['an auth_time in the future', { auth_time: start + 6 }, { maxAge: 60 }, 'auth_time'],
  ])('%s is not what the login demands', async (_name, claims, expected, name) => {
    expect(await rejection(checked(claims, expected))).toMatchObject({
      code: 'login_unmet',
      trail: { check: name },
    })
  })

  test('one of the demanded contexts, lately enough, is', async () => {
    const claims = { acr: 'stronger', auth_time: start - 60 }
    const expected = { acr: ['strong', 'stronger'], maxAge: 60 }
    expect(await checked(claims, expected)).toMatchObject(claims)
  })
})

describe('the signature', () => {
  test('of another key is refused, whatever the claims', async () => {
    const forged = createTokenIssuer({ algorithm: 'ES256', now: clock.now })
    const token = forged.sign({ alg: 'ES256', kid: tokens.kid }, { iss: tokens.issuer, aud: 'web' })
    expect(await rejection(check()(token, {}))).toMatchObject({
      code: 'id_token_refused',
      trail: { check: 'signature', kid: tokens.kid },
      reason: expect.stringContaining('signature'),
    })
  })

  test.each([
    ['none', 'algorithm'],
    ['HS256', 'algorithm'],
  ])('by %s is none', async (alg, name) => {
    expect(await rejection(checked({}, {}, { alg }))).toMatchObject({
      code: 'id_token_refused',
      trail: { check: name },
    })
  })

  test('by an algorithm that was not configured is refused', async () => {
    const only = check({ algorithms: ['RS256'] })
    expect(await rejection(only(sign(), { nonce: 'n-1' }))).toMatchObject({
      code: 'id_token_refused',
      trail: { check: 'algorithm', alg: 'ES256' },
    })
    const both = check({ algorithms: ['RS256', 'ES256'] })
    expect(await both(sign(), { nonce: 'n-1' })).toHaveProperty('sub')
  })

  test.each(['', 'x', 'a.b', 'a.b.c.d.e'])('of what is no JWT: %j', async (token) => {
    expect(await rejection(check()(token, {}))).toMatchObject({ code: 'id_token_refused' })
  })

  test('cannot be checked while the keys cannot be had: that is an outage', async () => {
    const down = createIssuer({
      issuer: tokens.issuer,
      fetch: () => Promise.reject(new Error('ECONNREFUSED')),
    })
    const readSigned = createSignedReader({ issuer: down })
    const error = await rejection(check({ readSigned })(sign(), { nonce: 'n-1' }))
    expect(Outage.is(error)).toBe(true)
  })
})

test.each(['at+jwt', 'application/logout+jwt', 'oauth-authz-req+jwt'])(
  'a JWT of the type %s is no ID token',
  async (typ) => {
    expect(await rejection(checked({}, {}, { typ }))).toMatchObject({
      code: 'id_token_refused',
      trail: { check: 'type' },
    })
  },
)

test.each(['JWT', 'id_token+jwt', undefined])('the type %s is fine', async (typ) => {
  expect(await checked({}, {}, { typ })).toHaveProperty('sub')
})

test('no refusal holds the token, the code or the nonce', async () => {
  const token = sign({ nonce: 'secret-nonce', c_hash: 'x' })
  const error = await rejection(check()(token, { nonce: 'other-nonce', code: 'secret-code' }))
  const { reason, trail, message } = error as Record<string, unknown>
  const said = JSON.stringify([reason, trail, message])
  expect(said).not.toMatch(/secret-nonce|other-nonce|secret-code/)
  expect(said).not.toContain(token)
})

const hashed = (value: string, name: string): string => {
  const digest = createHash(name).update(value).digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

// OpenID Connect Core §3.1.3.6: the hash of the signature's algorithm.
test.each<[SigningAlgorithm, string]>([
  ['RS256', 'sha256'],
  ['PS384', 'sha384'],
  ['RS512', 'sha512'],
  ['ES256', 'sha256'],
  ['ES384', 'sha384'],
  ['ES512', 'sha512'],
  ['EdDSA', 'sha512'],
])('hashes go with %s by %s', async (algorithm, name) => {
  const at = scene(algorithm)
  const expected = { accessToken: 'token', code: 'code', state: 'state', nonce: 'n-1' }
  const [at_hash, c_hash, s_hash] = ['token', 'code', 'state'].map((value) => hashed(value, name))
  const good = at.sign({ at_hash, c_hash, s_hash })
  expect(await at.check()(good, expected)).toHaveProperty('at_hash')
  const other = name === 'sha256' ? 'sha512' : 'sha256'
  const bad = at.sign({ at_hash: hashed('token', other), c_hash, s_hash })
  expect(await rejection(at.check()(bad, expected))).toMatchObject({ trail: { check: 'at_hash' } })
})

test('a hash that nobody can check is no hash', async () => {
  const claims = {
    iss: tokens.issuer,
    aud: 'web',
    sub: 'a',
    iat: start,
    exp: start + 9,
    at_hash: 'x',
  }
  const readSigned = () => Promise.resolve({ type: undefined, algorithm: 'Ed448', claims })
  const ed448 = check({ readSigned })
  expect(await rejection(ed448('token', { accessToken: 'token' }))).toMatchObject({
    code: 'id_token_refused',
    trail: { check: 'at_hash' },
  })
})
