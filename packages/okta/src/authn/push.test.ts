import { describe, expect, it } from 'vitest'
import { createAuthn } from './create.ts'
import type { AuthnEvent } from './observe.ts'
import type { AuthnAnswer } from './steps.ts'

const authnUrl = 'https://acme.okta.com/api/v1/authn'

const waiting = (correctAnswer?: number): object => ({
  stateToken: '00state',
  status: 'MFA_CHALLENGE',
  factorResult: 'WAITING',
  _embedded: {
    factor: {
      id: 'opf1',
      factorType: 'push',
      provider: 'OKTA',
      _embedded: { challenge: { correctAnswer } },
    },
  },
  _links: { next: { name: 'poll', href: `${authnUrl}/factors/opf1/verify` } },
})

const success = { status: 'SUCCESS', sessionToken: '20111once' }

/** An org that answers one thing after the other, and where a sign-in stands there. */
function orgThat(...answers: readonly object[]) {
  const asked: { readonly url: string; readonly body: unknown }[] = []
  const pauses: number[] = []
  const events: AuthnEvent[] = []
  const authn = createAuthn({
    domain: 'acme.okta.com',
    limiter: 'none',
    secrets: ['0123456789abcdef0123456789abcdef'],
    observe: (event) => events.push(event),
    sleep: async (seconds) => void pauses.push(seconds),
    fetch: async (url, init) => {
      asked.push({ url: typeof url === 'string' ? url : '', body: init?.body })
      return Response.json(answers[asked.length - 1])
    },
  })
  return { asked, authn, events, pauses }
}

function pushOf(step: AuthnAnswer | undefined) {
  if (step?.status === 'MFA_CHALLENGE' && step.kind === 'push' && step.isWaiting) return step
  throw new Error('it does not wait')
}

const ada = { username: 'ada@example.com', password: 'a long password' }

describe('the number of a push', () => {
  it('is shown while it is waited for: Okta names it only when it is polled', async () => {
    const { asked, authn } = orgThat(waiting(), waiting(30), waiting(30), success)
    const step = pushOf(await authn.signIn(ada))
    const shown: unknown[] = [step.number]
    await step.poll({ onProgress: ({ number }) => shown.push(number) })
    expect(shown).toEqual([undefined, undefined, 30, 30])
    expect(JSON.stringify(asked)).not.toContain('30')
  })
})

describe('check', () => {
  it('asks once, and what it gives goes on in another request', async () => {
    const { asked, authn, events, pauses } = orgThat(waiting(), waiting(30), success)
    const reopened = (step: AuthnAnswer) => authn.openStep(authn.sealStep(pushOf(step)))
    const first = pushOf(reopened(await authn.signIn(ada)))
    const second = pushOf(reopened(await first.check()))
    expect(second.number).toBe(30)
    expect(await second.check({ rememberDevice: true })).toMatchObject({ status: 'SUCCESS' })
    expect(asked.map(({ url }) => url)).toEqual([
      authnUrl,
      `${authnUrl}/factors/opf1/verify`,
      `${authnUrl}/factors/opf1/verify?rememberDevice=true`,
    ])
    expect(pauses).toEqual([])
    const told = events.map(({ act, outcome }) => `${act} ${outcome}`)
    expect(told).toEqual(['sign-in MFA_CHALLENGE', 'poll SUCCESS'])
  })
})
