import { describe, expect, test, vi } from 'vitest'
import { Outage } from './outage.ts'
import { Refusal } from './refusal.ts'
import { outages, type OutageCode } from './table.ts'

describe('an outage', () => {
  test('is a 503 that says when to come back, and no challenge', () => {
    const outage = new Outage('keys_unreachable', 'no answer', { retryAfter: 7 })
    expect(outage).toBeInstanceOf(Error)
    expect(outage).toMatchObject({
      name: 'Outage',
      code: 'keys_unreachable',
      status: 503,
      retryAfter: 7,
      headers: { 'Retry-After': '7' },
    })
    expect(Object.keys(outage.headers)).toEqual(['Retry-After'])
  })

  test('does not show its text to clients: it names the addresses of others', () => {
    expect(new Outage('keys_unreachable', 'x').expose).toBe(false)
  })

  test('names sentence, URL, phase and detail for the log', () => {
    const outage = new Outage('keys_unreachable', 'it answered 502', {
      url: 'https://id.test/keys',
      phase: 'status',
    })
    expect(outage.message).toBe(
      'The keys of the issuer cannot be fetched. https://id.test/keys (status): it answered 502',
    )
    expect(outage).toMatchObject({ url: 'https://id.test/keys', phase: 'status' })
  })

  test('does without URL and phase', () => {
    const outage = new Outage('revocation_unknown', 'the store is down')
    expect(outage.message).toBe(`${outages.revocation_unknown}: the store is down`)
    expect(outage).toMatchObject({ url: undefined, phase: undefined })
  })

  test.each([
    [undefined, 1],
    [0, 1],
    [-3, 1],
    [0.2, 1],
    [2.1, 3],
    [30, 30],
  ])('rounds the seconds up to whole ones, and to 1 at least: %s becomes %s', (given, told) => {
    const options = given === undefined ? {} : { retryAfter: given }
    expect(new Outage('keys_invalid', 'x', options).headers['Retry-After']).toBe(String(told))
  })

  test('keeps its cause, and has none where there was none', () => {
    const cause = new Error('ECONNREFUSED')
    expect(new Outage('keys_invalid', 'x', { cause }).cause).toBe(cause)
    expect(Object.hasOwn(new Outage('keys_invalid', 'x'), 'cause')).toBe(false)
  })
})

describe('an outage that is met again', () => {
  test('is the same one with another time to come back', () => {
    const cause = new Error('ECONNREFUSED')
    const options = { url: 'https://id.test/keys', phase: 'connect', retryAfter: 9, cause }
    const first = new Outage('keys_unreachable', 'refused', options)
    const again = first.again(3.5)
    expect(again).not.toBe(first)
    expect(again.message).toBe(first.message)
    expect(again).toMatchObject({
      code: 'keys_unreachable',
      url: 'https://id.test/keys',
      phase: 'connect',
      cause,
      retryAfter: 4,
    })
    expect(first.retryAfter).toBe(9)
  })

  test('names no URL, phase or cause that the first one did not', () => {
    const again = new Outage('keys_invalid', 'x').again(1)
    expect(again.message).toBe(`${outages.keys_invalid}: x`)
    expect(again).toMatchObject({ url: undefined, phase: undefined })
    expect(Object.hasOwn(again, 'cause')).toBe(false)
  })
})

describe('Outage.is', () => {
  test('recognises an outage, also one that another copy of the package made', async () => {
    vi.resetModules()
    const copy = await import('./outage.ts')
    const foreign = new copy.Outage('keys_invalid', 'x')
    expect(foreign).not.toBeInstanceOf(Outage)
    expect(Outage.is(foreign)).toBe(true)
    expect(copy.Outage.is(new Outage('keys_invalid', 'x'))).toBe(true)
  })

  test.each([undefined, null, 503, 'keys_invalid', {}, new Error('x'), new Refusal('forbidden')])(
    'does not take %j for one',
    (other) => {
      expect(Outage.is(other)).toBe(false)
    },
  )

  test('and Refusal.is never both say yes', () => {
    expect(Refusal.is(new Outage('keys_invalid', 'x'))).toBe(false)
  })
})

test('every outage in the table has a sentence', () => {
  // The keys of the table are its codes.
  for (const code of Object.keys(outages) as OutageCode[]) {
    expect(outages[code]).toMatch(/^The .*\.$/)
  }
})
