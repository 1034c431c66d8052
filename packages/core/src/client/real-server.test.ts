import { generateKeyPairSync } from 'node:crypto'
import { createAuthorizationServer } from '@portcullis/testkit'
import type { JWK } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { rejection } from '../../../../test/e2e/support/endpoints.ts'
import { arrive, begin, registeredAt, signIn } from '../../../../test/e2e/support/sign-in.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { clientSecretJwt, clientSecretPost } from './authentication.ts'
import type { ClientOptions } from './options.ts'

const server = await createAuthorizationServer()
afterAll(() => server.close())

const secret = 'a secret of at least 32 characters: +&=%"'
const grant_types = ['authorization_code', 'refresh_token']
const add = (id: string, method: string, more: object = {}) =>
  server.addClient({
    client_id: id,
    client_secret: secret,
    grant_types,
    token_endpoint_auth_method: method,
    ...more,
  })

add('basic', 'client_secret_basic')
add('post', 'client_secret_post')
add('jwt', 'client_secret_jwt')

const wrong = 'another secret of at least 32 characters'
const registrations: readonly (readonly [string, ClientOptions, ClientOptions])[] = [
  ['client_secret_basic', { id: 'basic', secret }, { id: 'basic', secret: wrong }],
  [
    'client_secret_post',
    { id: 'post', authentication: clientSecretPost(secret) },
    { id: 'post', authentication: clientSecretPost(wrong) },
  ],
  [
    'client_secret_jwt',
    { id: 'jwt', authentication: clientSecretJwt(secret) },
    { id: 'jwt', authentication: clientSecretJwt(wrong) },
  ],
  ['none', { id: 'spa' }, { id: 'basic' }],
]

describe.each(registrations)('%s', (method, options, mistaken) => {
  test('logs in, refreshes, asks for userinfo, revokes', async () => {
    const at = registeredAt(server, options)
    const { tokens, claims } = await signIn(at)
    expect(claims).toMatchObject({ sub: 'alice', aud: options.id })
    expect(tokens).toMatchObject({ tokenType: 'bearer', expiresIn: 300 })
    const { accessToken } = tokens
    expect(await at.client.userinfo(accessToken, 'alice')).toMatchObject({
      email: 'alice@mail.test',
    })
    const again = await at.client.refresh(tokens.refreshToken ?? '')
    expect(again.accessToken).not.toBe(accessToken)
    const renewed = { subject: 'alice', accessToken: again.accessToken, afterRefresh: true }
    expect(await at.check(again.idToken ?? '', renewed)).toHaveProperty('sub', 'alice')
    await at.client.revoke(again.refreshToken ?? '', 'refresh_token')
    expect(await rejection(at.client.refresh(again.refreshToken ?? ''))).toMatchObject({
      code: 'grant_refused',
      trail: { presented: 'invalid_grant' },
    })
  })

  test('registered otherwise is a mistake of the programmer', async () => {
    const { client } = registeredAt(server, mistaken)
    const error = await rejection(client.refresh('r'))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toContain(method)
    expect(String(error)).not.toContain(wrong)
  })
})

test('a code works once', async () => {
  const at = registeredAt(server, { id: 'web', secret: 'web-secret' })
  const attempt = await begin(at)
  const { searchParams } = await arrive(attempt.url)
  const answer = await at.client.validateAnswer(searchParams, attempt.state)
  await at.client.exchangeCode(answer, attempt)
  expect(await rejection(at.client.exchangeCode(answer, attempt))).toMatchObject({
    code: 'grant_refused',
  })
})

test('a code needs the verifier of its request', async () => {
  const at = registeredAt(server, { id: 'web', secret: 'web-secret' })
  const attempt = await begin(at)
  const { searchParams } = await arrive(attempt.url)
  const answer = await at.client.validateAnswer(searchParams, attempt.state)
  const verifier = 'x'.repeat(43)
  expect(await rejection(at.client.exchangeCode(answer, { ...attempt, verifier }))).toMatchObject({
    code: 'grant_refused',
  })
})

test('a refresh can ask for less', async () => {
  const at = registeredAt(server, { id: 'web', secret: 'web-secret' })
  const { tokens } = await signIn(at, { scope: 'openid email offline_access', prompt: 'consent' })
  const less = await at.client.refresh(tokens.refreshToken ?? '', { scope: 'openid' })
  expect(less.scope).toBe('openid')
})

describe('an answer without a person', () => {
  const at = registeredAt(server, { id: 'web', secret: 'web-secret' })

  test('says that one is needed', async () => {
    const attempt = await begin(at, { prompt: 'none' })
    const { searchParams } = await arrive(attempt.url)
    expect(await rejection(at.client.validateAnswer(searchParams, attempt.state))).toMatchObject({
      code: 'login_interaction_needed',
      trail: { presented: 'login_required' },
    })
  })

  test('says no', async () => {
    server.signIn.refuse()
    const attempt = await begin(at)
    const { searchParams } = await arrive(attempt.url)
    server.signIn.as('alice')
    expect(await rejection(at.client.validateAnswer(searchParams, attempt.state))).toMatchObject({
      code: 'login_denied',
    })
  })
})

test('a hybrid answer: the ID token in front holds code, state and access token together', async () => {
  const at = registeredAt(server, { id: 'hybrid', secret: 'hybrid-secret' })
  const attempt = await begin(at, { response_type: 'code id_token' })
  const { hash } = await arrive(attempt.url)
  const front = new URLSearchParams(hash.slice(1))
  const { state, nonce } = attempt
  const answer = await at.client.validateAnswer(front, state, 'code id_token')
  const code = answer.get('code') ?? ''
  const idToken = front.get('id_token') ?? ''
  const claims = await at.check(idToken, { nonce, code, state })
  expect(claims).toHaveProperty('c_hash')
  expect(await rejection(at.check(idToken, { nonce, code: `${code}x`, state }))).toMatchObject({
    trail: { check: 'c_hash' },
  })
  expect(await at.client.exchangeCode(answer, attempt)).toHaveProperty('accessToken')
})

describe('encrypted for us', () => {
  const jwk: JWK = {
    ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
    use: 'enc',
    kid: 'enc-1',
  }
  const { kty, n, e, use, kid } = jwk
  const jwks = { keys: [{ kty, n, e, use, kid, alg: 'RSA-OAEP-256' }] }
  const [alg, enc] = ['RSA-OAEP-256', 'A256GCM']
  add('encrypted', 'client_secret_basic', {
    jwks,
    id_token_encrypted_response_alg: alg,
    id_token_encrypted_response_enc: enc,
    userinfo_signed_response_alg: 'RS256',
    userinfo_encrypted_response_alg: alg,
    userinfo_encrypted_response_enc: enc,
  })
  add('signed', 'client_secret_basic', { userinfo_signed_response_alg: 'RS256' })

  test('ID token and userinfo are opened', async () => {
    const at = registeredAt(server, { id: 'encrypted', secret }, [jwk])
    const { tokens, claims } = await signIn(at)
    expect(tokens.idToken?.split('.')).toHaveLength(5)
    expect(claims).toHaveProperty('sub', 'alice')
    expect(await at.client.userinfo(tokens.accessToken, 'alice')).toMatchObject({
      email: 'alice@mail.test',
      iss: server.issuer,
    })
  })

  test('they are not, without the key', async () => {
    const at = registeredAt(server, { id: 'encrypted', secret })
    expect(await rejection(signIn(at))).toMatchObject({ code: 'id_token_refused' })
  })

  test('userinfo that is only signed is checked', async () => {
    const at = registeredAt(server, { id: 'signed', secret })
    const { tokens } = await signIn(at)
    expect(await at.client.userinfo(tokens.accessToken, 'alice')).toMatchObject({ aud: 'signed' })
    expect(await rejection(at.client.userinfo(tokens.accessToken, 'bob'))).toMatchObject({
      code: 'id_token_refused',
    })
  })
})

test('nothing failed inside', () => {
  expect(server.errors).toEqual([])
})
