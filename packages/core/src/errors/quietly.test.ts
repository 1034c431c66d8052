import { afterEach, describe, expect, test } from 'vitest'
import { quietly } from './quietly.ts'

const limit = Error.stackTraceLimit

afterEach(() => {
  Object.defineProperty(Error, 'stackTraceLimit', {
    value: limit,
    writable: true,
    enumerable: true,
    configurable: true,
  })
})

describe('an error that is made quietly', () => {
  test('has its message and no stack, and the next one has a stack again', () => {
    const error = quietly(() => new RangeError('out'))
    expect(error).toBeInstanceOf(RangeError)
    expect(error.message).toBe('out')
    expect(error.stack).not.toContain('quietly.test.ts')
    expect(new Error('loud').stack).toContain('quietly.test.ts')
    expect(Error.stackTraceLimit).toBe(limit)
  })

  test('leaves the limit as it was, also where making it fails', () => {
    expect(() =>
      quietly(() => {
        throw new TypeError('no')
      }),
    ).toThrow('no')
    expect(Error.stackTraceLimit).toBe(limit)
  })

  test('has a stack where the intrinsics are frozen, instead of failing', () => {
    Object.defineProperty(Error, 'stackTraceLimit', { value: 10, writable: false })
    const error = quietly(() => new RangeError('out'))
    expect(error.message).toBe('out')
    expect(error.stack).toContain('quietly.test.ts')
    expect(Error.stackTraceLimit).toBe(10)
  })
})
