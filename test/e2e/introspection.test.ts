import { generateKeyPairSync } from 'node:crypto'
import {
  clientSecretJwt,
  clientSecretPost,
  introspection,
  privateKeyJwt,
  type ClientOptions,
  type IntrospectionOptions,
  type TokenVerifier,
} from '@portcullis/core'
import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { codeOf, failure, outageOf } from './support/scene.ts'

const audience = 'https://opaque.test'
const own = { grant_types: [], response_types: [], redirect_uris: [] }
const secret = 'a secret that is long enough for HS256'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = { ...privateKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' } as const

let server: AuthorizationServer
let token = ''
beforeAll(async () => {
  server = await createAuthorizationServer({
    resources: { [audience]: { scopes: ['orders:read'], format: 'opaque' } },
    clients: [
      {
        ...own,
        client_id: 'post',
        client_secret: secret,
        token_endpoint_auth_method: 'client_secret_post',
      },
      {
        ...own,
        client_id: 'secret-jwt',
        client_secret: secret,
        token_endpoint_auth_method: 'client_secret_jwt',
      },
      {
        ...own,
        client_id: 'key',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' }] },
      },
      {
        ...own,
        client_id: 'signed',
        client_secret: secret,
        introspection_signed_response_alg: 'ES256',
      },
    ],
  })
  token = await server.issueToken({ scope: 'orders:read', resource: audience })
})
afterAll(() => server.close())
afterEach(() => server.faults.clear())

const asking = (
  client: ClientOptions = { id: 'api', secret: 'api-secret' },
  more: Partial<IntrospectionOptions> = {},
): TokenVerifier => introspection({ issuer: server.issuer, client, audience, ...more })

test.each<[string, ClientOptions]>([
  ['client_secret_basic', { id: 'api', secret: 'api-secret' }],
  ['client_secret_post', { id: 'post', authentication: clientSecretPost(secret) }],
  ['client_secret_jwt', { id: 'secret-jwt', authentication: clientSecretJwt(secret) }],
  ['private_key_jwt', { id: 'key', authentication: privateKeyJwt({ key }) }],
])('a real server is asked with %s', async (_, client) => {
  const { verify } = asking(client)
  expect(await verify(token)).toMatchObject({ client: 'machine', scopes: ['orders:read'] })
})

test('a real server does not know a client with another secret: an outage, not a 401', async () => {
  const { verify } = asking({ id: 'api', secret: 'another-secret' })
  const outage = await outageOf(() => verify(token))
  expect(outage.message).toContain('invalid_client')
  expect(outage.message).not.toContain('another-secret')
  expect(outage.message).not.toContain(token)
})

describe('a real server signs its answers (RFC 9701)', () => {
  const client = { id: 'signed', secret }

  test('for a client that wants them so', async () => {
    const { verify } = asking(client, { signed: true })
    expect(await verify(token)).toMatchObject({ client: 'machine', issuer: server.issuer })
    expect(await codeOf(() => verify('unknown'))).toBe('token_revoked')
  })

  test('with new keys as well', async () => {
    const { verify } = asking(client, { signed: { algorithms: ['ES256'] } })
    await verify(token)
    await server.rotateKeys()
    expect((await verify(token)).client).toBe('machine')
  })

  test('for whoever asks for it', async () => {
    const { verify } = asking(undefined, { signed: true })
    expect((await verify(token)).client).toBe('machine')
    const { verify: demanding } = asking(undefined, { signed: { algorithms: ['EdDSA'] } })
    expect((await outageOf(() => demanding(token))).message).toContain('RS256')
  })
})

test('a token for another API is refused', async () => {
  const { verify } = asking(undefined, { audience: 'https://other.test' })
  expect(await codeOf(() => verify(token))).toBe('token_audience_refused')
})

test('10,000 invented tokens over real sockets: bounded requests, and a known token goes on', async () => {
  const { verify } = asking(undefined, { maxInFlight: 10, cache: {} })
  await verify(token)
  const before = { asked: server.requests.of('introspection'), connections: server.connections }
  const invented = Array.from({ length: 10_000 }, (_, index) =>
    failure(() => verify(`invented-${index}`)),
  )
  expect((await verify(token)).client).toBe('machine')
  const errors = await Promise.all(invented)
  expect(server.requests.of('introspection') - before.asked).toBe(10)
  expect(server.connections - before.connections).toBeLessThanOrEqual(10)
  const codes = errors.map((error) => (error instanceof Error && 'code' in error ? error.code : ''))
  expect(codes.filter((code) => code === 'token_revoked')).toHaveLength(10)
  expect(codes.filter((code) => code === 'endpoint_failed')).toHaveLength(9990)
})

test('an issuer that hangs is left alone after five requests, and found again', async () => {
  const clock = { time: Date.now() }
  const { verify } = asking(undefined, { timeout: 0.1, now: () => clock.time })
  server.faults.set('introspection', { kind: 'hang' })
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((one) => outageOf(() => verify(one))))
  const asked = server.requests.of('introspection')
  const began = performance.now()
  await outageOf(() => verify(token))
  expect(performance.now() - began).toBeLessThan(50)
  expect(server.requests.of('introspection')).toBe(asked)
  server.faults.clear()
  clock.time += 10_000
  expect((await verify(token)).client).toBe('machine')
})
