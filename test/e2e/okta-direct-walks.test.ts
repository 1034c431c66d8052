import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'
import { createGuard } from '@portcullis/core'
import {
  apiIssuer,
  okta,
  oktaAcr,
  type DirectAnswer,
  type WebAuthnAssertion,
} from '@portcullis/okta'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  alice,
  createDirectWorld,
  oobOf,
  passkeyOf,
  stateOf,
  type DirectWorld,
} from '../support/direct-world.ts'

let world: DirectWorld
beforeAll(async () => {
  world = await createDirectWorld()
})
afterAll(() => world.org.close())
afterEach(() => {
  world.org.app('native').signOn = 'one-factor'
  world.org.settings.numberChallenge = false
  world.org.phone('alice').always(undefined)
  // A code of the generator counts once: the next test needs another.
  world.clock.advance(60)
})

const login = { username: alice.username }

describe.each(['default', 'org'])('at the server %s', (at) => {
  it('one-time password (§4.5)', async () => {
    const otp = world.org.phone('alice').code('google_otp')
    const answer = await world.make({ at }).otp({ ...login, otp })
    expect(answer).toMatchObject({ status: 'tokens', claims: { sub: world.org.user('alice').id } })
  })

  it('push (§4.6)', async () => {
    const direct = world.make({ at })
    const started = await direct.oob({ ...login, channel: 'push' })
    expect(started).toMatchObject({ binding: 'none' })
    const answer = await direct.poll(oobOf(started), {
      onProgress: ({ polls }) => {
        if (polls === 2) world.org.phone('alice').approve()
      },
    })
    expect(answer).toMatchObject({ status: 'tokens', claims: { amr: ['swk'] } })
  })

  it('push with a number (§4.6)', async () => {
    world.org.settings.numberChallenge = true
    const direct = world.make({ at })
    const started = await direct.oob({ ...login, channel: 'push' })
    if (started.status !== 'pending') throw new Error(started.status)
    expect(started.binding).toBe('transfer')
    world.org.phone('alice').tap(started.number ?? '')
    expect((await direct.poll(started.state)).status).toBe('tokens')
  })

  it.each(['sms', 'voice', 'email'] as const)('code by %s (§4.6)', async (channel) => {
    const direct = world.make({ at })
    const started = await direct.oob({ ...login, channel })
    expect(started).toMatchObject({ binding: 'prompt' })
    const code = world.org.inbox('alice').lastCode(channel)
    expect((await direct.verify(oobOf(started), { code })).status).toBe('tokens')
  })

  it('password (§4.7)', async () => {
    expect((await world.make({ at }).password(alice)).status).toBe('tokens')
  })

  it('password, then one-time password (§4.8)', async () => {
    world.org.app('native').signOn = 'two-factors'
    const direct = world.make({ at })
    const state = stateOf(await direct.password(alice))
    const otp = world.org.phone('alice').code()
    const answer = await direct.mfaOtp(state, { otp })
    expect(answer).toMatchObject({ status: 'tokens', claims: { amr: ['pwd', 'otp', 'mfa'] } })
  })

  it('password, then push with a number, in two processes (§4.8)', async () => {
    world.org.app('native').signOn = 'two-factors'
    world.org.settings.numberChallenge = true
    const first = world.make({ at })
    const sealed = first.sealState(stateOf(await first.password(alice)))
    const second = world.make({ at })
    const opened = second.openState(sealed)
    if (opened === undefined) throw new Error('it does not open')
    const started = await second.mfaOob(opened, { channel: 'push' })
    if (started.status !== 'pending') throw new Error(started.status)
    world.org.phone('alice').tap(started.number ?? '')
    expect((await second.poll(started.state)).status).toBe('tokens')
  })

  it.each(['sms', 'voice', 'email'] as const)(
    'password, then code by %s (§4.8)',
    async (channel) => {
      world.org.app('native').signOn = 'two-factors'
      const direct = world.make({ at })
      const state = stateOf(await direct.password(alice))
      const started = oobOf(await direct.mfaOob(state, { channel }))
      const code = world.org.inbox('alice').lastCode(channel)
      expect((await direct.verify(started, { code })).status).toBe('tokens')
    },
  )

  it('one-time password, then SMS, then push: three factors, in any order (§4.4)', async () => {
    world.org.app('native').signOn = 'three-factors'
    const direct = world.make({ at })
    const first = await direct.otp({ ...login, otp: world.org.phone('alice').code() })
    const sms = oobOf(await direct.mfaOob(stateOf(first), { channel: 'sms' }))
    const second = await direct.verify(sms, { code: world.org.inbox('alice').lastCode('sms') })
    expect(second.status).toBe('mfa_required')
    world.org.phone('alice').always('approve')
    const push = oobOf(await direct.mfaOob(stateOf(second), { channel: 'push' }))
    expect((await direct.poll(push)).status).toBe('tokens')
  })
})

describe('a passkey (§4.8)', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const dora = { username: 'dora@example.com', password: 'password' }
  let passkeys: DirectWorld
  beforeAll(async () => {
    const credentials = [{ id: 'Y3JlZC1pZA', publicKey: publicKey.export({ format: 'jwk' }) }]
    passkeys = await createDirectWorld({
      users: { dora: { factors: ['webauthn'], credentials } },
    })
  })
  afterAll(() => passkeys.org.close())

  // What a browser's authenticator does with the options.
  const sign = (answer: DirectAnswer, user = ''): WebAuthnAssertion => {
    if (answer.status !== 'webauthn') throw new Error(answer.status)
    expect(answer.publicKey['rpId']).toBe('127.0.0.1')
    const { challenge } = answer.publicKey
    const data = Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge }))
    const authenticatorData = randomBytes(37)
    const hash = createHash('sha256').update(data).digest()
    const signature = createSign('sha256')
      .update(Buffer.concat([authenticatorData, hash]))
      .sign(privateKey)
    return {
      authenticatorData: authenticatorData.toString('base64url'),
      clientDataJSON: data.toString('base64url'),
      signature: signature.toString('base64url'),
      ...(user !== '' && { userHandle: Buffer.from(user).toString('base64url') }),
    }
  }

  it('signs in alone, and says who it is', async () => {
    const direct = passkeys.make()
    const started = await direct.webAuthn()
    const assertion = sign(started, passkeys.org.user('dora').id)
    const answer = await direct.verifyWebAuthn(passkeyOf(started), assertion)
    expect(answer).toMatchObject({ status: 'tokens', claims: { amr: ['hwk'] } })
  })

  it('signs in after a password, and a wrong signature asks for another challenge', async () => {
    passkeys.org.app('native').signOn = 'two-factors'
    const direct = passkeys.make({ factors: ['webauthn'] })
    const first = await direct.password(dora)
    expect(first).toMatchObject({ status: 'mfa_required', next: ['webauthn'] })
    const started = await direct.mfaWebAuthn(stateOf(first))
    const bad = { ...sign(started), authenticatorData: 'AAAA' }
    const missed = await direct.verifyWebAuthn(passkeyOf(started), bad)
    expect(missed).toMatchObject({ code: 'assertion_wrong', retry: 'factor' })
    const again = await direct.mfaWebAuthn(stateOf(missed))
    expect((await direct.verifyWebAuthn(passkeyOf(again), sign(again))).status).toBe('tokens')
  })
})

it('asks for an authentication context, and gets a second factor and the context', async () => {
  const direct = world.make({ acrValues: [oktaAcr.twoFactors] })
  const first = await direct.password(alice)
  expect(first.status).toBe('mfa_required')
  const answer = await direct.mfaOtp(stateOf(first), { otp: world.org.phone('alice').code() })
  expect(answer).toMatchObject({ status: 'tokens', claims: { acr: oktaAcr.twoFactors } })
})

it('signs in a confidential client', async () => {
  const confidential = await createDirectWorld({
    apps: { desk: { applicationType: 'native', authentication: 'client_secret_basic' } },
  })
  try {
    expect((await confidential.make({ app: 'desk' }).password(alice)).status).toBe('tokens')
  } finally {
    await confidential.org.close()
  }
})

it('gets an access token that a guard of an API takes', async () => {
  const answer = await world.make({ scope: 'openid orders:read' }).password(alice)
  if (answer.status !== 'tokens') throw new Error(answer.status)
  const server = okta({ domain: world.org.url, authorizationServer: 'default' })
  const { now } = world.clock
  const guard = createGuard({ issuer: apiIssuer(server), audience: 'api://default', now })
  const verdict = await guard.check({
    method: 'GET',
    url: 'https://api.example.com/orders',
    header: (name) =>
      name === 'authorization' ? `Bearer ${answer.tokens.accessToken}` : undefined,
    form: () => Promise.resolve(new URLSearchParams()),
  })
  expect(verdict).toMatchObject({ granted: true })
})

it('has met nothing that the emulator did not expect', () => {
  expect(world.org.errors).toEqual([])
})
