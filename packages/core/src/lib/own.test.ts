import { afterEach, describe, expect, test } from 'vitest'
import { isRecord, own, ownValue } from './own.ts'

afterEach(() => {
  Reflect.deleteProperty(Object.prototype, 'polluted')
})

describe('an own member', () => {
  test('is found, whatever its value', () => {
    expect(ownValue({ a: 0 }, 'a')).toBe(0)
    expect(ownValue({ a: null }, 'a')).toBeNull()
    expect(ownValue({ a: undefined }, 'a')).toBeUndefined()
    expect(ownValue(Object.assign(Object.create(null), { a: 1 }), 'a')).toBe(1)
    expect(ownValue(JSON.parse('{"__proto__":5}'), '__proto__')).toBe(5)
  })

  test.each(['polluted', 'toString', 'constructor', '__proto__'])(
    'is not found on the prototype: %s',
    (name) => {
      Reflect.set(Object.prototype, 'polluted', 'admin')
      expect(ownValue({}, name)).toBeUndefined()
      expect(own({}, name, Reflect.get({}, name))).toBeUndefined()
    },
  )

  test('is found where it was read by its name', () => {
    expect(own({ a: 'b' }, 'a', 'b')).toBe('b')
    expect(own({ a: null }, 'a', null)).toBeNull()
  })
})

test('a record is an object that is no array', () => {
  expect([{}, Object.create(null)].every((value) => isRecord(value))).toBe(true)
  expect([null, undefined, [], 'a', 1, () => 1].some((value) => isRecord(value))).toBe(false)
})
