import { expect, test } from 'vitest'
import { createWorth, sampling } from './worth.ts'

/** Counts so many tokens, and says whether remembering pays then. */
function after(worth: ReturnType<typeof createWorth>, count: number, known: number): boolean {
  for (let index = 0; index < count; index++) worth.count(index < known)
  return worth.pays()
}

test('begins by remembering, until no token has come again for long', () => {
  const worth = createWorth(1000)
  expect(worth.pays()).toBe(true)
  expect(after(worth, 1999, 0)).toBe(true)
  expect(worth.count(false)).toBe(true)
  expect(worth.pays()).toBe(false)
})

test('every token has time to come twice, however many are kept', () => {
  expect(after(createWorth(20_000), 39_999, 0)).toBe(true)
  expect(after(createWorth(20_000), 40_000, 0)).toBe(false)
  expect(after(createWorth(1), 1999, 0)).toBe(true)
})

test('one in ten that comes again is enough to go on, one in four of the sample to begin again', () => {
  expect(after(createWorth(1000), 2000, 199)).toBe(false)
  const worth = createWorth(1000)
  expect(after(worth, 2000, 200)).toBe(true)
  expect(after(worth, 2000, 0)).toBe(false)
  expect(after(worth, 16, 3)).toBe(false)
  expect(after(worth, 15, 4)).toBe(false)
  expect(worth.count(false)).toBe(true)
  expect(worth.pays()).toBe(true)
})

test('an hour of hits does not make up for tokens that no longer come again', () => {
  const worth = createWorth(1000)
  expect(after(worth, 1_000_000, 1_000_000)).toBe(true)
  expect(after(worth, 4000, 0)).toBe(false)
})

test('the sample is an eighth of all signatures, and always the same', () => {
  const { isSampled } = createWorth(1000)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const sampled = alphabet.split('').filter((character) => isSampled(`a.b.${character}AAA`))
  expect(sampled.length).toBeGreaterThanOrEqual(64 / sampling - 1)
  expect(sampled.length).toBeLessThanOrEqual(64 / sampling + 1)
})
