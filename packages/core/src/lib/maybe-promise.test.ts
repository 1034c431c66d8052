import { describe, expect, test } from 'vitest'
import { andThen, isPromise } from './maybe-promise.ts'

describe('isPromise', () => {
  test('recognises promises, also those of other libraries', () => {
    const foreign: unknown = new Proxy({}, { get: () => () => undefined })
    expect(isPromise(Promise.resolve())).toBe(true)
    expect(isPromise(foreign)).toBe(true)
  })

  const data: unknown = JSON.parse('{"then":1}')

  test.each([undefined, null, 0, 'then', {}, data, [], () => undefined])(
    'does not take %j for one',
    (value) => {
      expect(isPromise<unknown>(value)).toBe(false)
    },
  )
})

describe('andThen', () => {
  test('goes on at once with what is there', () => {
    expect(andThen(1, (value) => value + 1)).toBe(2)
  })

  test('goes on later with what will be there', async () => {
    const later = andThen(Promise.resolve(1), (value) => value + 1)
    expect(isPromise(later)).toBe(true)
    expect(await later).toBe(2)
  })

  test('hands on what is thrown, at once or later', async () => {
    const fail = (): never => {
      throw new RangeError('no')
    }
    expect(() => andThen(1, fail)).toThrow(RangeError)
    await expect(andThen(Promise.resolve(1), fail)).rejects.toThrow(RangeError)
    await expect(andThen(Promise.reject(new RangeError('no')), () => 1)).rejects.toThrow(RangeError)
  })
})
