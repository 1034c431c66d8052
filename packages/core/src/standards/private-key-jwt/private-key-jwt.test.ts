import { generateKeyPairSync } from 'node:crypto'
import { createAuthorizationServer } from '@portcullis/testkit'
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import {
  createClientScene,
  createEndpoints,
  rejection,
} from '../../../../../test/e2e/support/endpoints.ts'
import { registeredAt, signIn } from '../../../../../test/e2e/support/sign-in.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { privateKeyJwt, type PrivateKeyJwtOptions } from './private-key-jwt.ts'

const server = await createAuthorizationServer({ algorithms: [] })
const endpoints = await createEndpoints()
afterAll(async () => {
  await server.close()
  await endpoints.close()
})

const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
}
// What Node exports is a JWK.
const privateJwk = (alg: keyof typeof pairs): JWK => ({
  ...(pairs[alg].privateKey.export({ format: 'jwk' }) as JWK),
  kid: alg,
  alg,
})

const register = (alg: keyof typeof pairs) => {
  const jwk = { ...pairs[alg].publicKey.export({ format: 'jwk' }), kid: alg, alg, use: 'sig' }
  server.addClient({
    client_id: alg,
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [jwk] },
  })
}

test.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)('a server takes %s', async (alg) => {
  register(alg)
  const authentication = privateKeyJwt({ key: privateJwk(alg) })
  const at = registeredAt(server, { id: alg, authentication })
  const { tokens, claims } = await signIn(at)
  expect(claims).toMatchObject({ sub: 'alice', aud: alg })
  expect(await at.client.refresh(tokens.refreshToken ?? '')).toHaveProperty('accessToken')
})

test('a server does not take the key of somebody else', async () => {
  register('ES256')
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const authentication = privateKeyJwt({ key, kid: 'ES256' })
  const error = await rejection(
    registeredAt(server, { id: 'ES256', authentication }).client.refresh('r'),
  )
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(String(error)).toContain('private_key_jwt')
})

describe('the assertion', () => {
  const assertion = async (options: PrivateKeyJwtOptions): Promise<string> => {
    endpoints.answer('/token', { body: { access_token: 'a', token_type: 'Bearer' } })
    const authentication = privateKeyJwt(options)
    await createClientScene(endpoints.url, { id: 'web', authentication }).client.refresh('r')
    const { form } = endpoints.last()
    expect(form.get('client_id')).toBe('web')
    expect(form.get('client_assertion_type')).toBe(
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    )
    return form.get('client_assertion') ?? ''
  }

  // RFC 7523 §3.
  test('is by and about us, for the issuer, short-lived, and never the same', async () => {
    const [first, second] = [
      decodeJwt(await assertion({ key: privateJwk('ES256') })),
      decodeJwt(await assertion({ key: privateJwk('ES256') })),
    ]
    expect(first).toMatchObject({ iss: 'web', sub: 'web', aud: endpoints.url })
    expect(Number(first.exp) - Number(first.iat)).toBeLessThanOrEqual(60)
    expect(second.jti).not.toBe(first.jti)
  })

  test('names its key and its algorithm, Ed25519 by the older name unless told otherwise', async () => {
    const header = async (options: PrivateKeyJwtOptions) =>
      decodeProtectedHeader(await assertion(options))
    expect(await header({ key: privateJwk('PS256') })).toEqual({ alg: 'PS256', kid: 'PS256' })
    const { privateKey: key } = pairs.EdDSA
    expect(await header({ key })).toEqual({ alg: 'EdDSA' })
    expect(await header({ key, algorithm: 'Ed25519' })).toEqual({ alg: 'Ed25519' })
  })

  test('can be for another audience', async () => {
    const audience = `${endpoints.url}/token`
    expect(decodeJwt(await assertion({ key: privateJwk('RS256'), audience })).aud).toBe(audience)
  })

  test('can be for whichever endpoint it is sent to, also where two are asked at once', async () => {
    for (const path of ['/token', '/revoke']) {
      endpoints.answer(path, { body: { access_token: 'a', token_type: 'Bearer' } })
    }
    const before = endpoints.asked.length
    const authentication = privateKeyJwt({
      key: privateJwk('ES256'),
      audience: (endpoint) => endpoint,
    })
    const { client } = createClientScene(endpoints.url, { id: 'web', authentication })
    await Promise.all([client.refresh('r'), client.revoke('r', 'refresh_token')])
    const sent = endpoints.asked.slice(before)
    expect(sent.map(({ path }) => path).toSorted()).toEqual(['/revoke', '/token'])
    for (const { path, form } of sent) {
      expect(decodeJwt(form.get('client_assertion') ?? '').aud).toBe(endpoints.url + path)
    }
  })

  test('is not made by an audience that is none', async () => {
    const none = assertion({ key: privateJwk('ES256'), audience: () => '' })
    expect(await rejection(none)).toMatchObject({ name: 'ConfigurationError' })
  })
})

test.each([
  {},
  { key: 'x' },
  { key: privateJwk('ES256'), keyId: 'a' },
  { key: privateJwk('ES256'), audience: '' },
  { key: privateJwk('ES256'), audience: ['a'] },
])('%j is a mistake', (options) => {
  // From JavaScript anything may come.
  expect(() => privateKeyJwt(options as PrivateKeyJwtOptions)).toThrow(ConfigurationError)
})
