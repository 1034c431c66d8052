import { describe, expect, test } from 'vitest'
import { plainFace } from '../http/challenge.ts'
import { Outage } from './outage.ts'
import { forbidden, refuse } from './refusal.ts'

const retry = { 'Retry-After': '7' }

describe('what an error has sent with it', () => {
  test.each([
    ['refusal', refuse('no_credential'), { 'WWW-Authenticate': 'Bearer' }],
    ['outage', new Outage('store_failed', 'down', { retryAfter: 7 }), retry],
  ])('can be added to by middleware that the %s passes', (_what, error, own) => {
    // As @koa/cors does it, and much else.
    error.headers = { ...error.headers, vary: 'Origin' }
    expect(error.headers).toEqual({ ...own, vary: 'Origin' })
  })
})

test('the status has both names that error handlers know', () => {
  const errors = [forbidden(), refuse('no_credential'), new Outage('store_failed', 'down')]
  expect(errors.map(({ statusCode }) => statusCode)).toEqual([403, 401, 503])
  expect(errors.map(({ status }) => status)).toEqual([403, 401, 503])
})

describe('what was added for one request is not sent to another', () => {
  test('that gets the same refusal', () => {
    const shared = forbidden('not on a Sunday')
    const first = shared.facing(plainFace)
    first.headers = { 'Access-Control-Allow-Origin': 'https://a.example' }
    const second = shared.facing(plainFace)
    expect(second).toMatchObject({ code: 'forbidden', reason: 'not on a Sunday', headers: {} })
    expect(second.stack).not.toContain('at ')
  })

  test('that waits for the same fetch', () => {
    const shared = new Outage('keys_unreachable', 'down', {
      url: 'https://id.test/',
      retryAfter: 7,
    })
    const first = shared.facing()
    expect(first).toBe(shared)
    first.headers = { 'Access-Control-Allow-Origin': 'https://a.example' }
    const second = shared.facing()
    expect(second).toMatchObject({ message: shared.message, url: shared.url, headers: retry })
  })
})
