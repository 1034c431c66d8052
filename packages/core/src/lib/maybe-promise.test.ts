import { describe, expect, test } from 'vitest'
import { andThen, isPromise } from './maybe-promise.ts'

describe('isPromise', () => {
  test('recognises promises, also those of other libraries', () => {
    expect(isPromise(Promise.resolve())).toBe(true)
    const foreign: PromiseLike<number> = Promise.resolve(1)
    expect(isPromise(Object.setPrototypeOf({ then: () => foreign }, null))).toBe(true)
  })

  test.each([undefined, null, 0, 'then', {}, { then: 1 }, [], () => undefined])(
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
