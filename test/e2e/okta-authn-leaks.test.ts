import { inspect } from 'node:util'
import { createAuthn, type AuthnAnswer, type AuthnEvent } from '@portcullis/okta'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  at,
  createAuthnWorld,
  factor,
  kind,
  login,
  type AuthnWorld,
} from '../support/authn-world.ts'

const secrets = {
  password: 'correct horse battery',
  newPassword: 'another horse battery',
  answer: 'a very long answer',
  apiToken: 'okta-api-token',
}

let world: AuthnWorld
const exchanged = new Set<string>()
beforeAll(async () => {
  world = await createAuthnWorld({
    sessionFactors: 2,
    users: {
      alice: {
        password: secrets.password,
        status: 'PASSWORD_EXPIRED',
        factors: ['question', 'sms', 'push'],
        question: { text: 'Which?', answer: secrets.answer },
      },
      carol: { password: secrets.password },
    },
    onExchange: ({ answer }) => {
      for (const [, token] of answer.matchAll(
        /"(?:stateToken|sessionToken|recoveryToken|sharedSecret)":"([^"]+)"/g,
      )) {
        if (token !== undefined) exchanged.add(token)
      }
    },
  })
})
afterAll(() => world.org.close())

// As a log, a debugger and a serialiser would show it, hidden members included.
const textOf = (what: unknown): string => {
  const cause = what instanceof Error ? [what.stack, inspect(what.cause)] : []
  return [inspect(what, { depth: 12, showHidden: true }), JSON.stringify(what), ...cause].join('\n')
}

const bodyOf = (init: RequestInit | undefined): string =>
  typeof init?.body === 'string' ? init.body : ''

const leaksIn = (what: unknown): readonly string[] => {
  const text = textOf(what)
  return [...Object.values(secrets), ...exchanged].filter((secret) => text.includes(secret))
}

describe('nothing secret is shown', () => {
  it('by steps, failures and events of a whole sign-in', async () => {
    const shown: unknown[] = []
    const events: AuthnEvent[] = []
    const see = <Answer>(answer: Answer): Answer => {
      shown.push(answer)
      return answer
    }
    const spies = (['log', 'warn', 'error'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((...words) => void shown.push(words)),
    )
    const authn = world.make({
      apiToken: secrets.apiToken,
      observe: (event) => void events.push(event),
    })
    see(await authn.signIn({ ...login('alice'), password: `${secrets.password}!` }))
    const first = see(await authn.signIn({ ...login('alice'), password: secrets.password }))
    see(await factor(first, 'question', 'question').verify({ answer: `${secrets.answer}?` }))
    const sent = see(await factor(first, 'sms', 'message').start())
    const passCode = world.org.inbox('alice').lastCode('sms')
    const challenge = kind(at(sent, 'MFA_CHALLENGE'), 'message')
    const expired = see(await challenge.verify({ passCode }))
    const { password: oldPassword, newPassword } = secrets
    const step = at(expired, 'PASSWORD_EXPIRED')
    see(await step.changePassword({ oldPassword: newPassword, newPassword: oldPassword }))
    const done = see(await step.changePassword({ oldPassword, newPassword }))
    expect(at(done, 'SUCCESS').hasSessionToken).toBe(true)
    see(await authn.recoverPassword({ username: 'alice@example.com' }))
    const enrolling = see(await authn.signIn({ ...login('carol'), password: secrets.password }))
    const generator = at(enrolling, 'MFA_ENROLL').factors.find((one) => one.kind === 'generator')
    see(await kind(generator, 'generator').enroll())
    spies.forEach((spy) => spy.mockRestore())
    expect([exchanged.size > 4, shown.length, events.length]).toEqual([true, 10, 10])
    expect(leaksIn([shown, events])).toEqual([])
    expect(leaksIn({ password: secrets.password })).toEqual([secrets.password])
  })

  it.each([
    ['Okta', { errorCode: 'E0000004', errorSummary: 'the sent: ', errorCauses: [] }, 401],
    ['OAuth', { error: 'invalid_request', error_description: 'the sent: ' }, 400],
  ])('by a failure in which the %s envelope repeats what was sent', async (_name, body, status) => {
    const authn = createAuthn({
      domain: world.org.url,
      apiToken: secrets.apiToken,
      fetch: async (_url, init) => {
        const sent = `${bodyOf(init)} ${new Headers(init?.headers).get('authorization')}`
        const words = JSON.stringify(body).replaceAll('sent: ', JSON.stringify(sent).slice(1, -1))
        return new Response(words, { status })
      },
    })
    const answer = await authn.signIn({ ...login('alice'), password: secrets.password })
    expect(at(answer, 'failed').description).toContain('[removed]')
    expect(leaksIn(answer)).toEqual([])
  })

  it('by an outage whose fetch repeats what was sent', async () => {
    const authn = createAuthn({
      domain: world.org.url,
      fetch: (_url, init) => Promise.reject(new Error(`could not send ${bodyOf(init)}`)),
    })
    const failing: Promise<AuthnAnswer> = authn.signIn({
      ...login('alice'),
      password: secrets.password,
    })
    const error: unknown = await failing.catch((reason: unknown) => reason)
    expect(String(error)).toContain('[removed]')
    expect(leaksIn(error)).toEqual([])
  })

  it('by what is sealed', async () => {
    const authn = world.make()
    const answer = await authn.signIn({ ...login('carol'), password: secrets.password })
    expect(leaksIn(authn.sealStep(at(answer, 'MFA_ENROLL')))).toEqual([])
  })
})
