import { inspect } from 'node:util'
import { assert, property, string } from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDirectScene, type DirectScene } from '../../../../test/support/direct-scene.ts'
import { passkeyOf, stateOf } from '../../../../test/support/direct-world.ts'
import { mfaRequired, oauthError, pending } from '../../../../test/support/scripted-okta.ts'
import { clientSecretBasic, clientSecretJwt, clientSecretPost } from '@portcullis/core'
import { okta } from '../servers.ts'
import { limitAttempts } from './attempts.ts'
import { createDirectAuthentication } from './create.ts'
import { readAssertion, readCode, readOtp, readPassword, readUsername } from './input.ts'

let scene: DirectScene
beforeEach(async () => {
  scene = await createDirectScene()
})
afterEach(() => scene.server.close())

const wrong = () => oauthError(400, 'invalid_grant', 'The credentials provided were invalid.')
const ada = { username: 'ada', password: 'hunter2-of-ada' }

describe('before anything is sent', () => {
  it.each([
    ['username', { username: ' ', password: 'p' }],
    ['username', { username: 'a\nb', password: 'p' }],
    ['username', { username: 'x'.repeat(321), password: 'p' }],
    ['username', { username: 7, password: 'p' }],
    ['password', { username: 'ada', password: '' }],
    ['password', { username: 'ada', password: 'p'.repeat(513) }],
    ['password', { username: 'ada', password: 'a\u0000b' }],
    ['password', { username: 'ada' }],
  ])('a %s that cannot be right is refused: %j', async (field, input) => {
    // What is not in the type comes from a form.
    const answer = await scene.make().password(input as never)
    expect(answer).toMatchObject({ code: 'input_refused', field, retry: 'input' })
    expect(scene.server.calls).toEqual([])
    expect(scene.events).toMatchObject([{ outcome: 'input_refused' }])
  })

  it.each([
    '12345',
    '123456789',
    '12345678901',
    '12345a',
    '１２３４５６',
    '',
    `${' '.repeat(60)}123456`,
  ])('the one-time password %j is refused', async (otp) => {
    const answer = await scene.make().otp({ username: 'ada', otp })
    expect(answer).toMatchObject({ code: 'input_refused', field: 'otp' })
    expect(scene.server.calls).toEqual([])
  })

  it.each(['123456', '123 456', '12345678', '1234567890'])('%j may be one', (otp) => {
    expect(readOtp(otp)).toBe(otp.replace(' ', ''))
  })

  it('costs no attempt', async () => {
    const direct = scene.make()
    for (let time = 0; time < 9; time += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      await direct.otp({ username: 'ada', otp: 'x' })
    }
    scene.server.say(await scene.server.tokens())
    expect((await direct.otp({ username: 'ada', otp: '123456' })).status).toBe('tokens')
  })

  it('whatever passes is printable and goes as it is', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect([undefined, text.trim()]).toContain(readUsername(text))
        expect([undefined, text]).toContain(readPassword(text))
        for (const passed of [readCode(text), readOtp(text)]) {
          expect(passed ?? 'none').toMatch(/^[A-Za-z\d]{4,12}$/)
        }
      }),
    )
  })

  it.each([
    undefined,
    {},
    { authenticatorData: 'YQ', clientDataJSON: 'Yg' },
    { authenticatorData: 'YQ', clientDataJSON: 'Yg', signature: 'Y+w=' },
    { authenticatorData: 'YQ', clientDataJSON: 'Yg', signature: 'Yw', userHandle: '#' },
  ])('the assertion %j is refused', (assertion) => {
    expect(readAssertion(assertion)).toBeUndefined()
  })

  it('an assertion without a user handle is one', () => {
    const made = { authenticatorData: 'YQ', clientDataJSON: 'Yg', signature: 'Yw' }
    expect(readAssertion({ ...made, userHandle: null, extra: 1 })).toEqual(made)
    expect(readAssertion({ ...made, userHandle: 'AA' })).toEqual({ ...made, userHandle: 'AA' })
  })
})

describe('the limit', () => {
  it('holds under 100 guesses at once: no more reach Okta', async () => {
    scene.server.otherwise(wrong)
    const direct = scene.make()
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        index % 2 ? direct.password(ada) : direct.otp({ username: 'ADA', otp: '123456' }),
      ),
    )
    expect(scene.server.calls.length).toBe(5)
    const refused = answers.filter(
      (answer) => 'code' in answer && answer.code === 'attempts_exhausted',
    )
    expect(refused.length).toBe(95)
    expect(refused[0]).toMatchObject({ retry: 'later', retryAfter: 900, field: 'username' })
  })

  it('holds for one address over many users', async () => {
    scene.server.otherwise(wrong)
    const limiter = limitAttempts({ perAddress: { attempts: 7, seconds: 60 } })
    const direct = scene.make({ limiter })
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        direct.password({ ...ada, username: `user${index}` }, { address: '192.0.2.1' }),
      ),
    )
    expect(scene.server.calls.length).toBe(7)
  })

  it('is not lifted by a password that is right while the code is guessed', async () => {
    scene.server.otherwise(({ form }) =>
      form.get('grant_type') === 'password' ? mfaRequired() : wrong(),
    )
    const direct = scene.make()
    let guesses = 0
    for (let time = 0; time < 20; time += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      const first = await direct.password(ada)
      if (first.status !== 'mfa_required') continue
      // oxlint-disable-next-line no-await-in-loop
      const second = await direct.mfaOtp(first.state, { otp: '123456' })
      if (second.status === 'failed' && second.code === 'code_wrong') guesses += 1
    }
    expect(guesses).toBe(5)
  })

  it('ends by the clock of the application', async () => {
    scene.server.otherwise(wrong)
    const direct = scene.make()
    const guess = () => Promise.all(Array.from({ length: 9 }, () => direct.password(ada)))
    await guess()
    scene.clock.advance(901)
    await guess()
    expect(scene.server.calls.length).toBe(10)
  })

  it('is lifted by a sign-in', async () => {
    const direct = scene.make()
    for (let time = 0; time < 3; time += 1) {
      scene.server.say(wrong(), wrong(), wrong(), wrong())
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      scene.server.say(await scene.server.tokens())
      for (let guess = 0; guess < 4; guess += 1) {
        // oxlint-disable-next-line no-await-in-loop
        await direct.password(ada)
      }
      // oxlint-disable-next-line no-await-in-loop
      expect((await direct.password(ada)).status).toBe('tokens')
    }
  })

  it('holds for prompts, so that nobody is worn down by pushes', async () => {
    const body = { oob_code: 'o', binding_method: 'none' }
    scene.server.otherwise(() => ({ body }))
    const direct = scene.make()
    const all = Array.from({ length: 20 }, () => direct.oob({ username: 'ada', channel: 'push' }))
    const answers = await Promise.all(all)
    expect(answers.filter(({ status }) => status === 'pending').length).toBe(5)
  })

  it('does not take those whom a passkey has named for one and the same user', async () => {
    const direct = scene.make()
    const sms = { oob_code: 'o', binding_method: 'prompt' }
    const signed = { authenticatorData: 'YQ', clientDataJSON: 'Yg', signature: 'Yw' }
    for (let time = 0; time < 6; time += 1) {
      scene.server.say({ body: { publicKey: { challenge: 'AA' } } }, mfaRequired(), { body: sms })
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      const asked = passkeyOf(await direct.webAuthn())
      // oxlint-disable-next-line no-await-in-loop
      const first = stateOf(await direct.verifyWebAuthn(asked, signed))
      // oxlint-disable-next-line no-await-in-loop
      expect((await direct.mfaOob(first, { channel: 'sms' })).status).toBe('pending')
    }
    expect(scene.events.at(-1)?.username).toBeUndefined()
  })

  it('says no where its store does not answer', async () => {
    const down = () => Promise.reject(new Error('the store is down'))
    const limiter = limitAttempts({ store: { take: down, giveBack: down, clear: down } })
    await expect(scene.make({ limiter }).password(ada)).rejects.toThrow('the store is down')
    expect(scene.server.calls).toEqual([])
  })

  it('loses no tokens where its store fails after they came', async () => {
    const down = () => Promise.reject(new Error('the store is down'))
    const limiter = limitAttempts({
      store: { take: () => ({ id: '1' }), giveBack: down, clear: down },
    })
    scene.server.say(await scene.server.tokens())
    expect((await scene.make({ limiter }).password(ada)).status).toBe('tokens')
  })
})

describe("Okta's limit", () => {
  const limited = (seconds: number) => ({
    status: 429,
    headers: { 'x-rate-limit-reset': String(Math.round(scene.clock.now() / 1000) + seconds) },
    body: { errorCode: 'E0000047', errorSummary: 'API call exceeded rate limit.' },
  })

  it('of the org is waited for by everybody, and asked again afterwards', async () => {
    const direct = scene.make({ limiter: 'none' })
    scene.server.say(limited(30))
    expect(await direct.password(ada)).toMatchObject({ code: 'rate_limited' })
    const held = await direct.password({ ...ada, username: 'bob' })
    expect(held).toMatchObject({ code: 'rate_limited', retry: 'later' })
    expect(scene.server.calls.length).toBe(1)
    scene.clock.advance(31)
    scene.server.say(await scene.server.tokens())
    expect((await direct.password(ada)).status).toBe('tokens')
  })

  it('of one user is told, and nobody else waits', async () => {
    const direct = scene.make({ limiter: 'none' })
    const error = { error: 'invalid_grant', error_description: 'API call exceeded rate limit' }
    scene.server.say({ status: 429, headers: { 'retry-after': '7' }, body: error })
    expect(await direct.password(ada)).toMatchObject({ code: 'rate_limited', retryAfter: 7 })
    scene.server.say(await scene.server.tokens())
    expect((await direct.password({ ...ada, username: 'bob' })).status).toBe('tokens')
  })

  it('of one user is not that of the org in its envelope either', async () => {
    const direct = scene.make({ limiter: 'none' })
    const { headers, ...rest } = limited(30)
    scene.server.say({ ...rest, headers: { ...headers, 'x-rate-limit-remaining': '250' } })
    expect(await direct.password(ada)).toMatchObject({ code: 'rate_limited' })
    scene.server.say(await scene.server.tokens())
    expect((await direct.password({ ...ada, username: 'bob' })).status).toBe('tokens')
  })

  it.each(['guess', 'prompt'] as const)('costs no attempt: a %s was not tried', async (kind) => {
    const direct = scene.make()
    const act = () =>
      kind === 'guess' ? direct.password(ada) : direct.oob({ username: 'ada', channel: 'push' })
    scene.server.say(limited(30))
    for (let time = 0; time < 9; time += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      expect(await act()).toMatchObject({ code: 'rate_limited' })
    }
    scene.clock.advance(31)
    const prompt = { body: { oob_code: 'o', binding_method: 'none' } }
    scene.server.say(kind === 'guess' ? await scene.server.tokens() : prompt)
    expect((await act()).status).not.toBe('failed')
  })

  it('of a wrong clock keeps nobody out for more than a minute', async () => {
    const direct = scene.make({ limiter: 'none' })
    scene.server.say(limited(100_000))
    expect(await direct.password(ada)).toMatchObject({ retryAfter: 3600 })
    scene.clock.advance(61)
    scene.server.say(await scene.server.tokens())
    expect((await direct.password(ada)).status).toBe('tokens')
  })
})

describe('the log', () => {
  it('has every attempt: who, what, how it ended, and the request', async () => {
    scene.server.say(mfaRequired(), wrong(), await scene.server.tokens())
    const direct = scene.make()
    const first = await direct.password(ada, { address: '192.0.2.1' })
    if (first.status !== 'mfa_required') throw new Error(first.status)
    await direct.mfaOtp(first.state, { otp: '482913' }, { address: '192.0.2.1' })
    await direct.mfaOtp(first.state, { otp: '482914' }, { address: '192.0.2.1' })
    const same = { username: 'ada', address: '192.0.2.1', client: 'app', act: 'verify' }
    expect(scene.events).toMatchObject([
      { ...same, factor: 'password', step: 'first', outcome: 'mfa_required', requestId: 'req-1' },
      { ...same, factor: 'otp', step: 'second', outcome: 'code_wrong', requestId: 'req-2' },
      { ...same, factor: 'otp', step: 'second', outcome: 'tokens', requestId: 'req-3' },
    ])
  })

  it('has an attempt that nobody waited for: Okta may have seen it', async () => {
    const controller = new AbortController()
    const fetch = () => {
      controller.abort(new Error('the browser went away'))
      return new Promise<Response>(() => undefined)
    }
    const { signal } = controller
    await expect(scene.make({ fetch }).password(ada, { signal })).rejects.toThrow('went away')
    expect(scene.events).toMatchObject([{ factor: 'password', outcome: 'aborted' }])
  })

  it('has no say', async () => {
    scene.server.say(await scene.server.tokens())
    const observe = () => {
      throw new Error('the log is full')
    }
    expect((await scene.make({ observe }).password(ada)).status).toBe('tokens')
  })
})

describe('secrets', () => {
  const secrets = ['hunter2-of-ada', '482913', '604118', 'mfa_2f9c1c0a7d', 'oob_secret']
  const holdsNone = (value: unknown) => {
    const text = inspect(value, { depth: 20, showHidden: true }) + JSON.stringify(value)
    for (const secret of secrets) expect(text).not.toContain(secret)
  }

  it('stand in no state, no failure and no event', async () => {
    const body = { oob_code: 'oob_secret', binding_method: 'prompt', channel: 'sms' }
    const echo = (words: string) => oauthError(400, 'invalid_grant', `Wrong: ${words}`)
    scene.server.say(echo('hunter2-of-ada'), mfaRequired(), { body })
    scene.server.say(echo('604118, oob_secret, mfa_2f9c1c0a7d'), echo('482913'))
    const direct = scene.make()
    const failed = await direct.password(ada)
    const first = await direct.password(ada)
    if (first.status !== 'mfa_required') throw new Error(first.status)
    const second = await direct.mfaOob(first.state, { channel: 'sms' })
    if (second.status !== 'pending') throw new Error(second.status)
    const third = await direct.verify(second.state, { code: '604118' })
    const fourth = await direct.mfaOtp(second.state, { otp: '482913' })
    holdsNone([failed, first, second, third, fourth, direct, scene.events])
    expect(fourth).toMatchObject({ description: 'Wrong: [removed]' })
  })

  it('stand in no error of a fetch that holds the request', async () => {
    const fetch = (_url: unknown, init?: RequestInit): Promise<Response> => {
      const body = String(init?.body instanceof URLSearchParams ? init.body : '')
      return Promise.reject(
        Object.assign(new Error(`refused: ${body}`), { init: { ...init, body } }),
      )
    }
    const error: unknown = await scene
      .make({ fetch })
      .password(ada)
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: 'Outage' })
    holdsNone(error)
    expect(String(error)).toContain('password=[removed]')
  })

  it.each([
    ['its secret in a field', clientSecretBasic('client-secret-of-app')],
    ['its secret in the form', clientSecretPost('client-secret-of-app')],
    ['an assertion', clientSecretJwt('client-secret-of-app-of-32-letters')],
  ])('of the client stand in no error either: %s', async (_what, authentication) => {
    let proof = ''
    const fetch = (_url: unknown, init?: RequestInit): Promise<Response> => {
      const form = new URLSearchParams(String(init?.body instanceof URLSearchParams && init.body))
      const credential = new Headers(init?.headers).get('authorization')?.split(' ')[1]
      proof = form.get('client_secret') ?? form.get('client_assertion') ?? credential ?? ''
      return Promise.reject(new Error(`refused: ${proof}`))
    }
    const direct = scene.make({ fetch, client: { id: 'app', authentication } })
    const error: unknown = await direct.password(ada).catch((caught: unknown) => caught)
    expect(proof.length).toBeGreaterThan(10)
    expect(error).toMatchObject({ name: 'Outage' })
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(proof)
    expect(String(error)).toContain('refused: [removed]')
  })

  it('stand in no error of nonsense', async () => {
    scene.server.say(oauthError(500, 'server_error', 'hunter2-of-ada'))
    const error: unknown = await scene
      .make()
      .password(ada)
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: 'Outage' })
    holdsNone(error)
  })
})

describe('a sealed state', () => {
  const second = async () => {
    scene.server.say(mfaRequired())
    const direct = scene.make()
    const answer = await direct.password(ada)
    if (answer.status !== 'mfa_required') throw new Error(answer.status)
    return { direct, sealed: direct.sealState(answer.state) }
  }

  it('goes on in another process, and shows nothing', async () => {
    const { sealed } = await second()
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toMatch(/mfa_|ada/)
    const direct = scene.make()
    const state = direct.openState(sealed)
    if (state === undefined) throw new Error('it does not open')
    expect(state).toMatchObject({ kind: 'mfa', username: 'ada' })
    scene.server.say(await scene.server.tokens())
    expect((await direct.mfaOtp(state, { otp: '482913' })).status).toBe('tokens')
    expect(scene.server.calls.at(-1)?.form.get('mfa_token')).toBe('mfa_2f9c1c0a7d')
  })

  it('goes on polling where it was', async () => {
    const body = { oob_code: 'o', interval: 5, binding_method: 'transfer', binding_code: '73' }
    scene.server.say({ body }, oauthError(400, 'slow_down'), pending())
    const direct = scene.make()
    const started = await direct.oob({ username: 'ada', channel: 'push' })
    if (started.status !== 'pending') throw new Error(started.status)
    scene.clock.advance(5)
    const slower = await direct.check(started.state)
    if (slower.status !== 'pending') throw new Error(slower.status)
    const opened = scene.make().openState(direct.sealState(slower.state))
    expect(opened).toEqual(slower.state)
    expect(opened).toMatchObject({ number: '73', interval: 10 })
  })

  it('opens for no other client, server or secret, and not when it was changed', async () => {
    const { sealed, direct } = await second()
    const last = sealed.endsWith('A') ? 'B' : 'A'
    expect(scene.make({ client: { id: 'other' } }).openState(sealed)).toBeUndefined()
    expect(scene.make({ secrets: ['x'.repeat(32)] }).openState(sealed)).toBeUndefined()
    expect(direct.openState(`${sealed.slice(0, -1)}${last}`)).toBeUndefined()
    expect(direct.openState('')).toBeUndefined()
  })

  it('opens with an old secret', async () => {
    const { sealed } = await second()
    const { sealingSecret } = await import('../../../../test/support/direct-scene.ts')
    const direct = scene.make({ secrets: ['y'.repeat(32), sealingSecret] })
    expect(direct.openState(sealed)).toBeDefined()
  })

  it('has its time', async () => {
    const { sealed, direct } = await second()
    scene.clock.advance(901)
    expect(direct.openState(sealed)).toBeUndefined()
  })

  it('needs a secret', () => {
    const direct = createDirectAuthentication({
      server: okta({ domain: 'acme.okta.com' }),
      client: { id: 'app' },
    })
    expect(() => direct.openState('x')).toThrow('direct.secrets is missing')
  })

  it('is the only way for a state to leave: a copy holds nothing', async () => {
    const { direct, sealed } = await second()
    const state = direct.openState(sealed)
    if (state === undefined) throw new Error('it does not open')
    await expect(direct.mfaOtp({ ...state }, { otp: '123456' })).rejects.toThrow('openState()')
    await expect(scene.make().mfaOtp(state, { otp: '123456' })).rejects.toThrow('openState()')
  })
})
