import { expect, test } from 'vitest'
import { createMemory } from './memory.ts'

test('knows what it was told, in whatever order it is asked', () => {
  const memory = createMemory<number>(3)
  memory.set('a', 1)
  memory.set('b', 2)
  const asked = ['a', 'b', 'b', 'a', 'c', 'a']
  expect(asked.map((text) => memory.get(text))).toEqual([1, 2, 2, 1, undefined, 1])
})

test('is told something else of the text that came last', () => {
  const memory = createMemory<number>(3)
  memory.set('a', 1)
  memory.set('a', 2)
  expect(memory.get('a')).toBe(2)
  memory.set('b', 3)
  expect(memory.get('a')).toBe(2)
})

test('begins anew when it is full, and knows what it was told last', () => {
  const memory = createMemory<number>(2)
  const texts = ['a', 'b', 'c']
  for (const [value, text] of texts.entries()) memory.set(text, value)
  expect(texts.map((text) => memory.get(text))).toEqual([undefined, undefined, 2])
})
