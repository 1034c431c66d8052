import { randomBytes } from 'node:crypto'
import { CompactEncrypt } from 'jose'
import { describe, expect, test } from 'vitest'
import { rejection } from '../../../../test/e2e/support/endpoints.ts'
import { bearer, createGrantScene, issuer, refusing } from '../../../../test/support/grant-scene.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { Outage } from '../errors/outage.ts'
import { createIssuer } from '../issuer/create.ts'
import { createClient } from './create.ts'
import type { Grant } from './grant.ts'
import type { ClientSettings } from './settings.ts'

describe('refresh', () => {
  test('trades the token for new ones, with less in them if that is wished', async () => {
    const { client, say, last } = createGrantScene()
    say('/token', [200, { ...bearer, refresh_token: 'r-2', scope: 'a' }])
    expect(await client.refresh('r-1', { scope: 'a', resource: 'https://a.test' })).toMatchObject({
      accessToken: 'a-1',
      refreshToken: 'r-2',
      scope: 'a',
    })
    expect(Object.fromEntries(last().form)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r-1',
      scope: 'a',
      resource: 'https://a.test',
    })
  })

  // OpenID Connect Core §12.2.
  test('checks a new ID token: same subject, nonce or not', async () => {
    const { client, say, idToken } = createGrantScene()
    say('/token', [200, { ...bearer, id_token: idToken({ nonce: 'of the login' }) }])
    expect(await client.refresh('r-1', { subject: 'alice' })).toHaveProperty('claims.sub', 'alice')
    expect(await rejection(client.refresh('r-1', { subject: 'bob' }))).toMatchObject({
      code: 'id_token_refused',
    })
  })

  // RFC 6749 §6: REQUIRED. Not everybody has got one.
  test.each([[''], [undefined]])('of no token is a mistake: %j', async (none) => {
    const { client, asked } = createGrantScene()
    // From JavaScript anything may come.
    const error = await rejection(client.refresh(none as string))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(asked).toEqual([])
  })

  test('of a token that is no longer good is a refusal, which does not repeat it', async () => {
    const { client, say } = createGrantScene()
    say('/token', refusing('invalid_grant'))
    const error = await rejection(client.refresh('secret-refresh'))
    expect(error).toMatchObject({ code: 'grant_refused' })
    expect(JSON.stringify(error) + String(error)).not.toContain('secret-refresh')
  })
})

test('an ID token that comes unasked with a nonce was made for another login', async () => {
  const { client, say, idToken } = createGrantScene()
  say('/token', [200, { ...bearer, id_token: idToken({ nonce: 'x' }) }])
  expect(await rejection(client.jwtBearer('a.b.c'))).toMatchObject({ code: 'id_token_refused' })
})

describe('revoke', () => {
  test.each([undefined, 'refresh_token'] as const)('with the hint %s', async (hint) => {
    const { client, say, last } = createGrantScene()
    say('/revoke', new Response(null))
    await client.revoke('r-1', hint)
    expect(Object.fromEntries(last().form)).toEqual({
      token: 'r-1',
      ...(hint && { token_type_hint: hint }),
    })
  })
})

test('userinfo is that of the subject', async () => {
  const { client, say, last } = createGrantScene()
  say('/userinfo', [200, { sub: 'alice', email: 'alice@mail.test' }])
  expect(await client.userinfo('a-1', 'alice')).toHaveProperty('email', 'alice@mail.test')
  expect(last().headers.get('authorization')).toBe('Bearer a-1')
  expect(await rejection(client.userinfo('a-1', 'bob'))).toMatchObject({ code: 'id_token_refused' })
})

test('an ID token that is encrypted for us is opened', async () => {
  const key = randomBytes(32)
  const jwk = { kty: 'oct', k: key.toString('base64url'), alg: 'dir' }
  const answered = async (more: Partial<ClientSettings>) => {
    const { client, say, idToken } = createGrantScene(more)
    const encrypted = await new CompactEncrypt(Buffer.from(idToken()))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'JWT' })
      .encrypt(key)
    say('/token', [200, { ...bearer, id_token: encrypted }])
    return client.refresh('r-1')
  }
  expect(await answered({ decryptionKeys: [jwk] })).toHaveProperty('claims.sub', 'alice')
  expect(await rejection(answered({}))).toMatchObject({ code: 'id_token_refused' })
})

test('clocks may differ by as much as was said', async () => {
  const answered = (clockTolerance: number) => {
    const { client, say, idToken, clock } = createGrantScene({ clockTolerance })
    say('/token', [200, { ...bearer, id_token: idToken({ exp: clock.now() / 1000 - 20 }) }])
    return client.refresh('r-1')
  }
  expect(await answered(30)).toHaveProperty('claims.sub', 'alice')
  expect(await rejection(answered(10))).toMatchObject({ code: 'id_token_refused' })
})

test('an issuer that does not answer in time is an outage', async () => {
  const issuerOfOne = createIssuer({
    issuer,
    metadata: { issuer, token_endpoint: `${issuer}/token` },
  })
  const client = createClient({
    issuer: issuerOfOne,
    client: { id: 'robot' },
    timeout: 0.01,
    fetch: () => new Promise(() => {}),
  })
  expect(Outage.is(await rejection(client.clientCredentials()))).toBe(true)
})

describe('a grant of your own', () => {
  const grant: Grant<object> = {
    type: 'urn:example:grant',
    form: { code: '123', hints: ['a', 'b'], nothing: undefined },
    granted: ({ accessToken }, { more }) => ({ accessToken, more }),
    refused: (error, { step }) => (error === 'one_more_step' ? { step } : undefined),
  }

  test('gets what it makes of the answer', async () => {
    const { client, say, last } = createGrantScene()
    say('/token', [200, { ...bearer, more: 7 }])
    expect(await client.trade(grant)).toEqual({ accessToken: 'a-1', more: 7 })
    expect([...last().form]).toEqual([
      ['code', '123'],
      ['hints', 'a'],
      ['hints', 'b'],
      ['grant_type', 'urn:example:grant'],
    ])
  })

  test('gets what it makes of errors, and the others are failures', async () => {
    const { client, say } = createGrantScene()
    say('/token', [403, { error: 'one_more_step', step: 2 }], refusing('invalid_grant'))
    expect(await client.trade(grant)).toEqual({ step: 2 })
    expect(await rejection(client.trade(grant))).toMatchObject({ code: 'grant_refused' })
  })

  test('is refused in words that repeat nothing of what was sent, however short it is', async () => {
    const { client, say } = createGrantScene()
    const form = { pin: '4711', user_code: 'code-7', scope: 'of' }
    const error_description = 'no grant of 4711 and code-7'
    say('/token', [400, { error: 'invalid_grant', error_description }])
    expect(await rejection(client.trade({ ...grant, form }))).toHaveProperty(
      'reason',
      "The issuer answered invalid_grant ('no grant of [removed] and [removed]').",
    )
  })
})

test('an endpoint that the issuer does not have is a mistake of ours', async () => {
  const client = createClient({
    issuer,
    client: { id: 'robot' },
    fetch: async () => Response.json({ issuer }),
  })
  const calls = [
    client.clientCredentials(),
    client.deviceCode(),
    client.ciba({ loginHint: 'a' }),
    client.introspect('t'),
    client.revoke('t'),
    client.userinfo('t', 'alice'),
  ]
  const errors = await Promise.all(calls.map(rejection))
  expect(errors.map((error) => error instanceof ConfigurationError)).toEqual(calls.map(() => true))
})

test('an issuer that is down is an outage', async () => {
  const fetch = () => Promise.reject(new TypeError('fetch failed'))
  const client = createClient({ issuer, client: { id: 'robot' }, fetch })
  expect(Outage.is(await rejection(client.clientCredentials()))).toBe(true)
})

test.each([
  [{}, 'issuer'],
  [{ issuer }, 'client'],
  [{ issuer, client: {} }, 'client.id'],
  [{ issuer: {}, client: { id: 'a' } }, 'createIssuer'],
  [{ issuer, client: { id: 'a' }, maxTokens: 0 }, 'maxTokens'],
  [{ issuer, client: { id: 'a' }, timeOut: 5 }, 'did you mean timeout'],
])('%j is a mistake', (settings, text) => {
  // From JavaScript anything may come.
  const make = () => createClient(settings as ClientSettings)
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(text)
})
