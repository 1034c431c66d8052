import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  alice,
  createDirectWorld,
  failureOf,
  oobOf,
  stateOf,
  type DirectWorld,
} from '../support/direct-world.ts'

let world: DirectWorld
let restore: () => void
beforeAll(async () => {
  world = await createDirectWorld()
  const { org } = world
  const [app, settings, limits] = [org.app('native'), org.settings, org.limits]
  const before = [{ ...app }, { ...settings }, { ...limits }] as const
  restore = () => {
    Object.assign(app, before[0])
    Object.assign(settings, before[1])
    Object.assign(limits, before[2])
    org.limits.succeed(org.user('alice'))
    org.faults.clear()
  }
})
afterEach(() => {
  restore()
  // A code of the generator counts once: the next test needs another.
  world.clock.advance(60)
})
afterAll(() => world.org.close())

const mfa = async (direct = world.make()) => {
  world.org.app('native').signOn = 'two-factors'
  return stateOf(await direct.password(alice))
}

describe('the policy', () => {
  it('denies', async () => {
    world.org.app('native').signOn = 'deny'
    expect(await world.make().password(alice)).toMatchObject({ code: 'policy_denied' })
  })

  it('wants another kind of factor', async () => {
    const { org } = world
    org.app('native').factors = ['password', 'push']
    const direct = world.make()
    const started = oobOf(await direct.oob({ username: 'alice', channel: 'sms' }))
    const answer = await direct.verify(started, { code: org.inbox('alice').lastCode() })
    expect(answer).toMatchObject({ code: 'factor_unsuitable', httpStatus: 403 })
  })

  it('wants a second factor that the app cannot ask for', async () => {
    world.org.app('native').signOn = 'two-factors'
    const direct = world.make({ factors: ['webauthn'] })
    const failure = failureOf(await direct.password(alice))
    expect(['grants_insufficient', 'grant_unsupported']).toContain(failure.code)
  })

  it('wants a second factor whose grants are switched off', async () => {
    const app = world.org.app('native')
    app.signOn = 'two-factors'
    app.grantTypes = app.grantTypes.filter((grant) => !grant.includes('mfa'))
    expect(await world.make().password(alice)).toMatchObject({ code: 'grants_disabled' })
    const otp = world.org.phone('alice').code()
    const answer = await world.make().otp({ username: 'alice', otp })
    expect(answer).toMatchObject({ code: 'grants_disabled', httpStatus: 403 })
  })

  it('wants a second factor that the user does not have', async () => {
    world.org.app('native').signOn = 'two-factors'
    const answer = await world.make().password({ ...alice, username: 'carol@example.com' })
    expect(answer).toMatchObject({ code: 'factor_missing' })
  })

  it('wants no second factor any more', async () => {
    const direct = world.make()
    const state = await mfa(direct)
    world.org.app('native').signOn = 'one-factor'
    expect(await direct.mfaOob(state, { channel: 'sms' })).toMatchObject({
      code: 'challenge_unneeded',
    })
  })

  it('has no rule', async () => {
    const bare = await createDirectWorld({ servers: { default: { policies: [] } } })
    try {
      expect(await bare.make().password(alice)).toMatchObject({ code: 'policy_unmatched' })
    } finally {
      await bare.org.close()
    }
  })
})

describe('the user', () => {
  it('has not enrolled the factor', async () => {
    const answer = await world.make().oob({ username: 'carol', channel: 'push' })
    expect(answer).toMatchObject({ code: 'factor_unavailable', retry: 'factor' })
  })

  it('has a factor that was switched off, and goes on with another', async () => {
    const direct = world.make()
    const state = await mfa(direct)
    world.org.settings.disabledAuthenticators = ['push']
    const refused = failureOf(await direct.mfaOob(state, { channel: 'push' }))
    expect(refused.code).toBe('factor_unavailable')
    const otp = world.org.phone('alice').code()
    expect((await direct.mfaOtp(stateOf(refused), { otp })).status).toBe('tokens')
  })

  it('is not assigned to the app', async () => {
    world.org.app('native').assigned = ['bob']
    expect(await world.make().password(alice)).toMatchObject({ code: 'user_not_assigned' })
    const answer = await world.make().oob({ username: 'alice', channel: 'sms' })
    expect(answer).toMatchObject({ code: 'user_not_assigned', httpStatus: 400 })
  })

  it('types a wrong password, code or one-time password, and the right one after it', async () => {
    const { org } = world
    const direct = world.make()
    expect(await direct.password({ ...alice, password: 'wrong' })).toMatchObject({
      code: 'credentials_wrong',
      retry: 'input',
    })
    const right = org.phone('alice').code()
    const wrong = right === '000000' ? '000001' : '000000'
    expect(await direct.otp({ username: 'alice', otp: wrong })).toMatchObject({
      code: 'code_wrong',
    })
    const started = oobOf(await direct.oob({ username: 'alice', channel: 'sms' }))
    const code = org.inbox('alice').lastCode()
    const typo = code.startsWith('1') ? `2${code.slice(1)}` : `1${code.slice(1)}`
    const missed = failureOf(await direct.verify(started, { code: typo }))
    expect(missed.code).toBe('code_wrong')
    expect((await direct.verify(oobOf(missed), { code })).status).toBe('tokens')
  })

  it('says no on the phone, taps a wrong number, or does not answer', async () => {
    const { org } = world
    const direct = world.make()
    const push = { username: 'alice', channel: 'push' } as const
    const refused = oobOf(await direct.oob(push))
    org.phone('alice').reject()
    expect(await direct.poll(refused)).toMatchObject({ code: 'rejected' })
    org.settings.numberChallenge = true
    const mistaken = oobOf(await direct.oob(push))
    org.phone('alice').tap(Number(mistaken.number) - 1)
    expect(await direct.poll(mistaken)).toMatchObject({ code: 'rejected' })
    const ignored = oobOf(await direct.oob(push))
    org.phone('alice').ignore()
    expect(await direct.poll(ignored)).toMatchObject({ code: 'expired', retry: 'restart' })
  })

  it('takes too long with the second factor', async () => {
    const direct = world.make()
    const state = await mfa(direct)
    world.clock.advance(600)
    const otp = world.org.phone('alice').code()
    expect(await direct.mfaOtp(state, { otp })).toMatchObject({
      code: 'expired',
      httpStatus: 403,
      error: 'access_denied',
    })
  })

  it('is nobody, and nobody learns it', async () => {
    const direct = world.make()
    const nobody = await direct.otp({ username: 'nobody@example.com', otp: '123456' })
    expect(nobody).toMatchObject({ code: 'code_wrong' })
    const prompt = await direct.oob({ username: 'nobody@example.com', channel: 'email' })
    expect(prompt).toMatchObject({ status: 'pending', binding: 'prompt' })
  })
})

describe('the app', () => {
  it('does not have the grant', async () => {
    const app = world.org.app('native')
    app.grantTypes = ['authorization_code']
    expect(await world.make().password(alice)).toMatchObject({ code: 'grant_unauthorized' })
  })

  it('is not known', async () => {
    const direct = world.make({ client: { id: '0oaNobody' } })
    expect(await direct.password(alice)).toMatchObject({ code: 'client_refused' })
  })

  it('asks at a server that does not exist', async () => {
    const direct = world.make({ at: 'ausNobody' })
    const answer = await direct.password(alice)
    expect(answer).toMatchObject({ code: 'server_unknown', error: 'E0000007' })
  })

  it('asks for a channel that is not there', async () => {
    world.org.settings.emailChannel = false
    const answer = await world.make().oob({ username: 'alice', channel: 'email' })
    expect(answer).toMatchObject({ code: 'channel_unsupported', retry: 'factor' })
  })

  it('asks an org without direct authentication', async () => {
    world.org.settings.identityEngine = false
    const answer = await world.make().oob({ username: 'alice', channel: 'sms' })
    expect(answer).toMatchObject({ code: 'feature_disabled' })
  })

  it('asks for a message that cannot be sent', async () => {
    world.org.settings.deliveryFails = true
    const answer = await world.make().oob({ username: 'alice', channel: 'sms' })
    expect(answer).toMatchObject({ code: 'delivery_failed', retry: 'later', httpStatus: 500 })
  })
})

describe('the limits', () => {
  it('of a user: 429 in the envelope of OAuth', async () => {
    world.org.limits.perUser = 1
    const direct = world.make()
    await direct.password(alice)
    const answer = await direct.password(alice)
    expect(answer).toMatchObject({ code: 'rate_limited', error: 'invalid_grant', httpStatus: 429 })
  })

  it("of the org: 429 in Okta's own, and it is waited for", async () => {
    const direct = world.make()
    await direct.password(alice)
    world.org.limits.perMinute = 1
    const answer = failureOf(await direct.password(alice))
    expect(answer).toMatchObject({ code: 'rate_limited', error: 'E0000047' })
    const before = world.org.requests.of('token')
    expect(await direct.password(alice)).toMatchObject({ code: 'rate_limited' })
    expect(world.org.requests.of('token')).toBe(before)
    world.clock.advance(61)
    expect((await direct.password(alice)).status).toBe('tokens')
  })

  it('of ours: of 100 guesses at once five reach Okta, and nobody is locked out there', async () => {
    // Left out is the default.
    const direct = world.make({ limiter: undefined } as never)
    const before = world.org.requests.of('token')
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        direct.password({ ...alice, password: `guess ${index}` }),
      ),
    )
    expect(world.org.requests.of('token') - before).toBe(5)
    const codes = answers.map((answer) => failureOf(answer).code)
    expect(codes.filter((code) => code === 'attempts_exhausted').length).toBe(95)
    expect(world.org.user('alice').status).toBe('ACTIVE')
  })
})

it('keeps secrets out of answers, states, events and errors', async () => {
  const { org } = world
  const direct = world.make()
  const state = await mfa(direct)
  const started = oobOf(await direct.mfaOob(state, { channel: 'sms' }))
  const code = org.inbox('alice').lastCode()
  const wrong = await direct.password({ ...alice, password: 'hunter2-of-alice' })
  org.faults.set('token', { kind: 'status', status: 500 })
  const outage: unknown = await direct.verify(started, { code }).catch((error: unknown) => error)
  expect(outage).toMatchObject({ name: 'Outage' })
  const seen = inspect([state, started, wrong, outage, world.events, direct], {
    depth: 20,
    showHidden: true,
  })
  for (const secret of ['hunter2-of-alice', code, 'oob_code=', 'mfa_token=']) {
    expect(seen).not.toContain(secret)
  }
  expect(seen).toContain('alice@example.com')
})
