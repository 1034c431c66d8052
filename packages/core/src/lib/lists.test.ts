import { describe, expect, test } from 'vitest'
import { remembering, single, words as splitWords } from './lists.ts'

const createWords = () => remembering(splitWords)

describe.each([
  ['splitWords', splitWords],
  ['createWords', createWords()],
])('%s', (_, words) => {
  test.each([
    ['a b', ['a', 'b']],
    ['a', ['a']],
    [' a  b ', ['a', 'b']],
    ['', []],
    ['   ', []],
    ['a\tb', ['a\tb']],
  ])('splits %j at its spaces', (text, list) => {
    expect(words(text)).toEqual(list)
    expect(words(text)).toEqual(list)
  })

  test('gives a list that nobody can change for the others', () => {
    expect(Object.isFrozen(words('a b'))).toBe(true)
    expect(Object.isFrozen(words(' a'))).toBe(true)
  })
})

describe('createWords', () => {
  test('gives one list to all who ask for the same text', () => {
    const words = createWords()
    expect(words('a b')).toBe(words('a b'))
    expect(createWords()('a b')).not.toBe(words('a b'))
  })

  test('does not remember more texts than a thousand', () => {
    const words = createWords()
    const first = words('first')
    for (let index = 1; index < 1000; index++) words(`text-${index}`)
    expect(words('first')).toBe(first)
    words('one more')
    expect(words('first')).not.toBe(first)
    expect(words('first')).toEqual(['first'])
  })
})

test('a list of the text alone keeps its spaces, and is one list for all who ask', () => {
  const alone = remembering(single)
  expect(alone('a b')).toEqual(['a b'])
  expect(alone('a b')).toBe(alone('a b'))
  expect(Object.isFrozen(alone('a b'))).toBe(true)
})
