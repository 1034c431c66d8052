import { createClock } from '@portcullis/testkit'
import { expect, it } from 'vitest'
import { createLately } from './lately.ts'

it('what happened is known for a minute', () => {
  const clock = createClock()
  const lately = createLately<number>(clock.now)
  lately.set('a', 1)
  clock.advance(59)
  expect(lately.get('a')).toBe(1)
  clock.advance(1)
  expect(lately.get('a')).toBeUndefined()
})

it('what happens again is known anew, and what is forgotten is not', () => {
  const clock = createClock()
  const lately = createLately<number>(clock.now)
  lately.set('a', 1)
  clock.advance(40)
  lately.set('a', 2)
  clock.advance(40)
  expect(lately.get('a')).toBe(2)
  lately.delete('a')
  expect(lately.get('a')).toBeUndefined()
})

it('where there is no room the oldest is forgotten', () => {
  const lately = createLately<number>(createClock().now, 60_000, 2)
  for (const [at, name] of ['a', 'b', 'a', 'c'].entries()) lately.set(name, at)
  expect(['a', 'b', 'c'].map((name) => lately.get(name))).toEqual([2, undefined, 3])
})

it('a clock that is set back far keeps nothing alive', () => {
  const clock = createClock()
  const lately = createLately<number>(clock.now)
  lately.set('a', 1)
  clock.advance(-30)
  expect(lately.get('a')).toBe(1)
  clock.advance(-3600)
  expect(lately.get('a')).toBeUndefined()
})
