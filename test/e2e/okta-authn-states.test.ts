import { ConfigurationError, Outage } from '@portcullis/core'
import {
  createAuthn,
  limitAttempts,
  okta,
  type AuthnAnswer,
  type AuthnStep,
} from '@portcullis/okta'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  at,
  createAuthnWorld,
  factor,
  kind,
  login,
  type AuthnWorld,
} from '../support/authn-world.ts'

const redirectUri = 'http://127.0.0.1:9/callback'
let world: AuthnWorld
beforeAll(async () => {
  world = await createAuthnWorld({
    trustedOrigins: ['https://app.example.com'],
    users: {
      alice: { factors: ['question', 'sms', 'voice'] },
      bob: { factors: ['sms'] },
      warned: { status: 'PASSWORD_WARN' },
      expired: { status: 'PASSWORD_EXPIRED' },
      locked: { status: 'LOCKED_OUT', factors: ['question', 'sms'] },
      mailed: {},
      activated: {},
    },
  })
})
afterAll(() => world.org.close())
afterEach(() => {
  world.org.faults.clear()
  world.org.settings.sessionFactors = 1
  world.org.authn.settings.showLockOuts = false
  world.clock.advance(120)
})

const signIn = (name: string): Promise<AuthnAnswer> => world.make().signIn(login(name))

describe('every state (§5.2)', () => {
  it('SUCCESS, found by what okta() made', async () => {
    const authn = createAuthn({ okta: okta({ domain: world.org.url }), now: world.clock.now })
    const input = { ...login('alice'), relayState: 'deep' }
    const step = at(await authn.signIn(input), 'SUCCESS')
    expect(step).toMatchObject({
      hasSessionToken: true,
      relayState: 'deep',
      user: { login: 'alice@example.com', id: world.org.user('alice').id },
    })
  })

  it('UNAUTHENTICATED: a step-up, which ends where it began', async () => {
    const original = `${world.org.url}/app/orders`
    const stateToken = world.org.authn.stepUp(original)
    const step = at(await world.make().resume({ stateToken }), 'UNAUTHENTICATED')
    expect(at(await step.signIn({ ...login('alice'), password: 'x' }), 'failed').code).toBe(
      'credentials_wrong',
    )
    const done = at(await step.signIn(login('alice')), 'SUCCESS')
    expect([done.hasSessionToken, done.originalUrl()]).toEqual([false, original])
    expect(() => done.takeSessionToken()).toThrow(ConfigurationError)
  })

  it('PASSWORD_WARN: skipped, then changed', async () => {
    const authn = world.make({ warnBeforePasswordExpired: true })
    const step = at(await authn.signIn(login('warned')), 'PASSWORD_WARN')
    expect([step.expiresInDays, step.policy?.['complexity']]).toEqual([5, { minLength: 8 }])
    expect((await step.skip?.()) ?? step).toMatchObject({ status: 'SUCCESS' })
    const again = at(await authn.signIn(login('warned')), 'PASSWORD_WARN')
    const input = { oldPassword: 'password', newPassword: 'new password' }
    expect(await again.changePassword(input)).toMatchObject({ status: 'SUCCESS' })
  })

  it('PASSWORD_EXPIRED: says what is wrong with a new one', async () => {
    const step = at(await signIn('expired'), 'PASSWORD_EXPIRED')
    const change = async (oldPassword: string, newPassword: string) =>
      step.changePassword({ oldPassword, newPassword })
    expect(at(await change('wrong', 'new password'), 'failed')).toMatchObject({
      code: 'password_refused',
      causes: ['Old Password is not correct'],
      step,
    })
    expect(at(await change('password', 'short'), 'failed').code).toBe('password_weak')
    expect(await change('password', 'new password')).toMatchObject({ status: 'SUCCESS' })
  })

  it('LOCKED_OUT: unlocked by a code and an answer', async () => {
    expect(at(await signIn('locked'), 'failed').code).toBe('credentials_wrong')
    world.org.authn.settings.showLockOuts = true
    const step = at(await signIn('locked'), 'LOCKED_OUT')
    const sent = (await step.unlock?.({ channel: 'SMS' })) ?? step
    const challenge = kind(at(sent, 'RECOVERY_CHALLENGE'), 'code')
    expect(challenge.recoveryType).toBe('UNLOCK')
    const passCode = world.org.inbox('locked').lastCode('sms')
    const question = kind(at(await challenge.verify({ passCode }), 'RECOVERY'), 'question')
    const done = at(await question.answer({ answer: 'blue' }), 'SUCCESS')
    expect([done.recoveryType, done.hasSessionToken]).toEqual(['UNLOCK', false])
    expect(await signIn('locked')).toMatchObject({ status: 'SUCCESS' })
  })

  it.each(['SMS', 'CALL'] as const)(
    'RECOVERY_CHALLENGE, RECOVERY, PASSWORD_RESET: by %s',
    async (channel) => {
      const { username } = login('alice')
      const sent = await world.make().recoverPassword({ username, channel })
      const challenge = kind(at(sent, 'RECOVERY_CHALLENGE'), 'code')
      expect(challenge.channel).toBe(channel)
      expect(at((await challenge.resend?.()) ?? sent, 'failed').code).toBe('sent_recently')
      expect(at(await challenge.verify({ passCode: 'wrong' }), 'failed').code).toBe('code_wrong')
      const passCode = world.org.inbox('alice').lastCode()
      const question = kind(at(await challenge.verify({ passCode }), 'RECOVERY'), 'question')
      expect(question.question).toBe('Favourite colour?')
      expect(at(await question.answer({ answer: 'red' }), 'failed').code).toBe('answer_wrong')
      const reset = at(await question.answer({ answer: 'blue' }), 'PASSWORD_RESET')
      const same = await reset.resetPassword({
        newPassword: world.org.user('alice').password ?? '',
      })
      expect(at(same, 'failed').code).toBe('password_refused')
      expect(await reset.resetPassword({ newPassword: `password ${channel}` })).toMatchObject({
        status: 'SUCCESS',
      })
      world.org.user('alice').password = 'password'
    },
  )

  it('RECOVERY_CHALLENGE: by mail, for users that there are not as well', async () => {
    const authn = world.make()
    const recover = (username: string) => authn.recoverPassword({ username, channel: 'EMAIL' })
    const mailed = kind(at(await recover('mailed@example.com'), 'RECOVERY_CHALLENGE'), 'mail')
    const nobody = kind(at(await recover('nobody@example.com'), 'RECOVERY_CHALLENGE'), 'mail')
    expect({ ...nobody, username: '' }).toEqual({ ...mailed, username: '' })
    const recoveryToken = world.org.inbox('mailed').lastCode('email')
    const reset = at(await authn.useRecoveryToken({ recoveryToken }), 'PASSWORD_RESET')
    expect(await reset.resetPassword({ newPassword: 'new password' })).toMatchObject({
      status: 'SUCCESS',
    })
    expect(at(await authn.useRecoveryToken({ recoveryToken }), 'failed')).toMatchObject({
      code: 'expired',
      error: 'E0000105',
    })
  })

  it('RECOVERY: by a trusted application, which is told who is unknown', async () => {
    const authn = world.make({ apiToken: 'okta-api-token' })
    const recover = (username: string) => authn.recoverPassword({ username })
    const step = kind(at(await recover(login('alice').username), 'RECOVERY'), 'token')
    expect(JSON.stringify(step)).not.toContain(step.recoveryToken())
    kind(at(await step.continue(), 'RECOVERY'), 'question')
    expect(at(await recover('nobody@example.com'), 'failed').code).toBe('user_unknown')
    const publicly = await world.make().recoverPassword(login('alice'))
    expect(at(publicly, 'failed')).toMatchObject({ code: 'input_refused', field: 'channel' })
  })

  it('PASSWORD_RESET: of a new user', async () => {
    const activationToken = world.org.authn.activationToken('activated')
    const step = at(await world.make().activate({ activationToken }), 'PASSWORD_RESET')
    expect(await step.resetPassword({ newPassword: 'new password' })).toMatchObject({
      status: 'SUCCESS',
    })
  })

  it('MFA_ENROLL: more factors are offered, and skipped', async () => {
    const authn = world.make({ enrollOptionalFactors: true })
    const step = at(await authn.signIn(login('bob')), 'MFA_ENROLL')
    expect(step.enrolled.map(({ factorType }) => factorType)).toEqual(['sms'])
    expect((await step.skip?.()) ?? step).toMatchObject({ status: 'SUCCESS' })
  })

  it('ends by cancel, after which nothing goes on', async () => {
    world.org.settings.sessionFactors = 2
    const answer = await signIn('alice')
    expect(await at(answer, 'MFA_REQUIRED').cancel()).toMatchObject({ status: 'CANCELLED' })
    const late = await factor(answer, 'question', 'question').verify({ answer: 'blue' })
    expect(at(late, 'failed')).toMatchObject({ code: 'expired', retry: 'restart' })
  })

  it('has had its time five minutes after the last call', async () => {
    world.org.settings.sessionFactors = 2
    const answer = await signIn('alice')
    world.clock.advance(301)
    const late = await factor(answer, 'question', 'question').verify({ answer: 'blue' })
    expect(at(late, 'failed').code).toBe('expired')
  })
})

describe('between two requests', () => {
  it('a step is sealed, and goes on where it stood', async () => {
    world.org.settings.sessionFactors = 2
    const authn = world.make()
    const first = await factor(await authn.signIn(login('alice')), 'sms', 'message').start()
    const sealed = authn.sealStep(at(first, 'MFA_CHALLENGE'))
    const opened = world.make().openStep(sealed)
    if (opened === undefined) throw new Error('it did not open')
    const challenge = kind(at(opened, 'MFA_CHALLENGE'), 'message')
    expect(opened.username).toBe('alice@example.com')
    const passCode = world.org.inbox('alice').lastCode('sms')
    expect(await challenge.verify({ passCode })).toMatchObject({ status: 'SUCCESS' })
  })

  it('a step after a wrong answer has as much time as Okta gives it anew', async () => {
    world.org.settings.sessionFactors = 2
    const authn = world.make()
    const first = factor(await authn.signIn(login('alice')), 'question', 'question')
    world.clock.advance(200)
    const { step } = at(await first.verify({ answer: 'nope' }), 'failed')
    if (step === undefined) throw new Error('it does not go on')
    const sealed = authn.sealStep(step)
    world.clock.advance(200)
    const opened = authn.openStep(sealed)
    if (opened === undefined) throw new Error('it did not open')
    const again = factor(opened, 'question', 'question')
    expect(await again.verify({ answer: 'blue' })).toMatchObject({ status: 'SUCCESS' })
    world.clock.advance(101)
    expect(authn.openStep(sealed)).toBeUndefined()
  })

  it('nothing opens that was not sealed here, or has had its time', async () => {
    world.org.settings.sessionFactors = 2
    const authn = world.make()
    const step = at(await signIn('alice'), 'MFA_REQUIRED')
    const sealed = world.make({ secrets: ['another secret of the tests, long enough'] })
    expect(() => sealed.sealStep(step)).toThrow(ConfigurationError)
    const own = at(await authn.signIn(login('alice')), 'MFA_REQUIRED')
    expect(sealed.openStep(authn.sealStep(own))).toBeUndefined()
    const text = authn.sealStep(own)
    world.clock.advance(301)
    expect(authn.openStep(text)).toBeUndefined()
  })

  it('a success stays where it is', async () => {
    const authn = world.make()
    const step: AuthnStep = at(await authn.signIn(login('alice')), 'SUCCESS')
    expect(() => authn.sealStep(step)).toThrow('at once')
  })
})

describe('from session token to session (§5.6)', () => {
  const authorizeUrl = (): string => {
    const url = new URL(`${world.org.servers.default.issuer}/v1/authorize`)
    url.search = new URLSearchParams({
      client_id: world.org.app('web').clientId,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: redirectUri,
      state: 'state',
    }).toString()
    return url.href
  }

  it('by /authorize, silently and once', async () => {
    const step = at(await signIn('alice'), 'SUCCESS')
    const url = step.authorizeUrl(authorizeUrl())
    expect(new URL(url).searchParams.get('prompt')).toBe('none')
    const answer = await fetch(url, { redirect: 'manual' })
    const location = new URL(answer.headers.get('location') ?? '')
    expect(location.searchParams.get('code')).toBeTruthy()
    const again = await fetch(url, { redirect: 'manual' })
    const second = new URL(again.headers.get('location') ?? '')
    expect(second.searchParams.get('error')).toBe('login_required')
    expect(() => step.authorizeUrl(authorizeUrl())).toThrow('was used')
  })

  it('by /authorize of this org and no other address', async () => {
    const step = at(await signIn('alice'), 'SUCCESS')
    expect(() => step.authorizeUrl('https://evil.example.com/oauth2/v1/authorize')).toThrow(
      ConfigurationError,
    )
    expect(() => step.authorizeUrl(`${world.org.url}/oauth2/v1/logout`)).toThrow(ConfigurationError)
    expect(step.takeSessionToken()).toMatch(/^20111/)
  })

  it('by the redirect that sets the cookie, with which the session is asked for', async () => {
    const { sessions } = world.make()
    const step = at(await signIn('alice'), 'SUCCESS')
    const url = step.sessionCookieRedirectUrl('https://app.example.com/home')
    const answer = await fetch(url, { redirect: 'manual' })
    expect(answer.headers.get('location')).toBe('https://app.example.com/home')
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(await sessions.get({ cookie })).toMatchObject({ login: 'alice@example.com' })
    expect(await sessions.refresh({ cookie })).toMatchObject({ status: 'ACTIVE' })
    expect(await sessions.close({ cookie })).toEqual({ status: 'closed' })
    expect(await sessions.get({ cookie })).toMatchObject({ code: 'not_found' })
  })

  it('by the Sessions API', async () => {
    const authn = world.make({ apiToken: 'okta-api-token' })
    const step = at(await authn.signIn(login('alice')), 'SUCCESS')
    const session = await step.createSession()
    if (session.status === 'failed') throw new Error('no session')
    expect(session).toMatchObject({ status: 'ACTIVE', amr: ['pwd'], userId: step.user?.id })
    world.clock.advance(60)
    const { id } = session
    const later = await authn.sessions.refresh({ id })
    expect(later).toMatchObject({ expiresAt: session.expiresAt + 60_000 })
    expect(await authn.sessions.close({ id })).toEqual({ status: 'closed' })
    expect(await authn.sessions.get({ id })).toMatchObject({ code: 'not_found' })
    expect(await authn.sessions.create('20111used')).toMatchObject({ code: 'expired' })
    const { userId = '' } = session
    const ended = await authn.sessions.closeAll(userId, { oauthTokens: true })
    expect(ended).toEqual({ status: 'closed' })
  })

  it('with the API token where it is needed', async () => {
    const { sessions } = world.make()
    expect(() => sessions.get({ id: '102abc' })).toThrow('apiToken is missing')
    expect(() => world.make({ apiToken: 'SSWS x' })).toThrow('without SSWS')
    const wrong = world.make({ apiToken: 'wrong' })
    expect(await wrong.sessions.get({ id: '102abc' })).toMatchObject({ code: 'api_token_refused' })
    expect(await wrong.signIn(login('alice'))).toMatchObject({ code: 'api_token_refused' })
  })
})

describe('when something is in the way', () => {
  it('honours the limit of the org, and asks nothing before it is over', async () => {
    const { limits } = world.org
    limits.perMinute = 1
    await signIn('alice')
    const authn = world.make()
    const held = at(await authn.signIn(login('alice')), 'failed')
    expect(held).toMatchObject({ code: 'rate_limited', retry: 'later', error: 'E0000047' })
    const before = world.org.requests.of('authn')
    expect(at(await authn.signIn(login('alice')), 'failed').code).toBe('rate_limited')
    expect(world.org.requests.of('authn')).toBe(before)
    limits.perMinute = 600
    world.clock.advance((held.retryAfter ?? 0) + 1)
    expect(await authn.signIn(login('alice'))).toMatchObject({ status: 'SUCCESS' })
  })

  it('does not let the limit of one user keep others out', async () => {
    const { limits } = world.org
    limits.perUser = 1
    const authn = world.make()
    await authn.signIn(login('alice'))
    expect(at(await authn.signIn(login('alice')), 'failed').code).toBe('rate_limited')
    const other = await authn.signIn(login('bob'))
    limits.perUser = Infinity
    expect(other).toMatchObject({ status: 'SUCCESS' })
  })

  it('has limits of its own', async () => {
    const authn = world.make({ limiter: limitAttempts() })
    const guess = () => authn.signIn({ ...login('alice'), password: 'wrong' })
    for (let tries = 0; tries < 5; tries++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      expect(at(await guess(), 'failed').code).toBe('credentials_wrong')
    }
    const before = world.org.requests.of('authn')
    expect(at(await guess(), 'failed')).toMatchObject({
      code: 'attempts_exhausted',
      field: 'username',
    })
    expect(world.org.requests.of('authn')).toBe(before)
    world.org.limits.succeed(world.org.user('alice'))
  })

  it('is an outage where the org is down', async () => {
    const authn = world.make()
    world.org.faults.set('all', { kind: 'down' })
    await expect(authn.signIn(login('alice'))).rejects.toThrow(Outage)
    expect(world.events.at(-1)?.outcome).toBe('outage')
  })
})
