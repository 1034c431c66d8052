import { describe, expect, test, vi } from 'vitest'
import { Outage } from '../errors/outage.ts'
import { forbidden } from '../errors/refusal.ts'
import type { HttpRequest } from '../http/request.ts'
import { createGuard } from './create.ts'
import type { GuardEvent, Observer } from './observe.ts'
import { readAccessToken, type AccessToken, type TokenVerifier } from './token.ts'

const request = (token?: string): HttpRequest => ({
  method: 'GET',
  url: 'https://api.test/',
  header: (name) =>
    name === 'authorization' && token !== undefined ? `Bearer ${token}` : undefined,
  form: () => Promise.resolve(new URLSearchParams()),
})

const answers: Readonly<Record<string, () => AccessToken | Promise<AccessToken>>> = {
  good: () => readAccessToken({ sub: 'u' }, {}, { issuer: 'https://id.test', expiresAt: 1 }, []),
  late: async () => answers['good']?.() ?? Promise.reject(new Error('there is no good token')),
  bad: () => {
    throw forbidden('no')
  },
  down: () => Promise.reject(new Outage('keys_unreachable', 'down')),
  bug: () => {
    throw new RangeError('a bug')
  },
}

const verifier: TokenVerifier = {
  verify: (token) => answers[token]?.() ?? Promise.reject(new Error('no such token')),
}

const outcome = async (observe: Observer, token?: string): Promise<string> => {
  try {
    const verdict = await createGuard({ verifier, observe }).check(request(token))
    return verdict.granted ? 'granted' : verdict.refusal.code
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
}

describe('an observer', () => {
  test.each([
    ['a grant', 'good', { type: 'granted', principal: { subject: 'u' } }],
    ['a grant that took time', 'late', { type: 'granted', principal: { subject: 'u' } }],
    ['a refusal', 'bad', { type: 'refused', refusal: { code: 'forbidden', reason: 'no' } }],
    ['an outage', 'down', { type: 'outage', outage: { code: 'keys_unreachable' } }],
    [
      'a request without credential',
      undefined,
      { type: 'refused', refusal: { code: 'no_credential' } },
    ],
  ])('sees %s, once, with its request', async (_, token, event) => {
    const seen: GuardEvent[] = []
    await outcome((one) => seen.push(one), token)
    expect(seen).toMatchObject([event])
    expect(seen[0]?.request.url).toBe('https://api.test/')
  })

  test('sees the refusal that the caller gets', async () => {
    const seen: unknown[] = []
    const guard = createGuard({
      verifier,
      realm: 'api',
      observe: (event) => seen.push(event.type === 'refused' && event.refusal),
    })
    const verdict = await guard.check(request())
    expect(seen).toEqual([verdict.granted || verdict.refusal])
  })

  test('sees who was let in without a credential', async () => {
    const seen: GuardEvent[] = []
    const guard = createGuard({ verifier, observe: (event) => seen.push(event) }).optional()
    await guard.check(request())
    expect(seen).toMatchObject([{ type: 'granted', principal: undefined }])
  })

  test('does not see a bug: that is for the error handler of the application', async () => {
    const observe = vi.fn<Observer>()
    expect(await outcome(observe, 'bug')).toBe('RangeError')
    expect(observe).not.toHaveBeenCalled()
  })

  test.each([
    ['good', 'granted'],
    ['late', 'granted'],
    ['bad', 'forbidden'],
    ['down', 'Outage'],
    [undefined, 'no_credential'],
  ])('that throws changes nothing (%s token: %s)', async (token, expected) => {
    const observe = vi.fn<Observer>(() => {
      throw new Error('the logger is broken')
    })
    expect(await outcome(observe, token)).toBe(expected)
    expect(observe).toHaveBeenCalledOnce()
  })

  test('that is asynchronous and fails is not left to end the process as an unhandled rejection', async () => {
    const failure = Promise.reject(new Error('the logger is broken'))
    // Handled here, so that the test runner does not end on it; what counts is whether the guard would.
    failure.catch(() => undefined)
    const handled = vi.spyOn(failure, 'then')
    expect(await outcome(() => failure, 'good')).toBe('granted')
    expect(handled).toHaveBeenCalled()
  })
})
