import type { DirectAnswer, DirectAuthentication } from '@portcullis/okta'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import {
  alice,
  createDirectWorld,
  failureOf,
  oobOf,
  stateOf,
  type DirectWorld,
} from '../support/direct-world.ts'

// Rows of okta-protocol.md §4.9 that our own client never provokes: something between it and the emulator
// changes what it sends. The others are in okta-direct-errors.test.ts.

let world: DirectWorld
beforeAll(async () => {
  const native = { applicationType: 'native', signOn: 'two-factors' } as const
  world = await createDirectWorld({
    apps: {
      one: { applicationType: 'native' },
      two: native,
      secret: { ...native, authentication: 'client_secret_basic' },
    },
    users: {
      alice: { factors: ['push', 'sms', 'totp'] },
      first: { login: 'bob@a.example' },
      second: { login: 'bob@b.example' },
    },
  })
})
afterAll(() => world.org.close())
afterEach(() => world.clock.advance(60))

type Change = (form: URLSearchParams, url: URL) => void

/** A client whose last request is changed on its way. */
const meddled = (app: string) => {
  let change: Change = () => undefined
  const direct = world.make({
    app,
    factors: ['push', 'sms', 'otp'],
    fetch: (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      if (!(init?.body instanceof URLSearchParams)) return fetch(input, init)
      const form = new URLSearchParams(init.body)
      change(form, url)
      return fetch(url, { ...init, body: form })
    },
  })
  return { direct, meddle: (how: Change) => void (change = how) }
}

const set =
  (name: string, value: string): Change =>
  (form) =>
    form.set(name, value)

const login = { username: 'alice@example.com' }
type Step = (direct: DirectAuthentication, meddle: () => void) => Promise<DirectAnswer>

const start: Step = (direct, meddle) => {
  meddle()
  return direct.oob({ ...login, channel: 'sms' })
}
const password: Step = (direct, meddle) => {
  meddle()
  return direct.password(alice)
}
const otp: Step = (direct, meddle) => {
  meddle()
  return direct.otp({ ...login, otp: world.org.phone('alice').code() })
}
const challenge: Step = async (direct, meddle) => {
  const state = stateOf(await direct.password(alice))
  meddle()
  return direct.mfaOob(state, { channel: 'push' })
}
const mfaOtp: Step = async (direct, meddle) => {
  const state = stateOf(await direct.password(alice))
  meddle()
  return direct.mfaOtp(state, { otp: world.org.phone('alice').code() })
}
const code: Step = async (direct, meddle) => {
  const state = oobOf(await direct.oob({ ...login, channel: 'sms' }))
  meddle()
  return direct.verify(state, { code: world.org.inbox('alice').lastCode() })
}
const secondPoll: Step = async (direct, meddle) => {
  const state = oobOf(await direct.oob({ ...login, channel: 'push' }))
  world.clock.advance(5)
  const waiting = oobOf(await direct.check(state))
  world.clock.advance(5)
  meddle()
  return direct.check(waiting)
}

const otherServer: Change = (_form, url) => {
  url.pathname = url.pathname.replace('/oauth2/default/', '/oauth2/')
}
const otherClient: Change = (form) => form.set('client_id', world.org.app('native').clientId)

it.each<[string, string, Step, Change, string, number, string]>([
  ['an oob_code that is over', 'one', code, set('oob_code', 'x'), 'expired', 403, 'restart'],
  ['an mfa_token that is over', 'two', challenge, set('mfa_token', 'x'), 'expired', 403, 'restart'],
  ['a channel', 'one', start, set('channel_hint', 'x'), 'channel_unsupported', 400, 'factor'],
  [
    'a kind of challenge',
    'two',
    challenge,
    set('challenge_types_supported', 'x'),
    'challenge_unsupported',
    400,
    'factor',
  ],
  ['a hint', 'one', start, set('challenge_hint', 'x'), 'hint_unsupported', 400, 'factor'],
  [
    'a grant',
    'two',
    password,
    set('grant_types_supported', 'x'),
    'grant_unsupported',
    400,
    'never',
  ],
  ['another server', 'one', code, otherServer, 'server_switched', 400, 'restart'],
  ['another client', 'one', code, otherClient, 'client_switched', 401, 'restart'],
  ['other scopes', 'one', secondPoll, set('scope', 'openid'), 'scope_switched', 400, 'restart'],
  [
    'an acr',
    'two',
    mfaOtp,
    set('acr_values', 'urn:okta:loa:2fa:any'),
    'acr_switched',
    400,
    'restart',
  ],
  ['no code', 'one', otp, (form) => form.delete('otp'), 'parameter_missing', 400, 'never'],
])('%s', async (_title, app, step, change, expected, httpStatus, retry) => {
  const { direct, meddle } = meddled(app)
  const answer = await step(direct, () => meddle(change))
  expect(answer).toMatchObject({ status: 'failed', code: expected, httpStatus, retry })
})

it('an oob_code and an mfa_token of two sign-ins', async () => {
  const { direct, meddle } = meddled('two')
  const tokens: string[] = []
  const note: Change = (form) => void tokens.push(form.get('mfa_token') ?? '')
  const [first, second] = [await direct.password(alice), await direct.password(alice)]
  meddle(note)
  await direct.mfaOob(stateOf(first), { channel: 'sms' })
  const started = oobOf(await direct.mfaOob(stateOf(second), { channel: 'sms' }))
  meddle(set('mfa_token', tokens[0] ?? ''))
  const given = world.org.inbox('alice').lastCode()
  expect(await direct.verify(started, { code: given })).toMatchObject({
    code: 'state_mismatched',
    retry: 'restart',
    httpStatus: 400,
  })
})

it('a poll that comes too fast', async () => {
  const { direct } = meddled('one')
  const state = oobOf(await direct.oob({ ...login, channel: 'push' }))
  world.clock.advance(5)
  // Two processes with one sign-in.
  const answers = await Promise.all([direct.check(state), direct.check(state)])
  const [one = 0, two = 0] = answers.map((answer) => oobOf(answer).interval)
  expect([Math.min(one, two), Math.max(one, two)]).toEqual([5, 10])
})

it('a name that could be two people', async () => {
  const answer = await world.make({ app: 'one' }).oob({ username: 'bob', channel: 'sms' })
  expect(answer).toMatchObject({ code: 'user_ambiguous', retry: 'input', httpStatus: 400 })
})

it('a secret that is wrong', async () => {
  const { clientId } = world.org.app('secret')
  const client = { id: clientId, secret: 'not the one' }
  const answer = failureOf(await world.make({ app: 'secret', client }).password(alice))
  expect(answer).toMatchObject({ code: 'client_refused', retry: 'never', httpStatus: 401 })
})
