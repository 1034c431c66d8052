import { decodeJwt, SignJWT } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { createClock } from '../clock.ts'
import { generateSigningKey } from '../signing-key.ts'
import { createOkta } from './create.ts'
import { grants } from './grants.ts'
import type { OktaAnswer } from './request.ts'

const clock = createClock()
const partner = await generateSigningKey('ES256')
const okta = await createOkta({
  clock,
  apps: {
    rotating: { applicationType: 'native', refreshToken: { rotation: 'ROTATE', leeway: 10 } },
    strict: { applicationType: 'native', refreshToken: { rotation: 'ROTATE', leeway: 0 } },
    jwt: { applicationType: 'service', authentication: 'client_secret_jwt' },
    spare: { applicationType: 'service', authentication: 'client_secret_post' },
  },
  servers: {
    default: {
      scopes: { 'orders:read': {}, 'orders:write': {}, consent: { consent: 'REQUIRED' } },
      trustedIssuers: { 'https://partner.example': { keys: [partner.jwk] } },
      claims: { tier: 'gold' },
      policies: [
        { rules: [{ scopes: ['openid', 'offline_access', 'orders:read', 'consent', 'profile'] }] },
      ],
    },
    payments: { trustedServers: ['default'], scopes: { pay: { default: true } } },
    other: {},
  },
})
afterAll(() => okta.close())

type Form = Record<string, string>
const send = (form: Form, app = 'native', server = 'default') =>
  okta.request('token', form, { app, server })
const login = (app = 'native', scope = 'openid offline_access') =>
  send({ grant_type: 'password', username: 'alice', password: 'password', scope }, app)
const refresh = (refresh_token: unknown, app = 'native', more: Form = {}) =>
  send({ grant_type: 'refresh_token', refresh_token: String(refresh_token), ...more }, app)
const isActive = async (token: unknown, app = 'native', server = 'default') => {
  const form = { token: String(token) }
  return (await okta.request('introspect', form, { app, server })).body['active']
}
const line = ({ status, body }: OktaAnswer) =>
  `${status} ${String(body['error'])}: ${String(body['error_description'])}`
const gone = '400 invalid_grant: The refresh token is invalid or expired.'

describe('refresh tokens', () => {
  test('static: the same one again, auth_time as it was', async () => {
    const first = await login()
    clock.advance(100)
    const second = await refresh(first.body['refresh_token'])
    expect(second.body['refresh_token']).toBe(first.body['refresh_token'])
    const [before, after] = [first, second].map(({ body }) =>
      decodeJwt(String(body['access_token'])),
    )
    expect(after?.['auth_time']).toBe(before?.['auth_time'])
    expect(after?.['jti']).not.toBe(before?.['jti'])
  })

  test('rotating: a new one each time, and the old one is good within the leeway', async () => {
    const first = await login('rotating')
    const second = await refresh(first.body['refresh_token'], 'rotating')
    expect(second.body['refresh_token']).not.toBe(first.body['refresh_token'])
    clock.advance(9)
    expect((await refresh(first.body['refresh_token'], 'rotating')).status).toBe(200)
  })

  test.each([
    ['rotating', 11],
    ['strict', 0],
  ])('%s: reuse after %d seconds ends the family and its access tokens', async (app, seconds) => {
    const first = await login(app)
    const second = await refresh(first.body['refresh_token'], app)
    clock.advance(seconds)
    expect(await isActive(second.body['access_token'], app)).toBe(true)
    expect(line(await refresh(first.body['refresh_token'], app))).toBe(gone)
    expect(line(await refresh(second.body['refresh_token'], app))).toBe(gone)
    expect(await isActive(first.body['access_token'], app)).toBe(false)
    expect(await isActive(second.body['access_token'], app)).toBe(false)
  })

  test('idle for a week: over; in use: not', async () => {
    const { body } = await login()
    clock.advance(6 * 86_400)
    expect((await refresh(body['refresh_token'])).status).toBe(200)
    clock.advance(6 * 86_400)
    expect((await refresh(body['refresh_token'])).status).toBe(200)
    clock.advance(7 * 86_400 + 1)
    expect(line(await refresh(body['refresh_token']))).toBe(gone)
  })

  test('scopes can shrink and not grow; another client gets nothing', async () => {
    const { body } = await login('native', 'openid offline_access orders:read')
    const less = await refresh(body['refresh_token'], 'native', { scope: 'openid' })
    expect(less.body['scope']).toBe('openid')
    expect(less.body['refresh_token']).toBeUndefined()
    expect(less.body['id_token']).toBeDefined()
    expect(line(await refresh(body['refresh_token'], 'native', { scope: 'profile' }))).toBe(
      '400 access_denied: Some of the scopes requested for the refresh request were not granted in the original authorize request. Denied scopes: profile.',
    )
    expect((await refresh(body['refresh_token'], 'strict')).body['error']).toBe('invalid_grant')
  })

  test('without offline_access there is none', async () => {
    expect((await login('native', 'openid')).body['refresh_token']).toBeUndefined()
  })
})

describe('client credentials', () => {
  const machine = (scope: string, app = 'service', server = 'default') =>
    send({ grant_type: 'client_credentials', ...(scope && { scope }) }, app, server)

  test('a token without a user', async () => {
    const { body } = await machine('orders:read')
    expect(Object.keys(body)).toEqual(['token_type', 'expires_in', 'access_token', 'scope'])
    const claims = decodeJwt(String(body['access_token']))
    const { clientId } = okta.app('service')
    expect(claims).toMatchObject({
      sub: clientId,
      cid: clientId,
      scp: ['orders:read'],
      tier: 'gold',
    })
    expect('uid' in claims || 'auth_time' in claims).toBe(false)
  })

  test.each([
    ['openid', 'service', 'default', /^400 invalid_scope: Cannot request 'openid' scopes using/],
    ['nothing', 'service', 'default', /^400 invalid_scope: One or more scopes are not configured/],
    ['', 'service', 'default', /^400 invalid_scope: .*does not have any configured default scopes/],
    ['orders:write', 'service', 'default', /^400 access_denied: Policy evaluation succeeded, but/],
    ['orders:read orders:write', 'service', 'default', /Denied scopes: \[orders:write\]\.$/],
    ['consent', 'service', 'default', /^400 consent_required: .*client credentials.*\[consent\]\./],
    [
      'okta.users.read',
      'service',
      'org',
      /^401 invalid_client: Client Credentials requests to the/,
    ],
    [
      'orders:read',
      'machine',
      'org',
      /^400 invalid_scope: The requested scope is invalid, unknown/,
    ],
  ])('%s of %s at %s', async (scope, app, server, expected) => {
    expect(line(await machine(scope, app, server))).toMatch(expected)
  })

  test('okta.* scopes for a service with a key, at the org only; defaults where there are some', async () => {
    expect((await machine('okta.users.read', 'machine', 'org')).status).toBe(200)
    expect((await machine('', 'service', 'payments')).body['scope']).toBe('pay')
  })
})

describe('client authentication', () => {
  const form = { grant_type: 'client_credentials', scope: 'orders:read' }
  const url = () => `${okta.servers.default.base}/v1/token`
  const post = async (body: Form, headers: Form = {}, query = '') => {
    const sent = { method: 'POST', body: new URLSearchParams({ ...form, ...body }), headers }
    const response = await fetch(`${url()}${query}`, sent)
    const answer: unknown = await response.json()
    return line({ status: response.status, body: { ...Object(answer) }, headers: response.headers })
  }

  test.each(['service', 'machine', 'jwt', 'spare'])('%s proves itself its own way', async (app) => {
    expect((await send(form, app)).status).toBe(200)
  })

  test('each failure has its text', async () => {
    const service = okta.app('service')
    const { clientId: client_id } = okta.app('spare')
    const basic = (text: string) => ({
      Authorization: `Basic ${Buffer.from(text).toString('base64')}`,
    })
    expect(await post({})).toBe('401 invalid_client: No client credentials found.')
    expect(await post({ client_id: 'x' })).toBe(
      "401 invalid_client: Invalid value for 'client_id' parameter.",
    )
    expect(await post({ client_id })).toMatch(/^401 invalid_client: Client authentication failed\./)
    expect(await post({ client_id, client_secret: 'x' })).toMatch(
      /client secret supplied .* invalid/,
    )
    expect(await post({}, basic('nonsense'))).toMatch(/^401 .*was not valid client credentials\.$/)
    expect(await post({}, basic(`${service.clientId}:x`))).toMatch(/^401 .*client secret supplied/)
    expect(await post({ client_secret: 'x' }, basic('a:b'))).toMatch(/^401 invalid_request: Cannot/)
    expect(await post({}, {}, '?client_secret=x')).toMatch(
      /^400 invalid_request: .*query parameters/,
    )
    expect(await post({ client_assertion: 'x' })).toMatch(/^400 invalid_request: .*assertion_type/)
  })

  test.each([
    ['aud', { aud: 'https://elsewhere' }, /audience claim .* must be the endpoint invoked/],
    ['exp', { exp: 1 }, /token is expired/],
    ['far exp', { exp: 9_999_999_999 }, /expiration too far into the future/],
    ['iss', { iss: 'nobody' }, /issuer claim .* is not a valid client_id/],
    ['sub', { sub: 'nobody' }, /subject claim .* is not a valid client_id/],
  ])('an assertion with a bad %s', async (_, claims, expected) => {
    const { clientId, key } = okta.app('machine')
    const now = Math.floor(clock.now() / 1000)
    const usual = { iss: clientId, sub: clientId, aud: url(), exp: now + 60 }
    const assertion = await new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: key?.kid ?? '' })
      .sign(key?.privateKey ?? new Uint8Array())
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const answer = await post({ client_assertion_type: type, client_assertion: assertion })
    expect(answer).toMatch(/^401 invalid_client/)
    expect(answer).toMatch(expected)
  })

  test('an assertion with a jti is good once, and only with the right key', async () => {
    const { clientId, key } = okta.app('machine')
    const now = Math.floor(clock.now() / 1000)
    const signed = (by: { privateKey: typeof partner.privateKey } | undefined) =>
      new SignJWT({ iss: clientId, sub: clientId, aud: url(), exp: now + 60, jti: 'once' })
        .setProtectedHeader({ alg: 'ES256', kid: key?.kid ?? '' })
        .sign(by?.privateKey ?? new Uint8Array())
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const forged = { client_assertion_type: type, client_assertion: await signed(partner) }
    expect(await post(forged)).toMatch(/client_assertion signature is invalid/)
    const good = { client_assertion_type: type, client_assertion: await signed(key) }
    expect(await post(good)).toMatch(/^200/)
    expect(await post(good)).toMatch(/token has already been used/)
  })

  test('a name twice in a form', async () => {
    const body = new URLSearchParams([...Object.entries(form), ['scope', 'x']])
    const response = await fetch(url(), { method: 'POST', body })
    expect(response.status).toBe(400)
    expect(await response.text()).toMatch(/multiple parameters with the same name/)
  })
})

describe('device', () => {
  const start = () =>
    okta.request('device/authorize', { scope: 'openid offline_access' }, { app: 'native' })
  const poll = ({ body }: OktaAnswer) =>
    send({ grant_type: grants.device, device_code: String(body['device_code']) })

  test('pending, too fast, then tokens, once', async () => {
    const started = await start()
    expect(started.body).toMatchObject({ expires_in: 600, interval: 5 })
    expect(started.body['user_code']).toMatch(/^[A-Z0-9]{8}$/)
    expect((await poll(started)).body['error']).toBe('authorization_pending')
    expect((await poll(started)).body['error']).toBe('slow_down')
    okta.answerDevice(String(started.body['user_code']), 'alice')
    expect((await poll(started)).body['refresh_token']).toBeDefined()
    expect(line(await poll(started))).toMatch(/^400 invalid_grant: The device code is invalid or/)
  })

  test('the interval is what the org asks for', async () => {
    okta.settings.pollInterval = 1
    const started = await start()
    okta.settings.pollInterval = 5
    expect(started.body['interval']).toBe(1)
  })

  test('a person at the page', async () => {
    const started = await start()
    const user_code = String(started.body['user_code'])
    const form = { user_code, username: 'alice', password: 'password', answer: 'approve' }
    const page = await fetch(`${okta.url}/activate`, {
      method: 'POST',
      body: new URLSearchParams(form),
    })
    expect(await page.text()).toContain('The device is connected.')
    expect((await poll(started)).status).toBe(200)
  })

  test('refused, and expired', async () => {
    const refused = await start()
    okta.answerDevice(String(refused.body['user_code']), false)
    expect(line(await poll(refused))).toMatch(/^403 access_denied/)
    const late = await start()
    clock.advance(601)
    expect(line(await poll(late))).toBe('400 expired_token: The device code has expired.')
  })
})

describe('CIBA', () => {
  const start = (form: Form = {}, app = 'web') =>
    okta.request('bc/authorize', { scope: 'openid', login_hint: 'alice', ...form }, { app })
  const poll = ({ body }: OktaAnswer) =>
    send({ grant_type: grants.ciba, auth_req_id: String(body['auth_req_id']) }, 'web')

  test('the phone decides', async () => {
    const started = await start()
    expect(started.body).toMatchObject({ expires_in: 300, interval: 5 })
    expect((await poll(started)).body['error']).toBe('authorization_pending')
    okta.phone('alice').approve()
    expect((await poll(started)).status).toBe(200)
    const refused = await start()
    okta.phone('alice').reject()
    expect(line(await poll(refused))).toMatch(/^403 access_denied/)
    const late = await start({ request_expiry: '10' })
    clock.advance(11)
    expect((await poll(late)).body['error']).toBe('expired_token')
  })

  test.each([
    ['scope', { scope: 'profile' }, 'web', /^400 invalid_scope: .*must contain 'openid' scope/],
    [
      'two hints',
      { id_token_hint: 'x' },
      'web',
      /^400 invalid_request: .*must contain only one of/,
    ],
    ['nobody', { login_hint: 'nobody' }, 'web', /^400 invalid_request: The hint provided in the/],
    ['a native app', {}, 'native', /^400 access_denied: .*currently only supports web/],
  ])('a bad start: %s', async (_, form, app, expected) => {
    expect(line(await start(form, app))).toMatch(expected)
  })
})

describe('token exchange', () => {
  const types = 'urn:ietf:params:oauth:token-type:'
  const exchange = (
    subject_token: unknown,
    more: Form = {},
    app = 'service',
    server = 'payments',
  ) =>
    send(
      {
        grant_type: grants.tokenExchange,
        subject_token: String(subject_token),
        subject_token_type: `${types}access_token`,
        audience: 'api://payments',
        scope: 'pay',
        ...more,
      },
      app,
      server,
    )

  test('on behalf of a user: their sub and uid, the caller’s cid', async () => {
    const { body } = await exchange((await login()).body['access_token'])
    expect(body['issued_token_type']).toBe(`${types}access_token`)
    expect(decodeJwt(String(body['access_token']))).toMatchObject({
      iss: okta.servers['payments']?.issuer,
      sub: 'alice@example.com',
      uid: okta.user('alice').id,
      cid: okta.app('service').clientId,
      scp: ['pay'],
    })
  })

  test('each refusal', async () => {
    const token = (await login()).body['access_token']
    expect(line(await exchange('x'))).toBe("400 invalid_request: 'subject_token' is invalid.")
    expect(line(await exchange(token, { subject_token_type: 'x' }))).toMatch(/'subject_token_type'/)
    expect(line(await exchange(token, { audience: 'x' }))).toMatch(/^400 invalid_target/)
    expect(line(await exchange(token, { scope: 'openid' }))).toMatch(/^400 invalid_scope: Can't/)
    expect(line(await exchange(token, {}, 'native'))).toMatch(/Only service clients may use/)
    const untrusting = await exchange(token, { audience: 'api://other' }, 'service', 'other')
    expect(line(untrusting)).toMatch(/^403 access_denied: .*isn't a trusted authorization server/)
    expect(line(await exchange(token, {}, 'service', 'org'))).toMatch(/^400 unsupported_grant_type/)
  })
})

describe('jwt-bearer', () => {
  const assertion = (claims: object = {}, key = partner) => {
    const now = Math.floor(clock.now() / 1000)
    const usual = {
      iss: 'https://partner.example',
      sub: 'alice@example.com',
      aud: okta.servers.default.issuer,
      exp: now + 60,
    }
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: partner.kid })
      .sign(key.privateKey)
  }
  const send1 = async (claims: object, key = partner) =>
    line(
      await send(
        {
          grant_type: grants.jwtBearer,
          scope: 'orders:read',
          assertion: await assertion(claims, key),
        },
        'service',
      ),
    )

  test('an assertion of a trusted issuer, once', async () => {
    expect(await send1({ jti: 'one' })).toMatch(/^200/)
    expect(await send1({ jti: 'one' })).toMatch(/jti of the JWT Bearer Grant was already used/)
  })

  test('everything else is refused', async () => {
    expect(await send1({ iss: 'https://nobody' })).toMatch(/^401 invalid_token: The issuer of the/)
    expect(await send1({ aud: 'x' })).toMatch(/^400 invalid_grant: The audience/)
    expect(await send1({ exp: 1 })).toMatch(/expired/)
    expect(await send1({}, await generateSigningKey('ES256'))).toMatch(/signature/)
  })
})
