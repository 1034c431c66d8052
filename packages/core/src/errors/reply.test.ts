import { describe, expect, test, vi } from 'vitest'
import { ConfigurationError } from './configuration.ts'
import { Outage } from './outage.ts'
import { forbidden, Refusal } from './refusal.ts'
import { errorReply } from './reply.ts'

const type = ['content-type', 'text/plain; charset=utf-8']

describe('the plain answer', () => {
  test('to a refusal has status, challenge and the sentence for the wire', () => {
    expect(errorReply(new Refusal('token_expired', 'It expired 3 s ago.'))).toEqual({
      status: 401,
      headers: [type, ['WWW-Authenticate', 'Bearer error="invalid_token"']],
      body: 'The access token is not accepted.',
    })
  })

  test('to a refusal without a challenge has none', () => {
    expect(errorReply(forbidden('no'))).toEqual({
      status: 403,
      headers: [type],
      body: 'Access is denied.',
    })
  })

  test('to an outage says when to come back, and nothing about who failed', () => {
    const outage = new Outage('keys_unreachable', 'refused', {
      url: 'https://id.test/keys',
      retryAfter: 5,
    })
    expect(errorReply(outage)).toEqual({
      status: 503,
      headers: [type, ['Retry-After', '5']],
      body: 'Service Unavailable',
    })
  })

  test('is given to what another copy of the package made', async () => {
    vi.resetModules()
    const copy = await import('./refusal.ts')
    expect(errorReply(copy.forbidden('no')).status).toBe(403)
  })

  test.each([
    [new RangeError('a bug')],
    [new ConfigurationError('wrong')],
    [{ status: 403, headers: {}, expose: true, message: 'no' }],
    [undefined],
  ])('is not given to anything else, which is thrown again: %s', (error) => {
    const answer = vi.fn(() => errorReply(error))
    try {
      answer()
    } catch {
      // What was thrown is looked at below, because it need not be an error.
    }
    expect(answer.mock.results).toEqual([{ type: 'throw', value: error }])
    expect(answer.mock.results[0]?.value).toBe(error)
  })
})
