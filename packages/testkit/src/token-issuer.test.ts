import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createClock } from './clock.ts'
import type { SigningAlgorithm } from './signing-key.ts'
import { createTokenIssuer, type TokenIssuer } from './token-issuer.ts'

afterEach(() => {
  vi.useRealTimers()
})

const verified = (issuer: TokenIssuer, token: string) =>
  jwtVerify(token, createLocalJWKSet(issuer.jwks), {
    issuer: issuer.issuer,
    audience: issuer.audience,
    currentDate: new Date(issuer.guardOptions.now()),
  })

const algorithms: readonly SigningAlgorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]

describe.each(algorithms)('%s', (algorithm) => {
  const issuer = createTokenIssuer({ algorithm })

  test('signs tokens that verify with the published key', async () => {
    const { payload, protectedHeader } = await verified(issuer, await issuer.issueToken())
    expect(protectedHeader).toEqual({ alg: algorithm, typ: 'at+jwt', kid: issuer.kid })
    expect(payload).toMatchObject({ sub: 'user-1', client_id: 'client-1' })
    expect(payload.exp).toBe((payload.iat ?? 0) + 300)
  })

  test('signs raw parts genuinely', async () => {
    const token = issuer.sign(
      { alg: algorithm, kid: issuer.kid },
      { iss: issuer.issuer, aud: issuer.audience, odd: true },
    )
    expect((await verified(issuer, token)).payload['odd']).toBe(true)
  })

  test('publishes no private member', () => {
    const secrets = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
    const published = issuer.jwks.keys.flatMap((key) => Object.keys(key))
    expect(published.filter((name) => secrets.has(name))).toEqual([])
  })
})

test('claims and header members are replaced, added, and taken away', async () => {
  const issuer = createTokenIssuer({ algorithm: 'ES256' })
  const token = await issuer.issueToken(
    { sub: undefined, scope: 'a b', aud: ['x'] },
    { typ: 'JWT', kid: undefined },
  )
  const claims = decodeJwt(token)
  expect(claims).toMatchObject({ scope: 'a b', aud: ['x'] })
  expect(claims).not.toHaveProperty('sub')
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'JWT' })
})

test('a header that lies about the algorithm needs sign()', async () => {
  const issuer = createTokenIssuer({ algorithm: 'ES256' })
  await expect(issuer.issueToken({}, { alg: 'none' })).rejects.toThrow(/use sign\(\)/)
  expect(decodeProtectedHeader(issuer.sign({ alg: 'none' }, {}))).toEqual({ alg: 'none' })
})

test('raw text goes into the token as it is', () => {
  const issuer = createTokenIssuer({ algorithm: 'ES256' })
  const [header = '', payload = ''] = issuer
    .sign('{"alg":"ES256","alg":"none"}', 'no json')
    .split('.')
  expect(Buffer.from(header, 'base64url').toString()).toBe('{"alg":"ES256","alg":"none"}')
  expect(Buffer.from(payload, 'base64url').toString()).toBe('no json')
})

test('rotation signs with a new key, and keeps the old one published', async () => {
  const issuer = createTokenIssuer({ algorithm: 'ES256' })
  const old = await issuer.issueToken()
  const before = issuer.guardOptions.jwks
  issuer.rotate()
  const young = await issuer.issueToken()
  expect(decodeProtectedHeader(young).kid).not.toBe(decodeProtectedHeader(old).kid)
  expect(issuer.jwks.keys[0]?.kid).toBe(decodeProtectedHeader(young).kid)
  await expect(verified(issuer, old)).resolves.toBeDefined()
  await expect(verified(issuer, young)).resolves.toBeDefined()
  expect(before.keys).toHaveLength(1)
})

test('two issuers never share a key', () => {
  expect(createTokenIssuer({ algorithm: 'ES256' }).kid).not.toBe(
    createTokenIssuer({ algorithm: 'ES256' }).kid,
  )
})

test('fake timers are seen, although the issuer was made before them', async () => {
  const issuer = createTokenIssuer({ algorithm: 'ES256' })
  vi.useFakeTimers({ now: new Date('2040-05-05T00:00:00Z') })
  const { iat } = decodeJwt(await issuer.issueToken())
  expect(iat).toBe(Date.parse('2040-05-05T00:00:00Z') / 1000)
  expect(issuer.guardOptions.now()).toBe(Date.now())
})

test('a clock of your own is followed, and handed to the guard', async () => {
  const { now, advance } = createClock(1_000_000_000_000)
  const issuer = createTokenIssuer({ algorithm: 'ES256', now, lifetime: 60 })
  advance(5)
  expect(decodeJwt(await issuer.issueToken())).toMatchObject({
    iat: 1_000_000_005,
    exp: 1_000_000_065,
  })
  expect(issuer.guardOptions.now).toBe(now)
})
