import { expect, test } from 'vitest'
import { createClock } from './clock.ts'

test('stands still until it is advanced', () => {
  const { now, advance } = createClock(1_000)
  expect(now()).toBe(1_000)
  advance(2.5)
  expect(now()).toBe(3_500)
  advance(-1)
  expect(now()).toBe(2_500)
})

test('is set to a date or to epoch milliseconds', () => {
  const clock = createClock(new Date('2030-01-01T00:00:00Z'))
  expect(new Date(clock.now()).getUTCFullYear()).toBe(2030)
  clock.set(7)
  expect(clock.now()).toBe(7)
  clock.set(new Date(9))
  expect(clock.now()).toBe(9)
})

test('starts at the real time', () => {
  const before = Date.now()
  const time = createClock().now()
  expect(time).toBeGreaterThanOrEqual(before)
  expect(time).toBeLessThanOrEqual(Date.now())
})

test('refuses what is no time', () => {
  expect(() => createClock(Number.NaN)).toThrow(TypeError)
  const clock = createClock(5)
  expect(() => clock.advance(Number.NaN)).toThrow(/valid Date/)
  expect(clock.now()).toBe(5)
})
