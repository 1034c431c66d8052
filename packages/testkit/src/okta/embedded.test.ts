import { createHash } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { createBrowser } from '../browser.ts'
import { createClock } from '../clock.ts'
import { createOkta } from './create.ts'
import type { OktaAnswer } from './request.ts'

const clock = createClock()
const okta = await createOkta({
  clock,
  servers: { payments: { trustedServers: ['org'] } },
  apps: { strict: { signOn: 'two-factors' } },
})
afterAll(() => okta.close())

type Form = Readonly<Record<string, string>>
const callback = 'http://127.0.0.1:9/cb'
const line = ({ status, body }: OktaAnswer) =>
  `${status} ${String(body['error'])}: ${String(body['error_description'])}`
const token = (form: Form, app = 'web', server = 'default') =>
  okta.request('token', form, { app, server })

const verifier = 'v'.repeat(43)
const begin = (more: Form = {}, app = 'native') =>
  okta.request(
    'interact',
    {
      scope: 'openid offline_access',
      redirect_uri: callback,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state: 'abc',
      nonce: 'n-1',
      ...more,
    },
    { app },
  )
const handleFor = async (more?: Form, app?: string) =>
  String((await begin(more, app)).body['interaction_handle'])
const redeem = (code: string, more: Form = {}, app = 'native') =>
  token(
    { grant_type: 'interaction_code', interaction_code: code, code_verifier: verifier, ...more },
    app,
  )

describe('the interaction code', () => {
  const spent = '400 invalid_grant: The interaction code is invalid or has expired.'

  test('ends in tokens, once', async () => {
    const code = okta.completeInteraction(await handleFor(), 'alice')
    const { body } = await redeem(code)
    expect(body).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) })
    expect(decodeJwt(String(body['id_token']))).toMatchObject({ nonce: 'n-1', amr: ['pwd'] })
    expect(line(await redeem(code))).toBe(spent)
  })

  test('is good for five minutes, for one app, and with its verifier', async () => {
    const code = okta.completeInteraction(await handleFor(), 'alice')
    expect(line(await redeem(code, {}, 'spa'))).toBe(spent)
    const wrong = await redeem(code, { code_verifier: 'w'.repeat(43) })
    expect(line(wrong)).toBe('400 invalid_grant: PKCE verification failed.')
    clock.advance(301)
    expect(line(await redeem(code))).toBe(spent)
  })

  test('is held to the policy and to acr_values', async () => {
    const handle = await handleFor({ acr_values: 'urn:okta:loa:2fa:any' })
    expect(() => okta.completeInteraction(handle, 'alice')).toThrow('does not let alice in')
    const code = okta.completeInteraction(handle, 'alice', ['password', 'totp'])
    const claims = decodeJwt(String((await redeem(code)).body['id_token']))
    expect(claims['acr']).toBe('urn:okta:loa:2fa:any')
    expect(() => okta.completeInteraction(handle, 'alice')).toThrow('no such interaction')
  })

  test('does not begin without PKCE, elsewhere, for others, or with Classic Engine', async () => {
    expect(line(await begin({ code_challenge_method: 'plain' }))).toBe(
      '400 invalid_request: PKCE code challenge is required to use the interaction code flow.',
    )
    expect(line(await begin({ redirect_uri: 'https://evil.example/' }))).toMatch(/redirect_uri/)
    expect(line(await begin({}, 'service'))).toMatch(/^400 unauthorized_client/)
    okta.settings.identityEngine = false
    const classic = await begin().finally(() => {
      okta.settings.identityEngine = true
    })
    expect(line(classic)).toMatch(/^400 access_denied/)
  })
})

describe('SAML assertions', () => {
  const trade = (assertion: string, app = 'web', encoding: 'base64' | 'base64url' = 'base64url') =>
    token(
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
        assertion: Buffer.from(assertion).toString(encoding),
        scope: 'openid offline_access',
      },
      app,
    )

  test('are not supported by Identity Engine', async () => {
    expect(line(await trade(okta.samlAssertion('alice')))).toBe(
      '400 invalid_grant: SAML Assertion Bearer Grant is not supported by OIE.',
    )
  })

  test('give tokens with Classic Engine, in either encoding, for five minutes', async () => {
    okta.settings.identityEngine = false
    try {
      const assertion = okta.samlAssertion('alice')
      expect((await trade(assertion)).body).toMatchObject({ refresh_token: expect.any(String) })
      expect((await trade(assertion, 'web', 'base64')).status).toBe(200)
      const bad = "400 invalid_grant: 'assertion' is not a valid SAML 2.0 Assertion."
      expect(line(await trade(assertion.replace('alice', 'bob')))).toBe(bad)
      expect(line(await trade(assertion, 'strict'))).toMatch(/cannot be used with MFA enabled/)
      clock.advance(301)
      expect(line(await trade(assertion))).toBe(bad)
    } finally {
      okta.settings.identityEngine = true
    }
  })
})

describe('ID-JAG', () => {
  const exchange = (form: Form, server = 'org') =>
    token(
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        requested_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        audience: okta.servers['payments']?.issuer ?? '',
        scope: 'orders:read',
        ...form,
      },
      'native',
      server,
    )
  const idToken = async (server = 'org') => {
    const form = { grant_type: 'password', username: 'alice', password: 'password' }
    const { body } = await token({ ...form, scope: 'openid' }, 'native', server)
    return String(body['id_token'])
  }

  test('is an assertion of the org for another server, which is no access token', async () => {
    const { body } = await exchange({ subject_token: await idToken() })
    expect(body).toMatchObject({
      token_type: 'N_A',
      issued_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
      expires_in: 300,
    })
    const assertion = String(body['access_token'])
    expect(decodeProtectedHeader(assertion).typ).toBe('oauth-id-jag+jwt')
    expect(decodeJwt(assertion)).toMatchObject({
      iss: okta.url,
      sub: okta.user('alice').id,
      aud: okta.servers['payments']?.issuer,
      client_id: okta.app('native').clientId,
      scope: 'orders:read',
    })
  })

  test('needs an ID token of the client, and the server of a resource', async () => {
    const subject = await idToken()
    expect(line(await exchange({ subject_token: 'x' }))).toMatch(/'subject_token' is invalid/)
    expect(line(await exchange({ subject_token: subject, audience: 'x' }))).toMatch(
      /invalid_target/,
    )
    const elsewhere = { subject_token: await idToken('default') }
    expect(line(await exchange(elsewhere))).toMatch(/^403 access_denied/)
  })
})

describe('from a native app to a page', () => {
  const signedIn = async (scope = 'openid interclient_access') => {
    const handle = await handleFor({ scope })
    return (await redeem(okta.completeInteraction(handle, 'alice'))).body
  }
  const carry = (body: OktaAnswer['body'], target = okta.app('web').clientId) =>
    token(
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        requested_token_type: 'urn:okta:params:oauth:token-type:interclient_token',
        subject_token: String(body['id_token']),
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        actor_token: String(body['access_token']),
        actor_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: `urn:okta:apps:${target}`,
      },
      'native',
    )
  const open = async (interclient: unknown, app = 'web') => {
    const query = new URLSearchParams({
      client_id: okta.app(app).clientId,
      response_type: 'code',
      redirect_uri: callback,
      scope: 'openid',
      state: 'abc',
      prompt: 'none',
      interclient_token: String(interclient),
    })
    const url = `${okta.servers.default.base}/v1/authorize?${query.toString()}`
    const page = await createBrowser().open(url, { until: callback })
    return new URL(page.url).searchParams
  }

  test('a token carries the user over, once, without a page', async () => {
    const { body } = await carry(await signedIn())
    expect(body).toMatchObject({ token_type: 'N_A', expires_in: 300 })
    const code = (await open(body['access_token'])).get('code') ?? ''
    const form = { grant_type: 'authorization_code', code, redirect_uri: callback }
    const { body: tokens } = await token(form)
    expect(decodeJwt(String(tokens['id_token']))).toMatchObject({ sub: okta.user('alice').id })
    const again = await open(body['access_token'])
    expect(again.get('error')).toBe('one_time_sso_token_replayed')
  })

  test('to one app only, for five minutes', async () => {
    const { body } = await carry(await signedIn())
    expect((await open(body['access_token'], 'strict')).get('error')).toMatch(/replayed/)
    const { body: late } = await carry(await signedIn())
    clock.advance(301)
    expect((await open(late['access_token'])).get('error')).toMatch(/replayed/)
  })

  test('not without the scope, the session or the other app', async () => {
    expect(line(await carry(await signedIn('openid')))).toMatch(/'subject_token' is invalid/)
    expect(line(await carry(await signedIn(), 'nobody'))).toMatch(/^403 access_denied: No trust/)
    const body = await signedIn()
    okta.signOutEverywhere('alice')
    expect(line(await carry(body))).toMatch(/session associated with it was terminated/)
  })
})
