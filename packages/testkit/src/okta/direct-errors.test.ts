import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createClock } from '../clock.ts'
import { createOkta } from './create.ts'
import { grants } from './grants.ts'
import type { OktaAnswer } from './request.ts'

const clock = createClock()
const native = { applicationType: 'native' } as const
const okta = await createOkta({
  clock,
  apps: {
    one: native,
    two: { ...native, signOn: 'two-factors' },
    denied: { ...native, signOn: 'deny' },
    plain: { ...native, signOn: 'two-factors', grantTypes: ['password', grants.otp] },
    sms: { ...native, signOn: 'two-factors', factors: ['password', 'sms'] },
    private: { ...native, assigned: ['bob'] },
    posted: { ...native, authentication: 'client_secret_post', clientSecret: 'right' },
  },
  users: {
    alice: { factors: ['push', 'sms', 'voice', 'email', 'totp'] },
    bob: {},
    first: { login: 'carol@a.example' },
    second: { login: 'carol@b.example', factors: ['totp'] },
    dora: { password: false, factors: ['totp'] },
    erin: { status: 'PASSWORD_EXPIRED' },
  },
  servers: {
    default: { scopes: { signed: { consent: 'REQUIRED' } } },
    closed: { policies: [{ rules: [{ grantTypes: ['password'] }] }] },
    bare: { policies: [] },
  },
})
afterAll(() => okta.close())
beforeEach(() => {
  clock.advance(60)
  okta.user('alice').failures = 0
  okta.user('alice').status = 'ACTIVE'
})

const login_hint = 'alice@example.com'
const scope = 'openid'
type Form = Record<string, string>
const send = (endpoint: string, form: Form, app = 'one', server = 'default') =>
  okta.request(endpoint, form, { app, server })
const token = (grant_type: string, form: Form, app?: string, server?: string) =>
  send('token', { grant_type, scope, ...form }, app, server)
const start = (form: Form, app?: string, server?: string) =>
  send('primary-authenticate', { challenge_hint: grants.oob, login_hint, ...form }, app, server)
const password = (app = 'two', more: Form = {}) =>
  token(grants.password, { username: login_hint, password: 'password', ...more }, app)
const pushed = async (channel_hint = 'push') =>
  String((await start({ channel_hint })).body['oob_code'])
const begun = async (app = 'two', more: Form = {}) =>
  String((await password(app, more)).body['mfa_token'])
const otp = () => okta.phone('alice').code()
const challenge = (form: Form, app = 'two') => send('challenge', form, app)

/** `400 invalid_grant: The text` */
const line = ({ status, body }: OktaAnswer) =>
  `${status} ${String(body['error'])}: ${String(body['error_description'])}`

const wrongCode =
  "400 invalid_grant: The 'otp' provided is either empty or incorrect. Use the correct OTP and try again."
const notUsable =
  '403 access_denied: The required authenticator cannot be used. Check if it is required by policy and the user is enrolled in the authenticator and try again.'

describe('403', () => {
  test('policy denies', async () => {
    expect(line(await token(grants.otp, { login_hint, otp: otp() }, 'denied'))).toBe(
      "403 access_denied: User couldn't be signed-in through direct authentication because authentication policy wasn't satisfied.",
    )
  })

  test('a factor that the policy does not take', async () => {
    expect(line(await token(grants.otp, { login_hint, otp: otp() }, 'sms'))).toBe(
      "403 access_denied: Unable to prompt for the requested authenticators. Review the Authentication Policy's requirements or request another authenticator and try again.",
    )
  })

  test('not enrolled, and disabled for everybody', async () => {
    expect(line(await start({ channel_hint: 'sms', login_hint: 'bob@example.com' }))).toBe(
      notUsable,
    )
    const form = { login_hint: 'bob@example.com', otp: '123456' }
    expect(line(await token(grants.otp, form))).toBe(notUsable)
    okta.settings.disabledAuthenticators = ['sms', 'totp']
    expect(line(await start({ channel_hint: 'sms' }))).toBe(notUsable)
    const mfa_token = await begun()
    expect(line(await challenge({ mfa_token, challenge_types_supported: grants.mfaOtp }))).toBe(
      notUsable,
    )
    okta.settings.disabledAuthenticators = []
  })

  test('a challenge that the policy does not ask for', async () => {
    const mfa_token = await begun()
    okta.app('two').signOn = 'one-factor'
    const answer = await challenge({ mfa_token, challenge_types_supported: grants.mfaOtp })
    okta.app('two').signOn = 'two-factors'
    expect(line(answer)).toBe(
      '403 access_denied: The user is not challenged for any authenticators by the current policy.',
    )
  })

  test('no authenticator that could be the second', async () => {
    expect(line(await password('two', { username: 'bob@example.com' }))).toBe(
      '403 access_denied: No supported authenticators are available.',
    )
  })

  test('an oob_code that is over, used or unknown; an mfa_token that is over', async () => {
    const expired = "403 access_denied: 'oob_code' has expired. Use a new 'oob_code' and try again."
    const oob_code = await pushed()
    const mfa_token = await begun()
    clock.advance(301)
    expect(line(await token(grants.oob, { oob_code }))).toBe(expired)
    expect(line(await token(grants.oob, { oob_code: 'unknown' }))).toBe(expired)
    const over = "403 access_denied: 'mfa_token' has expired. Use a new 'mfa_token' and try again."
    expect(line(await token(grants.mfaOtp, { mfa_token, otp: otp() }, 'two'))).toBe(over)
    expect(line(await challenge({ mfa_token, challenge_types_supported: grants.mfaOtp }))).toBe(
      over,
    )
  })

  test('grant_types_supported that cannot satisfy the policy', async () => {
    okta.settings.disabledAuthenticators = ['totp']
    const answer = await password('two', { grant_types_supported: grants.mfaOtp })
    okta.settings.disabledAuthenticators = []
    expect(line(answer)).toBe(
      `403 access_denied: The 'grant_types_supported' '${grants.mfaOtp}' are not sufficient to satisfy the authentication policy. Configure additional grant types for the client or revise the authentication policy to allow the user to sign-in.`,
    )
  })

  test('the second factor’s grants are switched off', async () => {
    expect(line(await token(grants.otp, { login_hint, otp: otp() }, 'plain'))).toBe(
      '403 access_denied: The grant types required to satisfy sign on policy are disabled for the client.',
    )
  })
})

describe('400 of the user’s answer', () => {
  test('pending, then too fast', async () => {
    const oob_code = await pushed()
    expect(line(await token(grants.oob, { oob_code }))).toBe(
      '400 authorization_pending: No user response received on the out-of-band authenticator yet. Continue polling to wait for a response.',
    )
    clock.advance(2)
    expect(line(await token(grants.oob, { oob_code }))).toBe(
      '400 slow_down: Slow down the polling frequency. Please try again later.',
    )
    clock.advance(10)
    expect((await token(grants.oob, { oob_code })).body['error']).toBe('authorization_pending')
  })

  test('the interval is what the org asks for', async () => {
    okta.settings.pollInterval = 1
    const started = await start({ channel_hint: 'push' })
    expect(started.body['interval']).toBe(1)
    const oob_code = String(started.body['oob_code'])
    expect((await token(grants.oob, { oob_code })).body['error']).toBe('authorization_pending')
    clock.advance(1)
    expect((await token(grants.oob, { oob_code })).body['error']).toBe('authorization_pending')
    okta.settings.pollInterval = 5
    clock.advance(1)
    expect((await token(grants.oob, { oob_code })).body['error']).toBe('slow_down')
  })

  test('rejected, by button or by the wrong number', async () => {
    const rejected = '400 invalid_grant: User rejected out-of-band authentication prompt.'
    const oob_code = await pushed()
    okta.phone('alice').reject()
    expect(line(await token(grants.oob, { oob_code }))).toBe(rejected)
    okta.settings.numberChallenge = true
    const second = await pushed()
    okta.settings.numberChallenge = false
    okta.phone('alice').tap('1')
    expect(line(await token(grants.oob, { oob_code: second }))).toBe(rejected)
  })

  test('ignored: pending until the code is over', async () => {
    okta.phone('alice').always('ignore')
    const oob_code = await pushed()
    okta.phone('alice').always(undefined)
    clock.advance(295)
    expect((await token(grants.oob, { oob_code })).body['error']).toBe('authorization_pending')
    clock.advance(6)
    expect((await token(grants.oob, { oob_code })).status).toBe(403)
  })

  test('a wrong code, of a generator and of a message', async () => {
    expect(line(await token(grants.otp, { login_hint, otp: 'x' }))).toBe(wrongCode)
    const oob_code = await pushed('sms')
    expect(line(await token(grants.oob, { oob_code, binding_code: 'x' }))).toBe(wrongCode)
    const mfa_token = await begun()
    expect(line(await token(grants.mfaOtp, { mfa_token, otp: 'x' }, 'two'))).toBe(wrongCode)
  })

  test('a wrong password, for everybody alike', async () => {
    const wrong = '400 invalid_grant: The credentials provided were invalid.'
    expect(line(await password('one', { password: 'x' }))).toBe(wrong)
    expect(line(await password('one', { username: 'nobody' }))).toBe(wrong)
    expect(line(await password('one', { username: 'erin' }))).toBe(
      '400 invalid_grant: Password has expired.',
    )
    expect(line(await password('one', { username: 'dora' }))).toBe(
      '400 invalid_grant: The user does not configure a password.',
    )
  })

  test('somebody who does not exist cannot be told from somebody who does', async () => {
    const nobody = { login_hint: 'nobody@example.com' }
    expect(line(await token(grants.otp, { ...nobody, otp: '123456' }))).toBe(wrongCode)
    for (const channel_hint of ['push', 'sms', 'email']) {
      const known = await start({ channel_hint })
      const unknown = await start({ ...nobody, channel_hint })
      expect(Object.keys(unknown.body)).toEqual(Object.keys(known.body))
      const oob_code = String(unknown.body['oob_code'])
      const answer = await token(grants.oob, { oob_code, binding_code: '123456' })
      expect(answer.body['error']).toBe(
        channel_hint === 'push' ? 'authorization_pending' : 'invalid_grant',
      )
    }
  })

  test('a login that is not unique, a user who is not assigned', async () => {
    const ambiguous = "400 invalid_grant: The 'login_hint' does not uniquely identify a user."
    expect(line(await start({ channel_hint: 'sms', login_hint: 'CAROL' }))).toBe(ambiguous)
    expect(line(await token(grants.otp, { login_hint: 'carol', otp: '1' }))).toBe(ambiguous)
    expect(line(await password('private'))).toBe(
      '400 access_denied: User is not assigned to the client application.',
    )
    expect(line(await start({ channel_hint: 'push' }, 'private'))).toBe(
      '400 access_denied: User is not assigned to the client application.',
    )
  })

  test('the tenth wrong code locks the user out, and then nothing is right', async () => {
    const waiting = await pushed()
    for (let attempt = 0; attempt < 10; attempt++) {
      expect(line(await token(grants.otp, { login_hint, otp: 'x' }))).toBe(wrongCode)
    }
    expect(okta.user('alice').status).toBe('LOCKED_OUT')
    okta.phone('alice').approve()
    expect((await token(grants.oob, { oob_code: waiting })).status).toBe(400)
    expect(line(await token(grants.otp, { login_hint, otp: otp() }))).toBe(wrongCode)
    expect(line(await password('one'))).toBe(
      '400 invalid_grant: The credentials provided were invalid.',
    )
  })

  test('too many attempts for one name: 429 in the OAuth envelope', async () => {
    okta.limits.perUser = 4
    const answers = await Promise.all(Array.from({ length: 6 }, () => password('one')))
    okta.limits.perUser = Infinity
    const lines = answers.map(line)
    expect(lines.filter((answer) => answer.startsWith('200'))).toHaveLength(4)
    expect(lines.filter((answer) => answer.startsWith('429'))).toEqual(
      Array.from(
        { length: 2 },
        () => '429 invalid_grant: API call exceeded rate limit due to too many requests.',
      ),
    )
  })
})

describe('400 of the request', () => {
  test.each([
    [{ channel_hint: 'pigeon' }, /^400 invalid_request: 'pigeon' is not supported as a 'channel_/],
    [
      { channel_hint: 'push', challenge_hint: 'x' },
      /^400 invalid_request: 'x' is not supported as/,
    ],
    [
      { channel_hint: 'push', scope },
      /^400 invalid_scope: The 'scope' parameter is unsupported on/,
    ],
    [{ channel_hint: 'push', login_hint: '' }, /^400 invalid_request: A 'login_hint' is required/],
    [{}, /^400 invalid_request: The required parameter 'channel_hint' is missing\.$/],
  ])('a start with %j', async (form, expected) => {
    expect(line(await start(form))).toMatch(expected)
  })

  test('the email channel is there or not', async () => {
    okta.settings.emailChannel = false
    const answer = await start({ channel_hint: 'email' })
    okta.settings.emailChannel = true
    expect(line(answer)).toMatch(
      /^400 invalid_request: 'email' is not supported as a 'channel_hint'/,
    )
  })

  test('an unknown challenge type, an unknown grant among those supported', async () => {
    const mfa_token = await begun()
    expect(line(await challenge({ mfa_token, challenge_types_supported: 'x' }))).toBe(
      "400 invalid_request: x is not supported as a 'challenge_type'. Try again with another value.",
    )
    expect(line(await password('two', { grant_types_supported: 'x' }))).toBe(
      "400 invalid_request: x is not supported as a 'grant_type'. Remove or replace the value and try again.",
    )
  })

  test('an oob_code and an mfa_token of two logins', async () => {
    const mine = await begun()
    const other = await begun()
    const form = { challenge_types_supported: grants.mfaOob, channel_hint: 'push' }
    const oob_code = String((await challenge({ ...form, mfa_token: mine })).body['oob_code'])
    okta.phone('alice').approve()
    const expected =
      "400 invalid_request: The 'oob_code' and the 'mfa_token' provided are not associated with each other. Review the values and try again."
    const mixed = await token(grants.mfaOob, { mfa_token: other, oob_code }, 'two')
    expect(line(mixed)).toBe(expected)
    const primary = await token(grants.mfaOob, { mfa_token: mine, oob_code: await pushed() }, 'two')
    expect(line(primary)).toMatch(/^401 invalid_client: The client_id '\w+' does not match/)
  })

  test('server, client, scope and acr_values stay as they were', async () => {
    const oob_code = await pushed()
    expect(line(await token(grants.oob, { oob_code }, 'one', 'org'))).toMatch(
      /^400 invalid_request: The authorization server id 'org' in the url_path parameter does not match the authorization server id in the original request 'default'\./,
    )
    expect(line(await token(grants.oob, { oob_code }, 'two'))).toMatch(
      /^401 invalid_client: The client_id '\w+' does not match the client_id in the original request '\w+'\. Use the original client id and try again\.$/,
    )
    await token(grants.oob, { oob_code })
    expect(line(await token(grants.oob, { oob_code, scope: 'openid email' }))).toMatch(
      /^400 invalid_scope: The requested scopes 'openid email' do not match the scopes requested in the original request 'openid'\./,
    )
    const mfa_token = await begun()
    const acr_values = 'urn:okta:loa:2fa:any'
    const form = { mfa_token, otp: otp(), acr_values }
    expect(line(await token(grants.mfaOtp, form, 'two'))).toMatch(
      /^400 invalid_request: The acr_values 'urn:okta:loa:2fa:any' do not match the acr_values requested in the original request ''\./,
    )
  })

  test.each([
    ['otp', grants.otp, { login_hint }],
    ['login_hint', grants.otp, { otp: '1' }],
    ['oob_code', grants.oob, {}],
    ['mfa_token', grants.mfaOtp, { otp: '1' }],
    ['username', grants.password, {}],
  ])('without %s', async (name, grant, form) => {
    expect(line(await token(grant, form))).toBe(
      `400 invalid_request: The required parameter '${name}' is missing.`,
    )
  })
})

describe('switches', () => {
  test('a grant that the app, the server or every rule has off', async () => {
    const oob_code = 'any'
    expect(line(await token(grants.oob, { oob_code }, 'plain'))).toBe(
      `400 unauthorized_client: The client is not authorized to use the provided grant type. Configured grant types: [password, ${grants.otp}].`,
    )
    expect(line(await token(grants.oob, { oob_code }, 'one', 'closed'))).toMatch(
      /^400 unsupported_grant_type: The authorization grant type is not supported by the authorization server\. Configured grant types: \[password\]\.$/,
    )
    expect(line(await token('nonsense', {}))).toMatch(/^400 unsupported_grant_type/)
    expect(line(await start({ channel_hint: 'push' }, 'plain'))).toMatch(/^400 unauthorized_client/)
  })

  test('no policy matches: 401', async () => {
    const form = { username: login_hint, password: 'password' }
    expect(line(await token(grants.password, form, 'one', 'bare'))).toBe(
      '401 access_denied: Policy evaluation failed for this request, please check the policy configurations.',
    )
  })

  test('a password where two factors are wanted, at an app without any second one', async () => {
    expect(line(await password('plain'))).toBe(
      '400 invalid_grant: Resource owner password credentials cannot be used with MFA enabled.',
    )
    expect(line(await password('denied'))).toBe(
      '400 invalid_grant: Resource owner password credentials authentication denied by sign on policy.',
    )
    expect(line(await password('one', { scope: 'openid signed' }))).toMatch(
      /^400 consent_required: The following scopes require user consent: \[signed\]\./,
    )
  })

  test('a wrong secret, a Classic Engine org, a delivery that fails', async () => {
    const client_secret = 'wrong'
    const wrong = await start({ channel_hint: 'push', client_secret }, 'posted')
    expect(line(wrong)).toBe(
      '401 invalid_client: The client secret supplied for a confidential client is invalid.',
    )
    okta.settings.identityEngine = false
    expect(line(await start({ channel_hint: 'push' }))).toBe(
      '400 access_denied: The requested feature is not enabled in this environment.',
    )
    okta.settings.identityEngine = true
    okta.settings.deliveryFails = true
    expect(line(await start({ channel_hint: 'push' }))).toBe(
      '500 server_error: Failed to initiate out-of-band authentication.',
    )
    okta.settings.deliveryFails = false
  })
})
