import { createClock } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createClientScene,
  createEndpoints,
  rejection,
  type Endpoints,
} from '../../../../test/e2e/support/endpoints.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import type { Claims } from '../lib/claims.ts'

let server: Endpoints
const start = 1_700_000_000
const clock = createClock(start * 1000)

beforeAll(async () => {
  server = await createEndpoints()
})
afterAll(() => server.close())

const options = { id: 'web', secret: 'hush-hush' }
const scene = (more: Parameters<typeof createClientScene>[2] = {}) =>
  createClientScene(server.url, options, { now: clock.now, ...more })
const made = { redirectUri: 'https://app.test/callback', verifier: 'v'.repeat(43), nonce: 'n-1' }
const codeOf = (client: ReturnType<typeof scene>['client']) =>
  client.validateAnswer(new URLSearchParams({ code: 'c-1', state: 's' }), 's')
const bearer = { access_token: 'a-1', token_type: 'Bearer' }

describe('a code', () => {
  const idToken = ({ tokens }: ReturnType<typeof scene>, claims: Claims = {}) => {
    const who: Claims = { iss: server.url, aud: 'web', sub: 'alice', nonce: 'n-1' }
    const when = { iat: start, exp: start + 300 }
    return tokens.sign({ alg: 'ES256', kid: tokens.kid }, { ...who, ...when, ...claims })
  }

  test('is traded with verifier and redirect URI', async () => {
    const at = scene()
    const id_token = idToken(at)
    const more = { expires_in: '300', refresh_token: 'r-1', scope: 'openid', id_token }
    server.answer('/token', { body: { ...bearer, ...more } })
    expect(await at.client.exchangeCode(await codeOf(at.client), made)).toEqual({
      accessToken: 'a-1',
      tokenType: 'bearer',
      expiresIn: 300,
      scope: 'openid',
      refreshToken: 'r-1',
      idToken: id_token,
      raw: expect.objectContaining({ sub: 'alice' }),
    })
    expect(Object.fromEntries(server.last().form)).toEqual({
      grant_type: 'authorization_code',
      code: 'c-1',
      redirect_uri: made.redirectUri,
      code_verifier: made.verifier,
    })
  })

  test.each([
    [{ nonce: 'n-2' }, 'nonce', 'id_token_refused'],
    [{ nonce: undefined }, 'nonce', 'id_token_refused'],
    [{ aud: 'spa' }, 'aud', 'id_token_refused'],
    [{ iss: 'https://evil.test' }, 'iss', 'id_token_refused'],
    [{ exp: start - 60 }, 'exp', 'id_token_refused'],
    [{ exp: 'late' }, 'exp', 'id_token_refused'],
    [{ nbf: start + 60 }, 'nbf', 'id_token_refused'],
    [{ sub: undefined }, 'sub', 'id_token_refused'],
    [{ aud: ['web', 'api'], azp: 'api' }, 'azp', 'id_token_refused'],
    [{ auth_time: undefined }, 'auth_time', 'login_unmet'],
    [{ auth_time: start - 600 }, 'auth_time', 'login_unmet'],
    [{ auth_time: 'long ago' }, 'auth_time', 'login_unmet'],
  ])('with an ID token of %j is refused', async (claims, check, code) => {
    const at = scene()
    const id_token = idToken(at, { auth_time: start, ...claims })
    server.answer('/token', { body: { ...bearer, id_token } })
    const exchanged = at.client.exchangeCode(await codeOf(at.client), { ...made, maxAge: 60 })
    const error = await rejection(exchanged)
    expect(error).toMatchObject({ code, trail: { check } })
    expect(error).not.toHaveProperty('cause')
  })

  test.each([
    ['none at all', undefined, /scope openid/],
    ['what is none', 'no-token', /JWT/],
    ['an encrypted one, without a key', 'a.b.c.d.e', /JWE/],
  ])('with %s for an ID token is refused', async (_name, id_token, reason) => {
    const { client } = scene()
    server.answer('/token', { body: { ...bearer, id_token } })
    expect(await rejection(client.exchangeCode(await codeOf(client), made))).toMatchObject({
      code: 'id_token_refused',
      reason: expect.stringMatching(reason),
    })
  })

  test('with an ID token by an algorithm that the issuer does not sign with is refused', async () => {
    const at = scene({ metadata: { id_token_signing_alg_values_supported: ['RS256'] } })
    server.answer('/token', { body: { ...bearer, id_token: idToken(at) } })
    expect(await rejection(at.client.exchangeCode(await codeOf(at.client), made))).toMatchObject({
      code: 'id_token_refused',
    })
  })

  test('of an answer that was not validated is not traded', async () => {
    const { client } = scene()
    const before = server.asked.length
    const error = await rejection(client.exchangeCode(new URLSearchParams({ code: 'c' }), made))
    expect(error).toBeInstanceOf(TypeError)
    expect(server.asked).toHaveLength(before)
  })
})

describe('a refresh', () => {
  test('goes on without a new refresh token and without an ID token', async () => {
    server.answer('/token', { body: bearer })
    expect(await scene().client.refresh('r-1')).toEqual({
      accessToken: 'a-1',
      tokenType: 'bearer',
      expiresIn: undefined,
      scope: undefined,
      refreshToken: undefined,
      idToken: undefined,
      raw: {},
    })
  })

  test('asks for what is wanted', async () => {
    server.answer('/token', { body: bearer })
    const wanted = { scope: 'a b', resource: 'https://api.test', audience: 'api' }
    await scene().client.refresh('r-1', wanted)
    expect(Object.fromEntries(server.last().form)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r-1',
      ...wanted,
    })
  })
})

describe('userinfo', () => {
  const ask = (more?: Parameters<typeof scene>[0]) => scene(more).client.userinfo('a-1', 'alice')

  test('as JSON', async () => {
    server.answer('/userinfo', { body: { sub: 'alice', name: 'Alice' } })
    expect(await ask()).toEqual({ sub: 'alice', name: 'Alice' })
    expect(server.last()).toMatchObject({ method: 'GET', headers: { authorization: 'Bearer a-1' } })
  })

  test.each([[{ sub: 'bob' }], [{ sub: 'Alice' }]])('about %j is refused', async (body) => {
    server.answer('/userinfo', { body })
    expect(await rejection(ask())).toMatchObject({
      code: 'id_token_refused',
      trail: { check: 'sub' },
    })
  })

  const alice: Claims = { sub: 'alice' }
  const signed = async (claims: Claims, type = 'application/jwt') => {
    const at = scene()
    const { tokens, client } = at
    const body = tokens.sign({ alg: 'ES256', kid: tokens.kid }, { ...alice, ...claims })
    server.answer('/userinfo', { body, headers: { 'content-type': type } })
    return client.userinfo('a-1', 'alice')
  }

  test('as a signed JWT', async () => {
    expect(await signed({ name: 'Alice' })).toEqual({ sub: 'alice', name: 'Alice' })
    const full = { iss: server.url, aud: ['web'], exp: start + 9 }
    expect(await signed(full, 'Application/JWT; charset=utf-8')).toMatchObject(full)
  })

  test.each([
    [{ sub: 'bob' }, 'sub'],
    [{ iss: 'https://evil.test' }, 'iss'],
    [{ aud: 'spa' }, 'aud'],
    [{ exp: start - 1 }, 'exp'],
    [{ exp: 'never' }, 'exp'],
  ])('signed with %j is refused', async (claims, check) => {
    expect(await rejection(signed(claims))).toMatchObject({
      code: 'id_token_refused',
      trail: { check },
    })
  })

  test('with the signature of somebody else is refused', async () => {
    const { tokens } = scene()
    const body = tokens.sign({ alg: 'ES256', kid: tokens.kid }, alice)
    server.answer('/userinfo', { body, headers: { 'content-type': 'application/jwt' } })
    expect(await rejection(ask())).toMatchObject({ code: 'id_token_refused' })
  })

  test.each([401, 403])('that answers %s has no use for the token', async (status) => {
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"' }
    server.answer('/userinfo', { status, headers })
    expect(await rejection(ask())).toMatchObject({
      code: 'grant_refused',
      reason: expect.stringContaining('asked for with a resource or audience'),
      trail: { presented: String(status) },
    })
  })

  test('that answers nonsense is an outage', async () => {
    server.answer('/userinfo', { body: '<p>hello</p>' })
    expect(await rejection(ask())).toMatchObject({ code: 'endpoint_failed', phase: 'content' })
    server.answer('/userinfo', { body: { name: 'nobody' } })
    expect(await rejection(ask())).toMatchObject({ code: 'endpoint_failed', phase: 'content' })
  })
})

describe('revocation', () => {
  test.each([200, 204])('is done with %s', async (status) => {
    server.answer('/revoke', { status })
    await scene().client.revoke('r-1', 'refresh_token')
    expect(Object.fromEntries(server.last().form)).toEqual({
      token: 'r-1',
      token_type_hint: 'refresh_token',
    })
  })

  test('is silent where the issuer has no endpoint, or does not revoke such tokens', async () => {
    const before = server.asked.length
    const without = scene({ metadata: { revocation_endpoint: undefined } })
    await without.client.revoke('a-1', 'access_token')
    expect(server.asked).toHaveLength(before)
    server.answer('/revoke', { status: 400, body: { error: 'unsupported_token_type' } })
    await expect(scene().client.revoke('a-1', 'access_token')).resolves.toBeUndefined()
  })

  test('that fails is said', async () => {
    server.answer('/revoke', { status: 503 })
    expect(await rejection(scene().client.revoke('a', 'access_token'))).toMatchObject({
      code: 'endpoint_failed',
    })
    server.answer('/revoke', { status: 400, body: '<p>no</p>' })
    expect(await rejection(scene().client.revoke('a', 'access_token'))).toMatchObject({
      code: 'endpoint_failed',
    })
    server.answer('/revoke', { status: 401, body: { error: 'invalid_client' } })
    expect(await rejection(scene().client.revoke('a', 'access_token'))).toBeInstanceOf(
      ConfigurationError,
    )
  })
})

describe('a pushed request', () => {
  const push = () => scene().client.push(new URLSearchParams({ scope: 'openid', nonce: 'n' }))
  const body = { request_uri: 'urn:x:1', expires_in: 60 }

  test.each([201, 200])('is taken with %s', async (status) => {
    server.answer('/par', { status, body })
    expect(await push()).toBe('urn:x:1')
    const pushed = { scope: 'openid', nonce: 'n', client_id: 'web' }
    expect(Object.fromEntries(server.last().form)).toEqual(pushed)
    expect(server.last().headers.authorization).toMatch(/^Basic /)
  })

  test.each([
    ['invalid_request', 'login_request_refused'],
    ['invalid_scope', 'login_request_refused'],
    ['invalid_client', 'configuration_invalid'],
    ['server_error', 'endpoint_failed'],
  ])('that is refused with %s is a %s', async (error, code) => {
    server.answer('/par', { status: 400, body: { error } })
    expect(await rejection(push())).toMatchObject({ code })
  })

  test('without a request_uri in the answer is an outage', async () => {
    server.answer('/par', { status: 201, body: { expires_in: 60 } })
    expect(await rejection(push())).toMatchObject({ code: 'endpoint_failed' })
  })

  test('needs an endpoint', async () => {
    const { client } = scene({ metadata: { pushed_authorization_request_endpoint: undefined } })
    const error = await rejection(client.push(new URLSearchParams()))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toContain('pushed_authorization_request_endpoint')
  })
})

describe('a client', () => {
  test('knows its name and its issuer, and shows the metadata', async () => {
    const { client } = scene()
    expect([client.id, client.issuer.url]).toEqual(['web', server.url])
    expect(await client.server()).toMatchObject({ token_endpoint: `${server.url}/token` })
  })

  test('is not made of wrong options', () => {
    const make = () => createClientScene(server.url, { id: '' })
    expect(make).toThrow(ConfigurationError)
  })
})
