import { ConfigurationError, Outage } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { limitAttempts } from '../direct/attempts.ts'
import { okta } from '../servers.ts'
import { createAuthn } from './create.ts'
import type { AuthnEvent } from './observe.ts'
import type { AuthnAnswer } from './steps.ts'
import type { AuthnOptions } from './options.ts'

const org = 'https://acme.okta.com'
const authnUrl = `${org}/api/v1/authn`
const link = (path: string, name?: string) => ({ href: `${authnUrl}${path}`, name })

const input = { username: 'ada@example.com', password: 'a long password' }

interface Asked {
  readonly url: string
  readonly body: Record<string, unknown>
  readonly headers: Headers
}

type Given = object | Response | Error | (() => Response)

/** An org that answers what it is told to, one after the other; the last answer stays. */
function orgThat(...answers: readonly Given[]) {
  const asked: Asked[] = []
  const answer: typeof globalThis.fetch = async (url, init) => {
    asked.push({
      url: typeof url === 'string' ? url : '',
      body: JSON.parse(typeof init?.body === 'string' ? init.body : '{}'),
      headers: new Headers(init?.headers),
    })
    const next = answers[Math.min(asked.length, answers.length) - 1] ?? {}
    if (typeof next === 'function') return next()
    if (next instanceof Error) throw next
    return next instanceof Response ? next.clone() : Response.json(next)
  }
  let now = Date.parse('2026-01-05T10:00:00Z')
  const pauses: number[] = []
  const make = (options: Partial<AuthnOptions> = {}) =>
    createAuthn({
      domain: 'acme.okta.com',
      limiter: 'none',
      fetch: answer,
      now: () => now,
      sleep: async (seconds) => {
        pauses.push(seconds)
        now += seconds * 1000
      },
      ...options,
    })
  return { asked, pauses, make }
}

const state = (status: string, more: object = {}): object => ({
  stateToken: '00state',
  status,
  expiresAt: '2026-01-05T10:05:00.000Z',
  _links: { cancel: link('/cancel') },
  ...more,
})

const signIn = (...answers: readonly Given[]): Promise<AuthnAnswer> =>
  orgThat(...answers)
    .make()
    .signIn(input)

const pushChallenge = (factorResult: string, path = '/factors/opf1/verify'): object =>
  state('MFA_CHALLENGE', {
    factorResult,
    _embedded: { factor: { id: 'opf1', factorType: 'push', provider: 'OKTA' } },
    _links: { next: link(path, factorResult === 'WAITING' ? 'poll' : 'verify') },
  })

const success = { status: 'SUCCESS', sessionToken: '20111once' }

describe('links', () => {
  it.each([
    ['another host', 'https://evil.example.com/api/v1/authn/skip'],
    ['another port', 'https://acme.okta.com:8443/api/v1/authn/skip'],
    ['plain http', 'http://acme.okta.com/api/v1/authn/skip'],
    ['user information', 'https://user:word@acme.okta.com/api/v1/authn/skip'],
    ['no address', 'javascript:alert(1)'],
  ])('that lead to %s are an outage, before anything is sent there', async (_what, href) => {
    const answer = signIn(state('PASSWORD_WARN', { _links: { next: { href } } }))
    await expect(answer).rejects.toThrow('away from the org')
    await expect(answer).rejects.toThrow(Outage)
  })

  it('say where they lead: an org may have two domains', async () => {
    const next = link('/credentials/change_password')
    const { make } = orgThat(state('PASSWORD_EXPIRED', { _links: { next } }))
    const answer = make({ domain: 'login.acme.example' }).signIn(input)
    await expect(answer).rejects.toThrow('https://login.acme.example/api/v1/authn')
    await expect(answer).rejects.toThrow('away from the org, to acme.okta.com')
  })

  it('of factors are held to the same', async () => {
    const verify = { href: 'https://evil.example.com/verify' }
    const factors = [{ factorType: 'sms', provider: 'OKTA', _links: { verify } }]
    await expect(signIn(state('MFA_REQUIRED', { _embedded: { factors } }))).rejects.toThrow(Outage)
  })

  it('are followed as they stand, wherever at the org they lead', async () => {
    const next = { href: `${org}/api/v9/elsewhere?x=1` }
    const { asked, make } = orgThat(state('PASSWORD_EXPIRED', { _links: { next } }), success)
    const step = await make().signIn(input)
    if (step.status !== 'PASSWORD_EXPIRED') throw new Error(step.status)
    const done = await step.changePassword({ oldPassword: 'old', newPassword: 'new' })
    expect([asked[1]?.url, done.status]).toEqual([next.href, 'SUCCESS'])
    expect(asked[1]?.body).toEqual({
      stateToken: '00state',
      oldPassword: 'old',
      newPassword: 'new',
    })
  })

  it('keep what the user chooses for the device', async () => {
    const verify = link('/factors/ufs1/verify?x=1')
    const factors = [{ factorType: 'question', provider: 'OKTA', _links: { verify } }]
    const { asked, make } = orgThat(state('MFA_REQUIRED', { _embedded: { factors } }), success)
    const step = await make().signIn(input)
    const [question] = step.status === 'MFA_REQUIRED' ? step.factors : []
    if (question?.kind !== 'question') throw new Error('no question')
    await question.verify({ answer: 'blue' }, { rememberDevice: true, autoPush: false })
    expect(asked[1]?.url).toBe(`${verify.href}&rememberDevice=true&autoPush=false`)
  })

  it('that are not there are methods that are not there', async () => {
    const step = await signIn(
      state('PASSWORD_WARN', { _links: { next: link('/credentials/change_password') } }),
    )
    if (step.status !== 'PASSWORD_WARN') throw new Error(step.status)
    expect(step.skip).toBeUndefined()
    expect(await step.cancel()).toMatchObject({ status: 'failed', code: 'state_wrong' })
  })
})

describe('answers', () => {
  it.each([
    ['a status that is unknown', state('SOMETHING_NEW')],
    ['no status', {}],
    ['no way on', state('PASSWORD_EXPIRED')],
    ['no state token', { status: 'MFA_CHALLENGE', _embedded: { factor: { factorType: 'sms' } } }],
    ['a challenge of no factor', state('MFA_CHALLENGE', { _links: { next: link('/x') } })],
    ['an activation of no factor', state('MFA_ENROLL_ACTIVATE', { _links: { next: link('/x') } })],
    ['a page', new Response('<html>', { status: 502 })],
    ['a redirect', new Response(null, { status: 302, headers: { location: org } })],
    ['its own failure', Response.json({ errorCode: 'E0000009' }, { status: 500 })],
    // Made anew, because a clone ends only with its original.
    ['too much', () => new Response('x'.repeat(300_000))],
    ['nothing', new Error('connect ECONNREFUSED')],
  ])('with %s are an outage', async (_what, answer) => {
    await expect(signIn(answer)).rejects.toThrow(Outage)
  })

  it('with the list called factor, as the reference prints it, are read', async () => {
    const factor = [
      { factorType: 'u2f', provider: 'FIDO', _links: { verify: link('/factors/1/verify') } },
      { factorType: 'sms', provider: 'OKTA', _links: { verify: link('/factors/2/verify') } },
    ]
    const step = await signIn(state('MFA_REQUIRED', { _embedded: { factor } }))
    if (step.status !== 'MFA_REQUIRED') throw new Error(step.status)
    expect(step.factors.map(({ kind }) => kind)).toEqual(['other', 'message'])
    expect(step.rememberDevice).toBeUndefined()
  })

  it('with a challenge for a passkey keep its relying party, where Okta names one', async () => {
    const challenge = { challenge: 'c29tZQ', rpId: 'acme.example' }
    const factor = { factorType: 'webauthn', provider: 'FIDO', _embedded: { challenge } }
    const next = link('/factors/webauthn/verify', 'verify')
    const step = await signIn(state('MFA_CHALLENGE', { _embedded: { factor }, _links: { next } }))
    expect(step).toMatchObject({ publicKey: { challenge: 'c29tZQ', rpId: 'acme.example' } })
  })

  it.each([
    ['u2f', 'other'],
    ['token', 'generator'],
  ])('with a factor of the type %s to activate are read', async (factorType, kind) => {
    const step = await signIn(
      state('MFA_ENROLL_ACTIVATE', {
        _embedded: { factor: { factorType, provider: 'X' } },
        _links: { next: link('/factors/1/lifecycle/activate') },
      }),
    )
    expect(step).toMatchObject({ status: 'MFA_ENROLL_ACTIVATE', kind })
  })
})

describe('failures', () => {
  const okta429 = (headers: Record<string, string>) =>
    Response.json({ errorCode: 'E0000047', errorSummary: 'x' }, { status: 429, headers })

  it.each([
    ['E0000001', 400, 'request_refused', 'never'],
    ['E0000006', 403, 'not_permitted', 'never'],
    ['E0000007', 404, 'not_found', 'restart'],
    ['E0000011', 401, 'expired', 'restart'],
    ['E0000015', 403, 'not_permitted', 'never'],
    ['E0000034', 403, 'not_permitted', 'never'],
    ['E0000038', 403, 'not_permitted', 'never'],
    ['E0000079', 403, 'state_wrong', 'restart'],
    ['E0000083', 403, 'code_wrong', 'input'],
    ['E0000087', 403, 'answer_wrong', 'input'],
    ['E0000098', 400, 'phone_refused', 'input'],
    ['E0000099', 403, 'phone_refused', 'input'],
    ['E0000118', 429, 'sent_recently', 'later'],
    ['E0000119', 403, 'locked_out', 'never'],
    ['E0000121', 400, 'phone_refused', 'input'],
    ['E0000133', 429, 'sent_recently', 'later'],
    ['E9999999', 418, 'request_refused', 'never'],
  ])('%s is told apart', async (errorCode, status, code, retry) => {
    const errorCauses = [{ errorSummary: 'because' }, 'nonsense']
    const answer = await signIn(
      Response.json(
        { errorCode, errorSummary: 'Words', errorId: 'oae1', errorCauses },
        { status, headers: { 'x-okta-request-id': 'request-1' } },
      ),
    )
    expect(answer).toMatchObject({
      status: 'failed',
      code,
      retry,
      httpStatus: status,
      error: errorCode,
      description: 'Words',
      causes: ['because'],
      errorId: 'oae1',
      requestId: 'request-1',
    })
  })

  it.each([
    ['a mail', 'E0000118', 5],
    ['a message', 'E0000109', 30],
  ])('of %s that came too soon say when to try again', async (_what, errorCode, retryAfter) => {
    const headers = { 'x-rate-limit-reset': '0' }
    const answer = await signIn(Response.json({ errorCode }, { status: 429, headers }))
    expect(answer).toMatchObject({ code: 'sent_recently', retryAfter })
  })

  it('in the OAuth envelope are read as well', async () => {
    const body = { error: 'access_denied', error_description: 'No' }
    expect(await signIn(Response.json(body, { status: 403 }))).toMatchObject({
      code: 'request_refused',
      error: 'access_denied',
      description: 'No',
    })
    const busy = Response.json({ error: 'temporarily_unavailable' }, { status: 400 })
    await expect(signIn(busy)).rejects.toThrow(Outage)
  })

  it('of a limit say how long to wait, also without a body', async () => {
    const reset = String(Date.parse('2026-01-05T10:00:20Z') / 1000)
    const limited = okta429({ 'x-rate-limit-reset': reset, 'x-rate-limit-remaining': '0' })
    expect(await signIn(limited)).toMatchObject({ code: 'rate_limited', retryAfter: 20 })
    const bare = new Response('busy', { status: 429, headers: { 'retry-after': '7' } })
    expect(await signIn(bare)).toMatchObject({ code: 'rate_limited', retryAfter: 7 })
  })

  it.each([
    ['username', { username: '', password: 'x' }],
    ['username', { username: 'a\u0000b', password: 'x' }],
    ['password', { username: 'ada', password: '' }],
    ['deviceToken', { ...input, deviceToken: 'x'.repeat(33) }],
  ])('of an input name it: %s', async (field, given) => {
    const { asked, make } = orgThat(success)
    expect(await make().signIn(given)).toMatchObject({ code: 'input_refused', field })
    expect(asked).toEqual([])
  })

  it.each(['activate', 'resume', 'useRecoveryToken'] as const)(
    'of a token that can be none are made without asking: %s',
    async (method) => {
      const { asked, make } = orgThat(success)
      const token = 'not a token'
      const given = { activationToken: token, stateToken: token, recoveryToken: token }
      expect(await make()[method](given)).toMatchObject({ code: 'input_refused' })
      expect(asked).toEqual([])
    },
  )
})

describe('the limit', () => {
  const limited = () => Response.json({ errorCode: 'E0000109' }, { status: 429 })
  const often = async (times: number, ask: () => Promise<AuthnAnswer>) => {
    const codes: string[] = []
    for (let time = 0; time < times; time += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      const answer = await ask()
      codes.push(answer.status === 'failed' ? answer.code : answer.status)
    }
    return codes
  }

  it('counts the guesses at an account that is locked, also where Okta says so by a step', async () => {
    const { asked, make } = orgThat({ status: 'LOCKED_OUT' })
    const authn = make({ limiter: limitAttempts() })
    const codes = await often(7, () => authn.signIn(input))
    expect(codes).toEqual([...Array(5).fill('LOCKED_OUT'), ...Array(2).fill('attempts_exhausted')])
    expect(asked).toHaveLength(5)
  })

  it('loses no session token where its store fails after it came', async () => {
    const down = () => Promise.reject(new Error('the store is down'))
    const { make } = orgThat(success)
    const limiter = limitAttempts({
      store: { take: () => ({ id: '1' }), giveBack: down, clear: down },
    })
    expect((await make({ limiter }).signIn(input)).status).toBe('SUCCESS')
  })

  it('does not count a message that Okta did not send', async () => {
    const mailed = { status: 'RECOVERY_CHALLENGE', factorType: 'EMAIL' }
    const { make } = orgThat(...Array.from({ length: 6 }, limited), mailed)
    const authn = make({ limiter: limitAttempts() })
    const { username } = input
    const codes = await often(7, () => authn.recoverPassword({ username, channel: 'EMAIL' }))
    expect(codes.at(-1)).toBe('RECOVERY_CHALLENGE')
  })
})

describe('polling', () => {
  const poll = async (...answers: readonly Given[]) => {
    const scene = orgThat(pushChallenge('WAITING'), ...answers)
    const step = await scene.make().signIn(input)
    if (step.status !== 'MFA_CHALLENGE' || step.kind !== 'push' || !step.isWaiting) {
      throw new Error('it does not wait')
    }
    return { ...scene, polled: step.poll() }
  }

  it('asks the newest link', async () => {
    const moved = pushChallenge('WAITING', '/factors/opf1/moved')
    const { asked, polled } = await poll(moved, success)
    expect(await polled).toMatchObject({ status: 'SUCCESS' })
    expect(asked.at(-1)?.url).toBe(`${authnUrl}/factors/opf1/moved`)
  })

  it('waits longer where Okta says so, and goes on', async () => {
    const headers = { 'retry-after': '30' }
    const limited = Response.json({ errorCode: 'E0000047' }, { status: 429, headers })
    const { pauses, polled } = await poll(limited, success)
    expect(await polled).toMatchObject({ status: 'SUCCESS' })
    expect(pauses).toEqual([4, 30])
  })

  it('bears two outages in a row, and not three', async () => {
    const down = new Error('connect ECONNREFUSED')
    const twice = await poll(down, down, success)
    expect(await twice.polled).toMatchObject({ status: 'SUCCESS' })
    const thrice = await poll(down)
    await expect(thrice.polled).rejects.toThrow(Outage)
    expect(thrice.asked).toHaveLength(4)
  })

  it('ends, however long Okta says that it waits', async () => {
    const { asked, polled } = await poll(pushChallenge('WAITING'))
    expect(await polled).toMatchObject({ code: 'unanswered' })
    expect(asked.length).toBe(1 + 300 / 4)
  })
})

describe('a trusted application', () => {
  it('speaks for the browser', async () => {
    const { asked, make } = orgThat(success)
    const call = { address: '192.0.2.1', userAgent: 'Browser/1', deviceFingerprint: 'print' }
    await make({ apiToken: '00token' }).signIn(input, call)
    const { headers } = asked[0] ?? {}
    expect(headers?.get('authorization')).toBe('SSWS 00token')
    expect(headers?.get('x-forwarded-for')).toBe('192.0.2.1')
    expect(headers?.get('user-agent')).toBe('Browser/1')
    expect(headers?.get('x-device-fingerprint')).toBe('print')
  })

  it('is the only one that does', async () => {
    const { asked, make } = orgThat(success)
    await make().signIn(input, { address: '192.0.2.1', userAgent: 'Browser/1' })
    const { headers } = asked[0] ?? {}
    expect(headers?.get('authorization')).toBeNull()
    expect(headers?.get('x-forwarded-for')).toBeNull()
    expect(headers?.get('user-agent')).toBe('portcullis')
  })
})

describe('options', () => {
  it.each([
    ['neither okta nor domain', {}],
    ['both', { domain: 'acme.okta.com', okta: okta({ domain: 'acme.okta.com' }) }],
    ['an API token with its scheme', { domain: 'acme.okta.com', apiToken: 'SSWS x' }],
    ['a short secret', { domain: 'acme.okta.com', secrets: ['short'] }],
    ['a domain that is an issuer', { domain: 'https://acme.okta.com/oauth2/default' }],
  ])('with %s are refused at once', (_what, options) => {
    expect(() => createAuthn(options)).toThrow(ConfigurationError)
  })

  it('without secrets seal nothing, and a copy of a step is no step', async () => {
    const { make } = orgThat(state('MFA_REQUIRED'))
    const step = await make().signIn(input)
    if (step.status === 'failed') throw new Error(step.code)
    expect(() => make().openStep('x')).toThrow('authn.secrets is missing')
    expect(() => make().sealStep({ ...step })).toThrow(ConfigurationError)
  })

  it('let the audit log see what was not answered: Okta may have seen it', async () => {
    const events: AuthnEvent[] = []
    const observe = (event: AuthnEvent) => void events.push(event)
    const controller = new AbortController()
    const fetch = () => {
      controller.abort(new Error('the browser went away'))
      return new Promise<Response>(() => undefined)
    }
    const { make } = orgThat(success)
    const { signal } = controller
    await expect(make({ fetch, observe }).signIn(input, { signal })).rejects.toThrow('went away')
    const take = () => Promise.reject(new Outage('store_failed', 'the store is gone'))
    const limiter = { take, signedIn: () => Promise.resolve() }
    await expect(make({ limiter, observe }).signIn(input)).rejects.toThrow(Outage)
    const who = { act: 'sign-in', username: input.username }
    expect(events).toMatchObject([
      { ...who, outcome: 'aborted' },
      { ...who, outcome: 'outage' },
    ])
  })

  it('let the audit log fail without harm', async () => {
    const { make } = orgThat(success)
    const observe = () => {
      throw new Error('the log is full')
    }
    expect(await make({ observe }).signIn(input)).toMatchObject({ status: 'SUCCESS' })
  })
})
