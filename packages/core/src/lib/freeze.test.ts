import { describe, expect, test } from 'vitest'
import { deepFreeze } from './freeze.ts'

describe('a value that is deeply frozen', () => {
  test('is the same value', () => {
    const value = { a: 1 }
    expect(deepFreeze(value)).toBe(value)
    expect(deepFreeze(7)).toBe(7)
    expect(deepFreeze(null)).toBeNull()
    expect(deepFreeze('a')).toBe('a')
  })

  test('cannot be changed at any depth, in objects and in arrays', () => {
    const value = deepFreeze({ a: { b: [{ c: 1 }, ['d']] } })
    expect([value, value.a, value.a.b, ...value.a.b].every((one) => Object.isFrozen(one))).toBe(
      true,
    )
    expect(Reflect.set(value.a.b, 'length', 0)).toBe(false)
  })

  test('may hold what is frozen already, and may hold itself', () => {
    const value: Record<string, unknown> = { done: Object.freeze({ a: 1 }) }
    value['self'] = value
    expect(Object.isFrozen(deepFreeze(value))).toBe(true)
  })

  test('may hold bytes, which cannot be frozen', () => {
    const value = { bytes: new Uint8Array([1]) }
    expect(Object.isFrozen(deepFreeze(value))).toBe(true)
    expect(value.bytes[0]).toBe(1)
  })

  test('may have a member called __proto__', () => {
    const value: unknown = deepFreeze(JSON.parse('{"__proto__":{"a":1}}'))
    const member: unknown = Object.getOwnPropertyDescriptor(value, '__proto__')?.value
    expect(member).toEqual({ a: 1 })
    expect(Object.isFrozen(member)).toBe(true)
    expect(Object.isFrozen(Object.prototype)).toBe(false)
  })
})
