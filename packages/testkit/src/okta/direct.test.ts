import { generateKeyPairSync, createHash, sign } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { createClock } from '../clock.ts'
import { createOkta } from './create.ts'
import { grants } from './grants.ts'
import type { OktaAnswer } from './request.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const passkey = { id: 'Y3JlZC1pZA', publicKey: publicKey.export({ format: 'jwk' }) }

const clock = createClock()
const okta = await createOkta({
  clock,
  apps: {
    one: { applicationType: 'native' },
    two: { applicationType: 'native', signOn: 'two-factors' },
    three: { applicationType: 'native', signOn: 'three-factors' },
    confidential: { applicationType: 'native', authentication: 'private_key_jwt' },
  },
  users: {
    alice: {
      factors: ['push', 'sms', 'voice', 'email', 'totp', 'google_otp', 'webauthn'],
      credentials: [passkey],
    },
  },
})
afterAll(() => okta.close())
afterEach(() => {
  // Each code of a generator counts once, so every test gets its own half minute.
  clock.advance(60)
  okta.phone('alice').always(undefined)
  okta.settings.numberChallenge = false
})

const login_hint = 'alice@example.com'
const scope = 'openid profile'
type Form = Record<string, string>
const send = (endpoint: string, form: Form, app = 'one', server = 'default') =>
  okta.request(endpoint, form, { app, server })
const token = (grant_type: string, form: Form, app?: string, server?: string) =>
  send('token', { grant_type, scope, ...form }, app, server)
const primary = (channel_hint: string, app?: string, server?: string) =>
  send(
    'primary-authenticate',
    { login_hint, channel_hint, challenge_hint: grants.oob },
    app,
    server,
  )
const text = ({ body }: OktaAnswer, name: string) => String(body[name])
const amr = ({ body }: OktaAnswer) => decodeJwt(String(body['id_token']))['amr']
const password = (app = 'two', more: Form = {}) =>
  token(grants.password, { username: login_hint, password: 'password', ...more }, app)
const challenge = (form: Form, app = 'two') => send('challenge', form, app)

/** The `mfa_token` after a password at an app that wants two factors. */
const begun = async (app = 'two') => {
  const answer = await password(app)
  expect([answer.status, answer.body['error']]).toEqual([403, 'mfa_required'])
  expect(answer.body['error_description']).toBe(
    'Verify with an additional authenticator to complete the sign-in process.',
  )
  return text(answer, 'mfa_token')
}

describe.each(['org', 'default'])('one factor at the %s server', (server) => {
  test.each(['totp', 'google_otp'] as const)('§4.5 the code of %s', async (generator) => {
    const otp = okta.phone('alice').code(generator)
    const answer = await token(grants.otp, { login_hint, otp }, 'one', server)
    expect(answer.status).toBe(200)
    expect(amr(answer)).toEqual(['otp'])
    const again = await token(grants.otp, { login_hint, otp }, 'one', server)
    expect([again.status, again.body['error']]).toEqual([400, 'invalid_grant'])
  })

  test('§4.6 a push: pending, then approved, then used up', async () => {
    const started = await primary('push', 'one', server)
    expect(started.body).toEqual({
      oob_code: expect.any(String),
      expires_in: 300,
      interval: 5,
      channel: 'push',
      binding_method: 'none',
    })
    const oob_code = text(started, 'oob_code')
    const poll = () => token(grants.oob, { oob_code }, 'one', server)
    const pending = await poll()
    expect([pending.status, pending.body['error']]).toEqual([400, 'authorization_pending'])
    okta.phone('alice').approve()
    clock.advance(5)
    const done = await poll()
    expect(done.status).toBe(200)
    expect(amr(done)).toEqual(['swk'])
    const again = await poll()
    expect([again.status, again.body['error']]).toEqual([403, 'access_denied'])
  })

  test('§4.6 a number challenge: shown by the client, tapped on the phone', async () => {
    okta.settings.numberChallenge = true
    const started = await primary('push', 'one', server)
    expect(started.body).toMatchObject({ binding_method: 'transfer' })
    const number = text(started, 'binding_code')
    expect(started.body['binding_code']).toBe(number)
    const prompt = okta.phone('alice').prompts.at(-1)
    expect(prompt?.choices).toHaveLength(3)
    expect(prompt?.choices).toContain(number)
    okta.phone('alice').tap(number)
    const oob_code = text(started, 'oob_code')
    expect((await token(grants.oob, { oob_code }, 'one', server)).status).toBe(200)
  })

  test.each(['sms', 'voice', 'email'] as const)('§4.6 a code by %s', async (channel) => {
    const started = await primary(channel, 'one', server)
    expect(started.body).toEqual({
      oob_code: expect.any(String),
      expires_in: 300,
      channel,
      binding_method: 'prompt',
    })
    const oob_code = text(started, 'oob_code')
    const enter = (binding_code: string) =>
      token(grants.oob, { oob_code, binding_code }, 'one', server)
    const wrong = await enter('000000x')
    expect([wrong.status, wrong.body['error']]).toEqual([400, 'invalid_grant'])
    expect((await enter(okta.inbox('alice').lastCode(channel))).status).toBe(200)
  })

  test('§4.7 a password', async () => {
    const answer = await token(
      grants.password,
      { username: login_hint, password: 'password' },
      'one',
      server,
    )
    expect(answer.status).toBe(200)
    expect(amr(answer)).toEqual(['pwd'])
  })
})

describe('the older start', () => {
  test('oob-authenticate needs no challenge_hint and answers the same', async () => {
    const started = await send('oob-authenticate', { login_hint, channel_hint: 'sms' })
    expect(started.body).toMatchObject({ channel: 'sms', binding_method: 'prompt' })
    const oob_code = text(started, 'oob_code')
    const binding_code = okta.inbox('alice').lastCode('sms')
    expect((await token(grants.oob, { oob_code, binding_code })).status).toBe(200)
  })
})

describe('two factors', () => {
  test('§4.8 a challenge of an OTP only names it', async () => {
    const mfa_token = await begun()
    const asked = await challenge({ mfa_token, challenge_types_supported: grants.mfaOtp })
    expect(asked.body).toEqual({ challenge_type: grants.mfaOtp })
  })

  test.each([true, false])('§4.8 MFA OTP, with a challenge: %s', async (isAsked) => {
    const mfa_token = await begun()
    if (isAsked) await challenge({ mfa_token, challenge_types_supported: grants.mfaOtp })
    const otp = okta.phone('alice').code()
    const answer = await token(grants.mfaOtp, { mfa_token, otp }, 'two')
    expect(answer.status).toBe(200)
    expect(amr(answer)).toEqual(['pwd', 'otp', 'mfa'])
  })

  test.each([false, true])('§4.8 MFA push, with a number: %s', async (hasNumber) => {
    okta.settings.numberChallenge = hasNumber
    const mfa_token = await begun()
    const types = grants.mfaOob
    const form = { mfa_token, challenge_types_supported: types, channel_hint: 'push' }
    const asked = await challenge(form)
    expect(asked.body).toMatchObject({
      challenge_type: grants.mfaOob,
      expires_in: 300,
      interval: 5,
      channel: 'push',
      binding_method: hasNumber ? 'transfer' : 'none',
    })
    const oob_code = text(asked, 'oob_code')
    const poll = () => token(grants.mfaOob, { mfa_token, oob_code }, 'two')
    expect((await poll()).body['error']).toBe('authorization_pending')
    if (hasNumber) okta.phone('alice').tap(text(asked, 'binding_code'))
    else okta.phone('alice').approve()
    clock.advance(5)
    const answer = await poll()
    expect(answer.status).toBe(200)
    expect(amr(answer)).toEqual(['pwd', 'swk', 'mfa'])
  })

  test.each(['sms', 'voice', 'email'] as const)('§4.8 MFA by %s', async (channel) => {
    const mfa_token = await begun()
    const form = { mfa_token, challenge_types_supported: grants.mfaOob, channel_hint: channel }
    const asked = await challenge(form)
    expect(asked.body).toMatchObject({ channel, binding_method: 'prompt' })
    expect(asked.body['interval']).toBeUndefined()
    const oob_code = text(asked, 'oob_code')
    const binding_code = okta.inbox('alice').lastCode(channel)
    const answer = await token(grants.mfaOob, { mfa_token, oob_code, binding_code }, 'two')
    expect(answer.status).toBe(200)
  })

  test('any first factor can be followed by any second one', async () => {
    const otp = okta.phone('alice').code()
    const first = await token(grants.otp, { login_hint, otp }, 'two')
    expect([first.status, first.body['error']]).toEqual([403, 'mfa_required'])
    const mfa_token = text(first, 'mfa_token')
    const asked = await challenge({
      mfa_token,
      challenge_types_supported: `${grants.mfaOob} ${grants.mfaOtp}`,
      channel_hint: 'push',
    })
    okta.phone('alice').approve()
    const form = { mfa_token, oob_code: text(asked, 'oob_code') }
    expect(amr(await token(grants.mfaOob, form, 'two'))).toEqual(['otp', 'swk', 'mfa'])
  })

  test('mfa_required may come again, with a new mfa_token', async () => {
    const mfa_token = await begun('three')
    const otp = okta.phone('alice').code()
    const again = await token(grants.mfaOtp, { mfa_token, otp }, 'three')
    expect([again.status, again.body['error']]).toEqual([403, 'mfa_required'])
    const next = text(again, 'mfa_token')
    expect(next).not.toBe(mfa_token)
    const form = { mfa_token: next, challenge_types_supported: grants.mfaOob, channel_hint: 'sms' }
    const asked = await challenge(form, 'three')
    const last = await token(
      grants.mfaOob,
      {
        mfa_token: next,
        oob_code: text(asked, 'oob_code'),
        binding_code: okta.inbox('alice').lastCode('sms'),
      },
      'three',
    )
    expect(last.status).toBe(200)
    const over = await token(grants.mfaOtp, { mfa_token, otp }, 'three')
    expect([over.status, over.body['error']]).toEqual([403, 'access_denied'])
  })

  test('a new challenge makes the older code useless', async () => {
    const mfa_token = await begun()
    const form = { mfa_token, challenge_types_supported: grants.mfaOob, channel_hint: 'sms' }
    const old = await challenge(form)
    const binding_code = okta.inbox('alice').lastCode('sms')
    await challenge(form)
    const oob_code = text(old, 'oob_code')
    const answer = await token(grants.mfaOob, { mfa_token, oob_code, binding_code }, 'two')
    expect([answer.status, answer.body['error']]).toEqual([403, 'access_denied'])
  })
})

describe('§4.8 passkeys', () => {
  const assertion = (answer: OktaAnswer) => {
    const { challenge: asked }: { challenge?: unknown } = { ...Object(answer.body['publicKey']) }
    const data = { type: 'webauthn.get', challenge: asked, origin: 'https://app.example' }
    const clientData = Buffer.from(JSON.stringify(data))
    const authenticatorData = Buffer.alloc(37, 1)
    const hash = createHash('sha256').update(clientData).digest()
    const signature = sign('sha256', Buffer.concat([authenticatorData, hash]), privateKey)
    return {
      authenticatorData: authenticatorData.toString('base64url'),
      clientDataJSON: clientData.toString('base64url'),
      signature: signature.toString('base64url'),
    }
  }
  const start = (form: Form, app = 'one') =>
    send('primary-authenticate', { challenge_hint: grants.webauthn, ...form }, app)

  test('as the first factor, once', async () => {
    const started = await start({ login_hint })
    expect(started.body).toMatchObject({
      challengeType: grants.webauthn,
      publicKey: { allowCredentials: [{ id: passkey.id, type: 'public-key' }] },
    })
    const form = assertion(started)
    expect(amr(await token(grants.webauthn, form))).toEqual(['hwk'])
    const again = await token(grants.webauthn, form)
    expect(again.body['error_description']).toMatch(/^There is no pending WebAuthn challenge/)
  })

  test('without a login: the user handle says who', async () => {
    const form = assertion(await start({}))
    const userHandle = Buffer.from(okta.user('alice').id).toString('base64url')
    expect((await token(grants.webauthn, { ...form, userHandle })).status).toBe(200)
  })

  test.each(['challenge', 'primary-authenticate'])('as the second, by way of %s', async (way) => {
    const mfa_token = await begun()
    const started =
      way === 'challenge'
        ? await challenge({ mfa_token, challenge_types_supported: grants.mfaWebauthn })
        : await start({ mfa_token }, 'two')
    expect(started.body['challengeType']).toBe(grants.mfaWebauthn)
    const form = { mfa_token, ...assertion(started) }
    expect(amr(await token(grants.mfaWebauthn, form, 'two'))).toEqual(['pwd', 'hwk', 'mfa'])
  })

  test('what is missing, not JSON, or not signed by the passkey', async () => {
    const started = await start({ login_hint })
    const form = assertion(started)
    const nothing = await token(grants.webauthn, {})
    expect(nothing.body['error_description']).toMatch(/^WebAuthn requests must contain/)
    const odd = await token(grants.webauthn, { ...form, clientDataJSON: 'e30' })
    expect(odd.body['error_description']).toMatch(/^'clientDataJSON' is not a Base64 encoded/)
    const forged = await token(grants.webauthn, { ...form, authenticatorData: 'AAAA' })
    expect(forged.body['error_description']).toMatch(/^None of the WebAuthn authenticators/)
  })
})

test('a confidential client needs a fresh assertion for every poll', async () => {
  const started = await primary('push', 'confidential')
  const oob_code = text(started, 'oob_code')
  const first = await token(grants.oob, { oob_code }, 'confidential')
  expect(first.body['error']).toBe('authorization_pending')
  okta.phone('alice').approve()
  expect((await token(grants.oob, { oob_code }, 'confidential')).status).toBe(200)
})

test('acr_values ask for a second factor, and are in the tokens', async () => {
  const acr_values = 'urn:okta:loa:2fa:any'
  const first = await password('one', { acr_values })
  expect(first.body['error']).toBe('mfa_required')
  const form = { mfa_token: text(first, 'mfa_token'), otp: okta.phone('alice').code(), acr_values }
  const { body } = await token(grants.mfaOtp, form)
  expect(decodeJwt(String(body['access_token']))['acr']).toBe(acr_values)
})
