import { afterEach, describe, expect, it } from 'vitest'
import { createClock, type Clock } from '../../clock.ts'
import { createOkta, type Okta } from '../create.ts'
import type { OktaOptions } from '../options.ts'

interface Reply {
  readonly status: number
  // The wire is what these tests are about: any member may be looked at.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
  readonly headers: Headers
}

let okta: Okta
let clock: Clock
afterEach(() => okta.close())

const open = async (options: OktaOptions = {}): Promise<void> => {
  clock = createClock()
  okta = await createOkta({ clock, ...options })
}

const send = async (
  method: string,
  address: string,
  body?: object | string,
  headers: Record<string, string> = {},
): Promise<Reply> => {
  const url = address.startsWith('http') ? address : `${okta.url}/api/v1${address}`
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const json = text.startsWith('{') ? (JSON.parse(text) as unknown) : text
  return { status: response.status, body: json, headers: response.headers }
}

const post = (address: string, body: object, headers = {}): Promise<Reply> =>
  send('POST', address, body, headers)

const signIn = (more: object = {}, headers = {}): Promise<Reply> =>
  post('/authn', { username: 'alice@example.com', password: 'password', ...more }, headers)

const go = (from: Reply, link: string, body: object = {}): Promise<Reply> =>
  post(from.body['_links'][link].href, { stateToken: from.body.stateToken, ...body })

const verify = (from: Reply, factorType: string, body: object = {}, provider = 'OKTA') => {
  const factor = from.body['_embedded'].factors.find(
    (one: { factorType: string; provider: string }) =>
      one.factorType === factorType && one.provider === provider,
  )
  return post(factor['_links'].verify.href, { stateToken: from.body.stateToken, ...body })
}

const trusted = { authorization: 'SSWS okta-api-token' }

describe('primary authentication', () => {
  it('gives a session token that becomes a session once', async () => {
    await open()
    const { status, body } = await signIn()
    expect([status, body.status]).toEqual([200, 'SUCCESS'])
    expect(body['_embedded'].user.profile.login).toBe('alice@example.com')
    const session = await post('/sessions', { sessionToken: body.sessionToken })
    expect([session.status, session.body.login]).toEqual([200, 'alice@example.com'])
    const again = await post('/sessions', { sessionToken: body.sessionToken })
    expect([again.status, again.body.errorCode]).toEqual([401, 'E0000004'])
  })

  it('answers a wrong password, an unknown user and a hidden lock-out alike', async () => {
    await open({ users: { alice: {}, dan: { status: 'LOCKED_OUT' } } })
    const replies = await Promise.all([
      signIn({ password: 'wrong' }),
      signIn({ username: 'nobody' }),
      signIn({ username: 'dan' }),
    ])
    expect(replies.map(({ status, body }) => [status, body.errorCode])).toEqual(
      Array.from({ length: 3 }, () => [401, 'E0000004']),
    )
  })

  it.each([
    ['no JSON', '{', 400, 'E0000003'],
    ['no name', '{"password":"x"}', 400, 'E0000001'],
    ['no password', '{"username":"x"}', 400, 'E0000001'],
    ['a state token that there is not', '{"stateToken":"x"}', 401, 'E0000011'],
  ])('refuses %s', async (_what, body, status, errorCode) => {
    await open()
    const reply = await send('POST', '/authn', body)
    expect([reply.status, reply.body.errorCode]).toEqual([status, errorCode])
    expect(reply.body.errorId).toMatch(/^oae/)
  })

  it('refuses an API token that there is not', async () => {
    await open()
    const reply = await signIn({}, { authorization: 'SSWS wrong' })
    expect([reply.status, reply.body.errorCode]).toEqual([401, 'E0000011'])
  })

  it('counts attempts for each user name', async () => {
    await open({ limits: { perUser: 1 } })
    await signIn()
    const reply = await signIn()
    expect([reply.status, reply.body.errorCode]).toEqual([429, 'E0000047'])
    expect(reply.headers.get('x-rate-limit-reset')).toMatch(/^\d{10}$/)
  })

  it('tells of a lock-out where the policy says so, and unlocks', async () => {
    await open({
      users: { alice: { status: 'LOCKED_OUT', factors: ['sms'] } },
      authn: { showLockOuts: true },
    })
    const locked = await signIn()
    expect(locked.body.status).toBe('LOCKED_OUT')
    expect(locked.body.stateToken).toBeUndefined()
    const sent = await post(locked.body['_links'].next.href, {
      username: 'alice@example.com',
      factorType: 'SMS',
    })
    const done = await go(sent, 'next', { passCode: okta.inbox('alice').lastCode('sms') })
    expect(done.body).toMatchObject({ status: 'SUCCESS', recoveryType: 'UNLOCK' })
    expect(done.body.sessionToken).toBeUndefined()
    expect((await signIn()).body.status).toBe('SUCCESS')
  })
})

describe('the state token', () => {
  it('lives for five minutes after each call', async () => {
    await open({ sessionFactors: 2 })
    const first = await signIn()
    clock.advance(290)
    const second = await post('/authn', { stateToken: first.body.stateToken })
    expect(Date.parse(second.body.expiresAt) - Date.parse(first.body.expiresAt)).toBe(290_000)
    clock.advance(290)
    expect((await post('/authn', { stateToken: first.body.stateToken })).status).toBe(200)
    clock.advance(301)
    const late = await post('/authn', { stateToken: first.body.stateToken })
    expect([late.status, late.body.errorCode]).toEqual([401, 'E0000011'])
  })

  it('is worth nothing after a cancel', async () => {
    await open({ sessionFactors: 2 })
    const first = await signIn({ relayState: 'deep' })
    expect((await go(first, 'cancel')).body).toEqual({ relayState: 'deep' })
    expect((await go(first, 'cancel')).status).toBe(401)
  })

  it('goes only where it stands', async () => {
    await open({ sessionFactors: 2 })
    const { body } = await signIn()
    const reply = await post('/authn/skip', { stateToken: body.stateToken })
    expect([reply.status, reply.body.errorCode]).toEqual([403, 'E0000079'])
  })
})

describe('factors', () => {
  it('are listed with their ways on', async () => {
    await open({ sessionFactors: 2 })
    const { body } = await signIn()
    expect(body.status).toBe('MFA_REQUIRED')
    const types = body['_embedded'].factors.map((one: { factorType: string }) => one.factorType)
    expect(types).toEqual([
      'push',
      'token:software:totp',
      'token:software:totp',
      'sms',
      'call',
      'email',
      'question',
    ])
    expect(body['_embedded'].factors[3].profile).toEqual({ phoneNumber: '+1 XXX-XXX-1337' })
  })

  it.each(['sms', 'call', 'email'])('%s: a code is sent and comes back', async (type) => {
    await open({ sessionFactors: 2 })
    const sent = await verify(await signIn(), type)
    expect(sent.body.status).toBe('MFA_CHALLENGE')
    const wrong = await go(sent, 'next', { passCode: '000000x' })
    expect([wrong.status, wrong.body.errorCode]).toEqual([403, 'E0000068'])
    const code = okta.inbox('alice').lastCode()
    expect((await go(sent, 'next', { passCode: code })).body.status).toBe('SUCCESS')
  })

  it.each([
    ['sms', 'E0000109'],
    ['call', 'E0000133'],
  ])('%s: goes out once in 30 seconds', async (type, errorCode) => {
    await open({ sessionFactors: 2 })
    const sent = await verify(await signIn(), type)
    const resend = sent.body['_links'].resend[0].href
    const soon = await post(resend, { stateToken: sent.body.stateToken })
    expect([soon.status, soon.body.errorCode]).toEqual([429, errorCode])
    clock.advance(31)
    const later = await post(resend, { stateToken: sent.body.stateToken })
    expect(later.body.status).toBe('MFA_CHALLENGE')
    expect(okta.inbox('alice').messages).toHaveLength(2)
  })

  it.each([
    ['token:software:totp', 'OKTA', 'totp'],
    ['token:software:totp', 'GOOGLE', 'google_otp'],
    ['token', 'RSA', 'rsa'],
    ['token', 'SYMANTEC', 'symantec'],
    ['token:hardware', 'YUBICO', 'yubikey'],
  ] as const)('%s of %s: a code counts once', async (type, provider, kind) => {
    await open({ sessionFactors: 2, users: { alice: { factors: [kind] } } })
    const passCode = okta.phone('alice').code(kind)
    const done = await verify(await signIn(), type, { passCode }, provider)
    expect(done.body.status).toBe('SUCCESS')
    const again = await verify(await signIn(), type, { passCode }, provider)
    expect([again.status, again.body.errorCode]).toEqual([403, 'E0000082'])
  })

  it('question: an answer, in any case', async () => {
    await open({ sessionFactors: 2 })
    const first = await signIn()
    const wrong = await verify(first, 'question', { answer: 'red' })
    expect([wrong.status, wrong.body.errorCode]).toEqual([403, 'E0000068'])
    expect((await verify(first, 'question', { answer: 'BLUE' })).body.status).toBe('SUCCESS')
  })

  it('push: waits, is refused, is asked again, is granted', async () => {
    await open({ sessionFactors: 2, numberChallenge: true })
    const waiting = await verify(await signIn(), 'push')
    expect(waiting.body).toMatchObject({ status: 'MFA_CHALLENGE', factorResult: 'WAITING' })
    expect(waiting.body['_links'].next.name).toBe('poll')
    expect(waiting.body['_embedded'].factor['_embedded']).toBeUndefined()
    const polled = await go(waiting, 'next')
    const { correctAnswer } = polled.body['_embedded'].factor['_embedded'].challenge
    expect(String(correctAnswer)).toBe(okta.phone('alice').prompts[0]?.number)
    okta.phone('alice').reject()
    const refused = await go(waiting, 'next')
    expect([refused.body.factorResult, refused.body['_links'].next.name]).toEqual([
      'REJECTED',
      'verify',
    ])
    const second = await go(refused, 'next')
    expect(second.body.factorResult).toBe('WAITING')
    okta.phone('alice').approve()
    expect((await go(second, 'next')).body.status).toBe('SUCCESS')
  })

  it('push: times out', async () => {
    await open({ sessionFactors: 2 })
    const waiting = await verify(await signIn(), 'push')
    clock.advance(200)
    await go(waiting, 'next')
    clock.advance(200)
    expect((await go(waiting, 'next')).body.factorResult).toBe('TIMEOUT')
  })

  it('web: Duo tells that its user has agreed', async () => {
    await open({ sessionFactors: 2, users: { alice: { factors: ['duo'] } } })
    const waiting = await verify(await signIn(), 'web', {}, 'DUO')
    const { verification } = waiting.body['_embedded'].factor['_embedded']
    expect(verification).toMatchObject({ factorResult: 'WAITING', host: expect.any(String) })
    await fetch(verification['_links'].complete.href, {
      method: 'POST',
      body: new URLSearchParams({
        stateToken: waiting.body.stateToken,
        sig_response: 'AUTH|signed',
      }),
    })
    expect((await go(waiting, 'next')).body.status).toBe('SUCCESS')
  })

  it('lock the user out after enough wrong codes', async () => {
    await open({ sessionFactors: 2, limits: { lockOutAfter: 2 } })
    const first = await signIn()
    await verify(first, 'question', { answer: 'red' })
    const locked = await verify(first, 'question', { answer: 'green' })
    expect([locked.status, locked.body.errorCode]).toEqual([403, 'E0000069'])
  })

  it('are left again by previous', async () => {
    await open({ sessionFactors: 2 })
    const sent = await verify(await signIn(), 'sms')
    expect((await go(sent, 'prev')).body.status).toBe('MFA_REQUIRED')
  })

  it('need not be proven on a device that is remembered', async () => {
    await open({ sessionFactors: 2 })
    const context = { context: { deviceToken: 'device-1' } }
    const first = await signIn(context, trusted)
    const { href } = first.body['_embedded'].factors.at(-1)['_links'].verify
    const done = await post(`${href}?rememberDevice=true`, {
      stateToken: first.body.stateToken,
      answer: 'blue',
    })
    expect(done.body.status).toBe('SUCCESS')
    expect((await signIn(context, trusted)).body.status).toBe('SUCCESS')
    expect((await signIn(context)).body.status).toBe('MFA_REQUIRED')
  })
})

describe('enrollment', () => {
  const enroll = (from: Reply, factorType: string, provider: string, more: object = {}) =>
    post('/authn/factors', { stateToken: from.body.stateToken, factorType, provider, ...more })

  it('is asked for where a second factor is wanted and there is none', async () => {
    await open({ sessionFactors: 2 })
    const first = await signIn({ username: 'carol@example.com' })
    expect(first.body.status).toBe('MFA_ENROLL')
    expect(first.body['_links'].skip).toBeUndefined()
    const sent = await enroll(first, 'sms', 'OKTA', { profile: { phoneNumber: '+14155550100' } })
    expect(sent.body.status).toBe('MFA_ENROLL_ACTIVATE')
    const wrong = await go(sent, 'next', { passCode: 'wrong' })
    expect([wrong.status, wrong.body.errorCode]).toEqual([403, 'E0000068'])
    const code = okta.inbox('carol').lastCode('sms')
    expect((await go(sent, 'next', { passCode: code })).body.status).toBe('SUCCESS')
    expect((await signIn({ username: 'carol@example.com' })).body.status).toBe('MFA_REQUIRED')
  })

  it('of a code generator shows its key', async () => {
    await open({ sessionFactors: 2 })
    const first = await signIn({ username: 'carol@example.com' })
    const begun = await enroll(first, 'token:software:totp', 'GOOGLE')
    const { activation } = begun.body['_embedded'].factor['_embedded']
    expect(activation).toMatchObject({ encoding: 'base32', timeStep: 30 })
    const passCode = okta.phone('carol').code('google_otp')
    expect((await go(begun, 'next', { passCode })).body.status).toBe('SUCCESS')
  })

  it('of a push is polled for', async () => {
    await open({ sessionFactors: 2 })
    const begun = await enroll(await signIn({ username: 'carol@example.com' }), 'push', 'OKTA')
    expect(begun.body['_links'].next.name).toBe('poll')
    expect((await go(begun, 'next')).body.status).toBe('MFA_ENROLL_ACTIVATE')
    okta.phone('carol').approve()
    expect((await go(begun, 'next')).body.status).toBe('SUCCESS')
  })

  it('is forgotten by previous', async () => {
    await open({ sessionFactors: 2 })
    const begun = await enroll(await signIn({ username: 'carol@example.com' }), 'push', 'OKTA')
    expect((await go(begun, 'prev')).body.status).toBe('MFA_ENROLL')
    expect(okta.user('carol').factors.map(({ kind }) => kind)).toEqual(['password'])
  })

  it('of more is offered to whoever asks, and can be skipped', async () => {
    await open()
    const options = { multiOptionalFactorEnroll: true }
    const first = await signIn({ username: 'bob@example.com', options })
    expect(first.body.status).toBe('MFA_ENROLL')
    expect((await go(first, 'skip')).body.status).toBe('SUCCESS')
  })
})
