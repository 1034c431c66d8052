import { exportPKCS8, generateKeyPair, decodeJwt } from 'jose'
import { clientSecretPost, createIssuer, privateKeyJwt } from '@portcullis/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDirectScene, type DirectScene } from '../../../../test/support/direct-scene.ts'
import {
  mfaRequired,
  oauthError,
  pending,
  type ScriptedAnswer,
} from '../../../../test/support/scripted-okta.ts'
import type { DirectAnswer } from './answer.ts'
import type { DirectState, OobState, WebAuthnState } from './state.ts'
import { mfaAttestation } from './tokens.ts'

let scene: DirectScene
beforeEach(async () => {
  scene = await createDirectScene()
})
afterEach(() => scene.server.close())

const ada = { username: 'ada@example.com', password: 'correct horse' }
const push = { oob_code: 'oob_a1', expires_in: 300, interval: 5, channel: 'push' }
const sms = { oob_code: 'oob_b2', expires_in: 300, channel: 'sms', binding_method: 'prompt' }
const sent = (at: number) => {
  const { path, form } = scene.server.calls[at] ?? { path: '', form: new URLSearchParams() }
  return { path: path.replace('/oauth2/default/v1/', ''), ...Object.fromEntries(form) }
}

function stateOf(answer: DirectAnswer): DirectState {
  if ('state' in answer && answer.state !== undefined) return answer.state
  throw new Error(`there is no state in ${answer.status}`)
}

function oobOf(answer: DirectAnswer): OobState {
  const state = stateOf(answer)
  if (state.kind === 'oob') return state
  throw new Error(`the state is ${state.kind}`)
}

function passkeyOf(answer: DirectAnswer): WebAuthnState {
  const state = stateOf(answer)
  if (state.kind === 'webauthn') return state
  throw new Error(`the state is ${state.kind}`)
}

describe('one factor', () => {
  it('signs in with a password, and gives the checked claims', async () => {
    scene.server.say(await scene.server.tokens({ amr: ['pwd'] }))
    const answer = await scene.make().password(ada)
    expect(answer).toMatchObject({
      status: 'tokens',
      tokens: { accessToken: 'access-of-ada', tokenType: 'bearer', expiresIn: 3600 },
      claims: { sub: '00u1', amr: ['pwd'] },
    })
    expect(sent(0)).toEqual({
      path: 'token',
      client_id: 'app',
      scope: 'openid profile',
      grant_type: 'password',
      ...ada,
    })
  })

  it('signs in with a one-time password, with the gap that apps show', async () => {
    scene.server.say(await scene.server.tokens())
    const answer = await scene.make().otp({ username: ' ada@example.com ', otp: '482 913' })
    expect(answer.status).toBe('tokens')
    expect(sent(0)).toMatchObject({
      grant_type: 'urn:okta:params:oauth:grant-type:otp',
      login_hint: 'ada@example.com',
      otp: '482913',
    })
  })

  it('signs in with a push, without sending a scope to the start', async () => {
    const { server } = scene
    server.say({ body: { ...push, binding_method: 'none' } }, pending(), await server.tokens())
    const direct = scene.make()
    const started = await direct.oob({ username: 'ada', channel: 'push' })
    expect(started).toMatchObject({ status: 'pending', binding: 'none', number: undefined })
    expect(sent(0)).toEqual({
      path: 'primary-authenticate',
      client_id: 'app',
      login_hint: 'ada',
      channel_hint: 'push',
      challenge_hint: 'urn:okta:params:oauth:grant-type:oob',
    })
    expect((await direct.poll(oobOf(started))).status).toBe('tokens')
    expect(sent(2)).toEqual({
      path: 'token',
      client_id: 'app',
      scope: 'openid profile',
      grant_type: 'urn:okta:params:oauth:grant-type:oob',
      oob_code: 'oob_a1',
    })
  })

  it.each(['73', 73])('shows the number %j and never sends it', async (code) => {
    const { server } = scene
    server.say(
      { body: { ...push, binding_method: 'transfer', binding_code: code } },
      await server.tokens(),
    )
    const direct = scene.make()
    const started = await direct.oob({ username: 'ada', channel: 'push' })
    expect(started).toMatchObject({ binding: 'transfer', number: '73' })
    await direct.poll(oobOf(started))
    expect(sent(1)).not.toHaveProperty('binding_code')
    await expect(direct.verify(oobOf(started), { code: '7373' })).rejects.toThrow('never sent')
  })

  it.each(['sms', 'voice', 'email'] as const)('signs in with a code by %s', async (channel) => {
    const { server } = scene
    server.say({ body: { ...sms, channel } }, await server.tokens())
    const direct = scene.make()
    const started = await direct.oob({ username: 'ada', channel })
    expect(started).toMatchObject({ status: 'pending', channel, binding: 'prompt' })
    expect(oobOf(started).interval).toBeUndefined()
    expect((await direct.verify(oobOf(started), { code: ' 6X4118 ' })).status).toBe('tokens')
    expect(sent(1)).toMatchObject({ oob_code: 'oob_b2', binding_code: '6X4118' })
  })

  it('lets a wrong code be tried again, and sends a new one on demand', async () => {
    const { server } = scene
    server.say(
      { body: sms },
      oauthError(400, 'invalid_grant', "The 'otp' provided is either empty or incorrect."),
      { body: { ...sms, oob_code: 'oob_new' } },
      await server.tokens(),
    )
    const direct = scene.make()
    const started = oobOf(await direct.oob({ username: 'ada', channel: 'sms' }))
    const wrong = await direct.verify(started, { code: '000000' })
    expect(wrong).toMatchObject({ status: 'failed', code: 'code_wrong', retry: 'input' })
    expect(stateOf(wrong)).toBe(started)
    const resent = await direct.resend(started)
    expect((await direct.verify(oobOf(resent), { code: '604118' })).status).toBe('tokens')
    expect(sent(3)).toMatchObject({ oob_code: 'oob_new' })
  })

  it.each([undefined, 'ada'])('signs in with a passkey of %s', async (username) => {
    const { server } = scene
    const publicKey = { challenge: '3q2-7w', extensions: { appid: 'https://acme.okta.com' } }
    const authenticatorEnrollments = [{ credentialId: 'Y3', displayName: 'Laptop key' }, { x: 1 }]
    server.say({ body: { publicKey, authenticatorEnrollments } }, await server.tokens())
    const direct = scene.make()
    const started = await direct.webAuthn(username === undefined ? {} : { username })
    expect(started).toMatchObject({
      status: 'webauthn',
      publicKey: { challenge: '3q2-7w', rpId: 'acme.okta.com' },
      enrollments: [{ credentialId: 'Y3', displayName: 'Laptop key' }],
    })
    expect(sent(0)).toEqual({
      path: 'primary-authenticate',
      client_id: 'app',
      challenge_hint: 'urn:okta:params:oauth:grant-type:webauthn',
      ...(username && { login_hint: username }),
    })
    const assertion = { authenticatorData: 'YQ', clientDataJSON: 'Yg', signature: 'Yw' }
    expect((await direct.verifyWebAuthn(passkeyOf(started), assertion)).status).toBe('tokens')
    expect(sent(1)).toMatchObject({
      grant_type: 'urn:okta:params:oauth:grant-type:webauthn',
      ...assertion,
    })
  })
})

describe('the second factor', () => {
  const after = async (...answers: readonly ScriptedAnswer[]) => {
    scene.server.say(mfaRequired(), ...answers)
    const direct = scene.make()
    const answer = await direct.password(ada)
    return { direct, answer, state: stateOf(answer) }
  }

  it('is a next step, not a failure', async () => {
    const { answer } = await after()
    expect(answer).toMatchObject({
      status: 'mfa_required',
      state: { kind: 'mfa', username: 'ada@example.com', isSecond: true },
      next: ['push', 'otp', 'sms', 'voice'],
    })
  })

  it('offers what Okta supports, where it says so', async () => {
    const types = 'http://auth0.com/oauth/grant-type/mfa-otp'
    scene.server.say(mfaRequired('m', { supported_challenge_types: types }))
    const answer = await scene.make({ factors: ['otp', 'push', 'webauthn'] }).password(ada)
    expect(answer).toMatchObject({ next: ['otp'] })
  })

  it('is a one-time password', async () => {
    const { direct, state } = await after(await scene.server.tokens())
    expect((await direct.mfaOtp(state, { otp: '482913' })).status).toBe('tokens')
    expect(sent(1)).toEqual({
      path: 'token',
      client_id: 'app',
      scope: 'openid profile',
      grant_type: 'http://auth0.com/oauth/grant-type/mfa-otp',
      mfa_token: 'mfa_2f9c1c0a7d',
      otp: '482913',
    })
  })

  it('is a push with a number', async () => {
    const { server } = scene
    const started = { ...push, binding_method: 'transfer', binding_code: '95' }
    const { direct, state } = await after({ body: started }, pending(), await server.tokens())
    const challenged = await direct.mfaOob(state, { channel: 'push' })
    expect(challenged).toMatchObject({ status: 'pending', number: '95' })
    expect(sent(1)).toEqual({
      path: 'challenge',
      client_id: 'app',
      mfa_token: 'mfa_2f9c1c0a7d',
      challenge_types_supported: 'http://auth0.com/oauth/grant-type/mfa-oob',
      channel_hint: 'push',
    })
    expect((await direct.poll(oobOf(challenged))).status).toBe('tokens')
    expect(sent(3)).toMatchObject({ mfa_token: 'mfa_2f9c1c0a7d', oob_code: 'oob_a1' })
  })

  it('is a code by SMS, with the mfa_token', async () => {
    const { direct, state } = await after({ body: sms }, await scene.server.tokens())
    const challenged = await direct.mfaOob(state, { channel: 'sms' })
    expect((await direct.verify(oobOf(challenged), { code: '604118' })).status).toBe('tokens')
    expect(sent(2)).toEqual({
      path: 'token',
      client_id: 'app',
      scope: 'openid profile',
      grant_type: 'http://auth0.com/oauth/grant-type/mfa-oob',
      mfa_token: 'mfa_2f9c1c0a7d',
      oob_code: 'oob_b2',
      binding_code: '604118',
    })
  })

  it('is a passkey', async () => {
    const { server } = scene
    const body = { publicKey: { challenge: 'AA', rpId: 'id.acme.example' } }
    const { direct, state } = await after({ body }, await server.tokens())
    const challenged = await direct.mfaWebAuthn(state)
    expect(challenged).toMatchObject({ publicKey: { rpId: 'id.acme.example' } })
    const assertion = { authenticatorData: 'YQ', clientDataJSON: 'Yg', signature: 'Yw' }
    const done = await direct.verifyWebAuthn(passkeyOf(challenged), assertion)
    expect(done.status).toBe('tokens')
    expect(sent(2)).toMatchObject({
      grant_type: 'urn:okta:params:oauth:grant-type:mfa-webauthn',
      mfa_token: 'mfa_2f9c1c0a7d',
    })
  })

  it('may be followed by a third, with a token of its own', async () => {
    const { direct, state } = await after(mfaRequired('mfa_second'), await scene.server.tokens())
    const again = await direct.mfaOtp(state, { otp: '482913' })
    expect(again.status).toBe('mfa_required')
    await direct.mfaOtp(stateOf(again), { otp: '111222' })
    expect(sent(2)).toMatchObject({ mfa_token: 'mfa_second' })
  })

  it('may come after a push, and take the place of one that is under way', async () => {
    const { server } = scene
    const started = { ...push, binding_method: 'none' }
    server.say({ body: started }, mfaRequired(), { body: started }, await server.tokens())
    const direct = scene.make()
    const first = await direct.oob({ username: 'ada', channel: 'push' })
    const second = await direct.poll(oobOf(first))
    const other = await direct.mfaOob(stateOf(second), { channel: 'push' })
    expect((await direct.mfaOtp(stateOf(other), { otp: '482913' })).status).toBe('tokens')
  })

  it('can be replaced where the user said no', async () => {
    const rejected = oauthError(400, 'invalid_grant', 'User rejected out-of-band authentication.')
    const { direct, state } = await after({ body: { ...push, binding_method: 'none' } }, rejected)
    const answer = await direct.poll(oobOf(await direct.mfaOob(state, { channel: 'push' })))
    expect(answer).toMatchObject({ code: 'rejected', retry: 'factor' })
    expect(stateOf(answer).isSecond).toBe(true)
  })

  it('cannot come first', async () => {
    scene.server.say({ body: sms })
    const direct = scene.make()
    const started = await direct.oob({ username: 'ada', channel: 'sms' })
    await expect(direct.mfaOtp(stateOf(started), { otp: '123456' })).rejects.toThrow(
      'only where the first one is proven',
    )
  })
})

describe('the client', () => {
  it('proves itself with a fresh assertion for each address', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const key = await exportPKCS8(privateKey)
    scene.server.say({ body: { ...push, binding_method: 'none' } }, pending(), pending())
    const authentication = privateKeyJwt({ key, algorithm: 'ES256' })
    const direct = scene.make({ client: { id: 'app', authentication } })
    const state = oobOf(await direct.oob({ username: 'ada', channel: 'push' }))
    scene.clock.advance(5)
    const next = oobOf(await direct.check(state))
    scene.clock.advance(5)
    await direct.check(next)
    const made = scene.server.calls.map(({ form }) => decodeJwt(form.get('client_assertion') ?? ''))
    expect(made.map(({ aud }) => aud)).toEqual([
      `${scene.server.issuer}/v1/primary-authenticate`,
      `${scene.server.issuer}/v1/token`,
      `${scene.server.issuer}/v1/token`,
    ])
    expect(new Set(made.map(({ jti }) => jti)).size).toBe(3)
  })

  it('proves itself with a secret', async () => {
    scene.server.say(mfaRequired(), mfaRequired())
    await scene.make({ client: { id: 'app', secret: 's' } }).password(ada)
    await scene.make({ client: { id: 'app', authentication: clientSecretPost('s') } }).password(ada)
    expect(scene.server.calls[0]?.headers.authorization).toBe(`Basic ${btoa('app:s')}`)
    expect(sent(1)).toMatchObject({ client_secret: 's' })
  })

  it('repeats scope, acr_values and what it can do at each call', async () => {
    const { server } = scene
    server.say(mfaRequired(), await server.tokens({ acr: 'urn:okta:loa:2fa:any' }))
    const direct = scene.make({ acrValues: ['urn:okta:loa:2fa:any'], factors: ['otp', 'sms'] })
    await direct.mfaOtp(stateOf(await direct.password(ada)), { otp: '123456' })
    const same = {
      scope: 'openid profile',
      acr_values: 'urn:okta:loa:2fa:any',
      grant_types_supported:
        'http://auth0.com/oauth/grant-type/mfa-otp http://auth0.com/oauth/grant-type/mfa-oob',
    }
    expect(sent(0)).toMatchObject(same)
    expect(sent(1)).toMatchObject(same)
  })

  it('takes an issuer with keys of its own, and no other issuer', async () => {
    const { server, clock } = scene
    const issuer = createIssuer({ issuer: server.issuer, now: clock.now })
    server.say(await server.tokens())
    expect((await scene.make({ issuer }).password(ada)).status).toBe('tokens')
    const other = createIssuer({ issuer: 'https://id.example.com' })
    expect(() => scene.make({ issuer: other })).toThrow('direct.issuer is https://id.example.com')
  })
})

describe('tokens', () => {
  it.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another client', { aud: 'other' }],
    ['that have expired', { exp: 1 }],
    ['with another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }],
  ])('are refused with an ID token %s', async (_what, claims) => {
    scene.server.say(await scene.server.tokens(claims))
    await expect(scene.make().password(ada)).rejects.toMatchObject({ code: 'id_token_refused' })
    expect(scene.events.at(-1)?.outcome).toBe('id_token_refused')
  })

  it('of a clock that is ahead are taken within the clockTolerance', async () => {
    const iat = Math.floor(scene.clock.now() / 1000) + 60
    scene.server.say(await scene.server.tokens({ iat, exp: iat + 300 }))
    const tolerant = scene.make({ clockTolerance: 90 })
    expect((await tolerant.password(ada)).status).toBe('tokens')
  })

  it('are refused where the authentication context is not the one that was asked for', async () => {
    scene.server.say(await scene.server.tokens())
    const direct = scene.make({ acrValues: ['phr'] })
    await expect(direct.password(ada)).rejects.toMatchObject({ code: 'login_unmet' })
  })

  it.each([
    ['no ID token', { access_token: 'a', token_type: 'Bearer' }],
    ['no access token', { id_token: 'a.b.c', token_type: 'Bearer', access_token: null }],
  ])('are nonsense with %s', async (_what, body) => {
    scene.server.say({ body })
    await expect(scene.make().password(ada)).rejects.toMatchObject({ code: 'endpoint_failed' })
  })

  it('come without an ID token where openid was not asked for', async () => {
    scene.server.say({ body: { access_token: 'a', token_type: 'Bearer' } })
    const answer = await scene.make({ scope: 'orders:read' }).password(ada)
    expect(answer).toMatchObject({ status: 'tokens', claims: undefined })
  })

  it('are an attestation where only a second factor was asked for', async () => {
    const id_token = await scene.server.idToken({ acr: mfaAttestation })
    scene.server.say({ body: { access_token: null, expires_in: 0, id_token } })
    const direct = scene.make({
      client: { id: 'app', secret: 's' },
      scope: 'openid',
      acrValues: [mfaAttestation],
    })
    const answer = await direct.otp({ username: 'ada', otp: '123456' })
    expect(answer).toMatchObject({ status: 'attested', claims: { acr: mfaAttestation } })
    expect(answer).not.toHaveProperty('tokens')
  })

  it.each([
    [{ scope: 'openid', acrValues: [mfaAttestation] }, 'authenticates'],
    [{ scope: 'openid', acrValues: [mfaAttestation, 'phr'] }, 'stands alone'],
    [{ client: { id: 'a', secret: 's' }, acrValues: [mfaAttestation] }, "scope 'openid' only"],
  ])('are no attestation with %j', (options, text) => {
    expect(() => scene.make(options)).toThrow(text)
  })
})

describe('options', () => {
  it.each([
    [{ scopes: 'openid' }, 'did you mean scope?'],
    [{ server: {} }, 'direct.server must be what okta() made'],
    [{ factors: ['pin'] }, 'direct.factors'],
    [{ secrets: ['short'] }, 'at least 32 characters'],
    [{ client: { id: '' } }, 'direct.client.id'],
    [{ limiter: 'off' }, 'direct.limiter'],
  ])('refuses %j', (options, text) => {
    // What is not in the type comes from JavaScript.
    expect(() => scene.make(options as never)).toThrow(text)
  })

  it('refuses a channel that does not exist', async () => {
    const input = { username: 'ada', channel: 'fax' }
    // What is not in the type comes from JavaScript.
    await expect(scene.make().oob(input as never)).rejects.toThrow('push, sms, voice, email')
  })
})
