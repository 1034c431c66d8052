import type { Authn, AuthnAnswer } from '@portcullis/okta'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  at,
  clientDataOf,
  createAuthnWorld,
  createPasskey,
  factor,
  kind,
  login,
  type AuthnWorld,
} from '../support/authn-world.ts'

const passkey = createPasskey('cGFzc2tleQ')
const second = createPasskey('c2Vjb25k')
const users = {
  alice: {
    factors: ['email', 'sms', 'voice', 'push', 'totp', 'google_otp', 'question'],
  },
  tokens: { factors: ['rsa', 'symantec', 'yubikey', 'duo'] },
  wanda: { factors: ['webauthn'], credentials: [passkey] },
  wilma: { factors: ['webauthn'], credentials: [passkey, second] },
  carol: {},
  dora: {},
  emil: {},
  fred: {},
  gina: {},
  hugo: {},
  ines: {},
} as const

let world: AuthnWorld
beforeAll(async () => {
  world = await createAuthnWorld({
    sessionFactors: 2,
    users,
    authn: {
      enrollment: {
        sms: 'OPTIONAL',
        voice: 'OPTIONAL',
        email: 'OPTIONAL',
        push: 'OPTIONAL',
        totp: 'OPTIONAL',
        question: 'OPTIONAL',
        webauthn: 'OPTIONAL',
        rsa: 'OPTIONAL',
        duo: 'OPTIONAL',
      },
    },
  })
})
afterAll(() => world.org.close())
beforeEach(() => {
  world.org.settings.numberChallenge = false
  // A code of a generator counts once, and messages need half a minute between them.
  world.clock.advance(120)
})

const signIn = (name = 'alice'): Promise<AuthnAnswer> => world.make().signIn(login(name))

describe('verifying (§5.4)', () => {
  it('lists what the user has, without a token in it', async () => {
    const step = at(await signIn(), 'MFA_REQUIRED')
    expect(step.factors.map((one) => [one.factorType, one.provider, one.kind])).toEqual([
      ['push', 'OKTA', 'push'],
      ['token:software:totp', 'OKTA', 'code'],
      ['token:software:totp', 'GOOGLE', 'code'],
      ['sms', 'OKTA', 'message'],
      ['call', 'OKTA', 'message'],
      ['email', 'OKTA', 'message'],
      ['question', 'OKTA', 'question'],
    ])
    expect(step.factors[3]?.label).toBe('+1 XXX-XXX-1337')
    expect(step.rememberDevice).toEqual({ isAllowed: true, isDefault: false, minutes: 5 })
  })

  it.each(['sms', 'call', 'email'])('%s: sends a code, then takes it', async (type) => {
    const sent = at(await factor(await signIn(), type, 'message').start(), 'MFA_CHALLENGE')
    const challenge = kind(sent, 'message')
    const wrong = at(await challenge.verify({ passCode: '000000x' }), 'failed')
    expect(wrong).toMatchObject({ code: 'code_wrong', retry: 'input', step: sent })
    const passCode = world.org.inbox('alice').lastCode()
    expect(await challenge.verify({ passCode })).toMatchObject({ status: 'SUCCESS' })
  })

  it('sms: sends again, but not at once', async () => {
    const sent = await factor(await signIn(), 'sms', 'message').start()
    const challenge = kind(at(sent, 'MFA_CHALLENGE'), 'message')
    const soon = at((await challenge.resend?.()) ?? sent, 'failed')
    expect(soon).toMatchObject({ code: 'sent_recently', retryAfter: 30, error: 'E0000109' })
    world.clock.advance(31)
    const again = kind(at((await challenge.resend?.()) ?? sent, 'MFA_CHALLENGE'), 'message')
    const passCode = world.org.inbox('alice').lastCode('sms')
    expect(await again.verify({ passCode })).toMatchObject({ status: 'SUCCESS' })
  })

  it.each([
    ['totp', 'OKTA'],
    ['google_otp', 'GOOGLE'],
  ] as const)('token:software:totp: %s, a code once', async (generator, provider) => {
    const verify = async (passCode: string) => {
      const { factors } = at(await signIn(), 'MFA_REQUIRED')
      return kind(
        factors.find((one) => one.provider === provider && one.kind === 'code'),
        'code',
      ).verify({ passCode })
    }
    const passCode = world.org.phone('alice').code(generator)
    expect(await verify(`${passCode.slice(0, 3)} ${passCode.slice(3)}`)).toMatchObject({
      status: 'SUCCESS',
    })
    expect(at(await verify(passCode), 'failed').code).toBe('code_reused')
  })

  it.each([
    ['token', 'RSA', 'rsa'],
    ['token', 'SYMANTEC', 'symantec'],
    ['token:hardware', 'YUBICO', 'yubikey'],
  ] as const)('%s of %s', async (type, provider, generator) => {
    const { factors } = at(await signIn('tokens'), 'MFA_REQUIRED')
    const token = kind(
      factors.find((one) => one.factorType === type && one.provider === provider),
      'code',
    )
    const passCode = world.org.phone('tokens').code(generator)
    expect(await token.verify({ passCode })).toMatchObject({ status: 'SUCCESS' })
  })

  it('question: asks it, and takes the answer', async () => {
    const question = factor(await signIn(), 'question', 'question')
    expect(question.question).toBe('Favourite colour?')
    expect(at(await question.verify({ answer: 'red' }), 'failed').code).toBe('code_wrong')
    expect(await question.verify({ answer: 'blue' })).toMatchObject({ status: 'SUCCESS' })
  })

  it('push: waits with progress until it is granted', async () => {
    world.org.settings.numberChallenge = true
    const challenge = kind(
      at(await factor(await signIn(), 'push', 'push').start(), 'MFA_CHALLENGE'),
      'push',
    )
    if (!challenge.isWaiting) throw new Error('it does not wait')
    const rounds: number[] = []
    const numbers: (number | undefined)[] = [challenge.number]
    const answer = await challenge.poll({
      onProgress: ({ polls, interval, number }) => {
        rounds.push(interval)
        numbers.push(number)
        if (polls === 2) world.org.phone('alice').approve()
      },
    })
    expect(answer).toMatchObject({ status: 'SUCCESS' })
    expect(rounds).toEqual([4, 4, 4])
    const tapped = Number(world.org.phone('alice').prompts.at(-1)?.number)
    expect(numbers).toEqual([undefined, undefined, tapped, tapped])
    const polls = world.events.filter(({ act }) => act === 'poll')
    expect(polls.at(-1)).toMatchObject({ outcome: 'SUCCESS', factor: 'push' })
  })

  it('push: refused, then asked again', async () => {
    const first = at(await factor(await signIn(), 'push', 'push').start(), 'MFA_CHALLENGE')
    if (first.kind !== 'push' || !first.isWaiting) throw new Error('it does not wait')
    world.org.phone('alice').reject()
    const refused = at(await first.poll(), 'MFA_CHALLENGE')
    if (refused.kind !== 'push' || refused.isWaiting) throw new Error('it waits')
    expect(refused.result).toBe('REJECTED')
    const again = at(await refused.again(), 'MFA_CHALLENGE')
    if (again.kind !== 'push' || !again.isWaiting) throw new Error('it does not wait')
    world.org.phone('alice').approve()
    expect(await again.poll()).toMatchObject({ status: 'SUCCESS' })
  })

  it('push: nobody answers', async () => {
    const wait = async (authn: Authn) => {
      const first = await factor(await authn.signIn(login('alice')), 'push', 'push').start()
      const challenge = kind(at(first, 'MFA_CHALLENGE'), 'push')
      if (!challenge.isWaiting) throw new Error('it does not wait')
      return challenge.poll()
    }
    const over = at(await wait(world.make({ pollTimeout: 60 })), 'failed')
    expect(over).toMatchObject({ code: 'unanswered', retry: 'factor' })
    expect(over.step?.status).toBe('MFA_CHALLENGE')
    const timedOut = kind(at(await wait(world.make()), 'MFA_CHALLENGE'), 'push')
    expect(timedOut).toMatchObject({ isWaiting: false, result: 'TIMEOUT' })
  })

  it('push: the waiting ends with its signal', async () => {
    const first = at(await factor(await signIn(), 'push', 'push').start(), 'MFA_CHALLENGE')
    if (first.kind !== 'push' || !first.isWaiting) throw new Error('it does not wait')
    const stop = new AbortController()
    const polling = first.poll({
      signal: stop.signal,
      onProgress: ({ polls }) => {
        if (polls === 1) stop.abort(new Error('the browser has gone'))
      },
    })
    await expect(polling).rejects.toThrow('the browser has gone')
  })

  it.each([
    ['wanda', passkey],
    ['wilma', second],
  ])('webauthn: %s signs with one of the passkeys', async (name, key) => {
    const started = await factor(await signIn(name), 'webauthn', 'webauthn').start()
    const challenge = kind(at(started, 'MFA_CHALLENGE'), 'webauthn')
    const wrong = at(await challenge.verify(key.sign('another challenge')), 'failed')
    expect(wrong.code).toBe('code_wrong')
    expect(await challenge.verify(key.sign(challenge.publicKey['challenge']))).toMatchObject({
      status: 'SUCCESS',
    })
  })

  it('web: Duo', async () => {
    const started = at(await factor(await signIn('tokens'), 'web', 'duo').start(), 'MFA_CHALLENGE')
    if (started.kind !== 'duo' || !started.isWaiting) throw new Error('it does not wait')
    expect(started.duo.host).toBe('duo.example.invalid')
    expect(started.duo.signature()).toMatch(/^TX\|/)
    world.org.phone('tokens').approve()
    expect(await started.poll()).toMatchObject({ status: 'SUCCESS' })
  })

  it('goes back, and on with another', async () => {
    const sent = at(await factor(await signIn(), 'email', 'message').start(), 'MFA_CHALLENGE')
    const back = (await sent.previous?.()) ?? sent
    expect(await factor(back, 'question', 'question').verify({ answer: 'blue' })).toMatchObject({
      status: 'SUCCESS',
    })
  })

  it('says when the user is locked out by it', async () => {
    world.org.limits.lockOutAfter = 1
    const question = factor(await signIn(), 'question', 'question')
    const locked = at(await question.verify({ answer: 'red' }), 'failed')
    world.org.limits.lockOutAfter = 10
    Object.assign(world.org.user('alice'), { status: 'ACTIVE', failures: 0 })
    expect(locked).toMatchObject({ code: 'locked_out', retry: 'never', step: undefined })
  })

  it('need not be done again on a device that is remembered', async () => {
    const authn = world.make({ apiToken: 'okta-api-token' })
    const input = { ...login('alice'), deviceToken: 'device-1' }
    const question = factor(await authn.signIn(input), 'question', 'question')
    expect(await question.verify({ answer: 'blue' }, { rememberDevice: true })).toMatchObject({
      status: 'SUCCESS',
    })
    expect(await authn.signIn(input)).toMatchObject({ status: 'SUCCESS' })
  })
})

describe('enrolling', () => {
  const enrollable = async (name: string, wanted: string) => {
    const step = at(await signIn(name), 'MFA_ENROLL')
    expect(step.skip).toBeUndefined()
    return step.factors.filter((one) => one.kind === wanted)
  }

  it.each([
    ['carol', 'sms'],
    ['dora', 'call'],
  ])('of %s by %s takes a code', async (name, type) => {
    const phone = (await enrollable(name, 'phone')).find((one) => one.factorType === type)
    if (phone?.kind !== 'phone') throw new Error('no phone')
    expect(at(await phone.enroll({ phoneNumber: 'x' }), 'failed').field).toBe('phoneNumber')
    const sent = await phone.enroll({ phoneNumber: '+1 415 555 0100' })
    const step = kind(at(sent, 'MFA_ENROLL_ACTIVATE'), 'message')
    expect(at(await step.activate({ passCode: 'wrong' }), 'failed').code).toBe('code_wrong')
    world.clock.advance(31)
    const again = kind(at((await step.resend?.()) ?? sent, 'MFA_ENROLL_ACTIVATE'), 'message')
    expect(await again.activate({ passCode: world.org.inbox(name).lastCode() })).toMatchObject({
      status: 'SUCCESS',
    })
    expect(await signIn(name)).toMatchObject({ status: 'MFA_REQUIRED' })
  })

  it('of a mail address', async () => {
    const [mail] = await enrollable('emil', 'email')
    const sent = await kind(mail, 'email').enroll({})
    const step = kind(at(sent, 'MFA_ENROLL_ACTIVATE'), 'message')
    expect(
      await step.activate({ passCode: world.org.inbox('emil').lastCode('email') }),
    ).toMatchObject({ status: 'SUCCESS' })
  })

  it('of a question needs no activation', async () => {
    const [question] = await enrollable('fred', 'question')
    const done = await kind(question, 'question').enroll({ question: 'Pet?', answer: 'Rex' })
    expect(done).toMatchObject({ status: 'SUCCESS' })
    expect(
      await factor(await signIn('fred'), 'question', 'question').verify({ answer: 'Rex' }),
    ).toMatchObject({ status: 'SUCCESS' })
  })

  it('of a code generator shows its key to nobody but who asks', async () => {
    const [generator] = await enrollable('gina', 'generator')
    const begun = await kind(generator, 'generator').enroll()
    const step = kind(at(begun, 'MFA_ENROLL_ACTIVATE'), 'generator')
    const key = step.sharedSecret()
    expect(key).toMatch(/^[A-Z2-7]{32}$/)
    expect(JSON.stringify(step)).not.toContain(key)
    expect(step.qrCode()).toContain('/qr')
    expect(await step.activate({ passCode: world.org.phone('gina').code('totp') })).toMatchObject({
      status: 'SUCCESS',
    })
  })

  it('of a push, and of Duo, is waited for', async () => {
    for (const wanted of ['push', 'duo'] as const) {
      // oxlint-disable-next-line no-await-in-loop -- the same user twice
      const offered = await enrollable('hugo', wanted)
      // oxlint-disable-next-line no-await-in-loop
      const begun = at(await kind(offered[0], wanted).enroll(), 'MFA_ENROLL_ACTIVATE')
      if (begun.kind !== wanted || !begun.isWaiting) throw new Error('it does not wait')
      world.org.phone('hugo').approve()
      // oxlint-disable-next-line no-await-in-loop
      expect(await begun.poll()).toMatchObject({ status: 'SUCCESS' })
      const { factors } = world.org.user('hugo')
      world.org.user('hugo').factors = factors.filter((one) => one.kind === 'password')
    }
  })

  it('of a token takes a code at once', async () => {
    const [token] = await enrollable('ines', 'token')
    const wrong = await kind(token, 'token').enroll({ passCode: '000000', credentialId: 'x' })
    expect(at(wrong, 'failed').code).toBe('code_wrong')
  })

  it('of a passkey, after going back from a push', async () => {
    const [push] = await enrollable('ines', 'push')
    const begun = at(await kind(push, 'push').enroll(), 'MFA_ENROLL_ACTIVATE')
    const back = at((await begun.previous?.()) ?? begun, 'MFA_ENROLL')
    const offer = back.factors.find((one) => one.kind === 'webauthn')
    const step = kind(at(await kind(offer, 'webauthn').enroll(), 'MFA_ENROLL_ACTIVATE'), 'webauthn')
    expect(step.publicKey).toMatchObject({ attestation: 'direct' })
    const attestationObject = Buffer.from('an attestation object').toString('base64url')
    const wrong = clientDataOf('webauthn.create', 'another')
    const right = clientDataOf('webauthn.create', step.publicKey['challenge'])
    const failed = await step.activate({ attestationObject, clientDataJSON: wrong })
    expect(at(failed, 'failed').code).toBe('code_wrong')
    expect(await step.activate({ attestationObject, clientDataJSON: right })).toMatchObject({
      status: 'SUCCESS',
    })
  })
})
