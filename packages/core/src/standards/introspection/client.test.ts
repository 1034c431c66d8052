import { describe, expect, test } from 'vitest'
import { rejection } from '../../../../../test/e2e/support/endpoints.ts'
import { createGrantScene, issuer, refusing } from '../../../../../test/support/grant-scene.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { Outage } from '../../errors/outage.ts'

const active = {
  active: true,
  scope: 'orders:read orders:write',
  sub: 'alice',
  client_id: 'web',
  username: 'alice@mail.test',
  token_type: 'Bearer',
  exp: 1_700_000_300,
  tenant: 'acme',
}

// RFC 7662 §2.1, §2.2.
test('an active token is described', async () => {
  const { client, say, last } = createGrantScene()
  say('/introspect', [200, active])
  expect(await client.introspect('t', 'access_token')).toEqual({
    active: true,
    scopes: ['orders:read', 'orders:write'],
    subject: 'alice',
    client: 'web',
    username: 'alice@mail.test',
    tokenType: 'Bearer',
    expiresAt: 1_700_000_300,
    claims: active,
  })
  const { form, headers } = last()
  expect(Object.fromEntries(form)).toEqual({ token: 't', token_type_hint: 'access_token' })
  expect(headers.get('accept')).toBe('application/json')
})

test('members of the wrong type count as absent', async () => {
  const { client, say } = createGrantScene()
  say('/introspect', [200, { active: true, scope: ['a'], sub: 7, exp: '9' }])
  expect(await client.introspect('t')).toMatchObject({
    active: true,
    scopes: [],
    subject: undefined,
    expiresAt: undefined,
  })
})

test('of an inactive one nothing is known, whatever the issuer says', async () => {
  const { client, say } = createGrantScene()
  say('/introspect', [200, { ...active, active: false }])
  expect(await client.introspect('t')).toEqual({ active: false })
})

test.each([{}, { active: 'true' }, { active: 1 }, []])('%j is nonsense', async (said) => {
  const { client, say } = createGrantScene()
  say('/introspect', [200, said])
  expect(Outage.is(await rejection(client.introspect('t')))).toBe(true)
})

test('an issuer that does not know us is our mistake', async () => {
  const { client, say } = createGrantScene()
  say('/introspect', refusing('invalid_client', 401))
  const error = await rejection(client.introspect('secret-token'))
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(String(error)).not.toContain('secret-token')
})

// RFC 9701 §5.
describe('a signed answer', () => {
  const good = { iss: issuer, aud: 'robot', iat: 1_700_000_000, token_introspection: active }
  const ask = (claims: object, typ = 'token-introspection+jwt', tamper = (jwt: string) => jwt) => {
    const { client, say, tokens } = createGrantScene()
    const jwt = tamper(tokens.sign({ alg: 'ES256', kid: tokens.kid, typ }, { ...good, ...claims }))
    const headers = { 'Content-Type': 'application/token-introspection+jwt' }
    say('/introspect', new Response(jwt, { headers }))
    return client.introspect('t')
  }

  test('is opened', async () => {
    expect(await ask({})).toMatchObject({ active: true, subject: 'alice' })
    expect(await ask({ aud: ['other', 'robot'] })).toMatchObject({ active: true })
  })

  test.each([
    ['iss', () => ask({ iss: 'https://evil.test' })],
    ['aud', () => ask({ aud: 'other' })],
    ['type', () => ask({}, 'at+jwt')],
    ['token_introspection', () => ask({ token_introspection: 'active' })],
    ['signature', () => ask({}, undefined, (jwt) => `${jwt.slice(0, -8)}AAAAAAAA`)],
  ])('is refused for its %s', async (check, answer) => {
    expect(await rejection(answer())).toMatchObject({ code: 'grant_refused', trail: { check } })
  })
})
