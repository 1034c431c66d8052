import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { covers, matcherOf, readPattern, type Pattern } from './pattern.ts'

const read = (text: string): Pattern => {
  const pattern = readPattern(text)
  if (typeof pattern === 'string') throw new Error(pattern)
  return pattern
}
const fits = (text: string, path: string): boolean => matcherOf(read(text))(path)

test.each([
  ['orders', /begin with/],
  ['', /begin with/],
  ['/orders/', /end with/],
  ['/**/x', /last segment/],
  ['/a*', /last segment/],
  ['/a/*', /one segment of any kind is '\{name\}'/],
  ['/{id', /braces/],
  ['/a{id}', /braces/],
  ['/{}', /braces/],
  ['/a?b', /query/],
  ['/a#b', /query/],
  ['/a//b', /more than one reading/],
  ['/a/../b', /more than one reading/],
  ['/%61', /more than one reading/],
  ['/a%2fb', /more than one reading/],
  ['/café', /percent-encoded/],
  ['/a b', /percent-encoded/],
])('the pattern %j is refused', (text, reason) => {
  expect(readPattern(text)).toMatch(reason)
})

test.each([
  ['/', '/', true],
  ['/', '/a', false],
  ['/orders', '/orders', true],
  ['/orders', '/Orders', false],
  ['/orders', '/orders/1', false],
  ['/orders/{id}', '/orders/1', true],
  ['/orders/{id}', '/orders', false],
  ['/orders/{id}', '/orders/1/2', false],
  ['/{a}/x/{b}', '/1/x/2', true],
  ['/{a}/x/{b}', '/1/y/2', false],
  ['/public/**', '/public', true],
  ['/public/**', '/public/a/b', true],
  ['/public/**', '/publicity', false],
  ['/**', '/', true],
  ['/**', '/a/b', true],
  ['/a/{id}/**', '/a/1', true],
  ['/a/{id}/**', '/a/1/2/3', true],
  ['/a/{id}/**', '/a', false],
  // What means something in a regular expression means nothing here.
  ['/a.c/{id}', '/abc/1', false],
  ['/a(b)+[c]|d/{id}', '/a(b)+%5Bc%5D%7Cd/1', true],
  // As clients may spell it.
  ['/bob%40home', '/bob@home', true],
  ['/caf%c3%a9', '/caf%C3%A9', true],
])('%j and %j: %s', (pattern, path, expected) => {
  expect(fits(pattern, path)).toBe(expected)
})

const segment = fc.constantFrom('a', 'b', 'a.b', '{x}')
const pattern = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.boolean())
  .map(([segments, rest]) => `/${[...segments, ...(rest ? ['**'] : [])].join('/')}`)
const path = fc
  .array(fc.constantFrom('a', 'b', 'a.b', 'aXb', 'c'), { maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`)

/** The same, slowly and plainly. */
function naive(text: string, given: string): boolean {
  const wanted = text.split('/').filter((part) => part !== '')
  const held = given.split('/').filter((part) => part !== '')
  for (const [at, part] of wanted.entries()) {
    if (part === '**') return true
    const one = held[at]
    if (one === undefined || (!part.startsWith('{') && part !== one)) return false
  }
  return wanted.length === held.length
}

describe('for all patterns and paths', () => {
  test('the matcher agrees with a plain comparison of segments', () => {
    fc.assert(
      fc.property(pattern, path, (text, given) => {
        expect(fits(text, given)).toBe(naive(text, given))
      }),
      { numRuns: 2000 },
    )
  })

  test('what a pattern covers never fits where the pattern does not', () => {
    fc.assert(
      fc.property(pattern, pattern, path, (wide, narrow, given) => {
        fc.pre(covers(read(wide), read(narrow)) && naive(narrow, given))
        expect(naive(wide, given)).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })
})

test.each([
  ['/**', '/a', true],
  ['/a/**', '/a', true],
  ['/a/**', '/a/**', true],
  ['/a/**', '/a/{x}/**', true],
  ['/a/{x}', '/a/b', true],
  ['/a/b', '/a/{x}', false],
  ['/a/{x}', '/a/**', false],
  ['/a/{x}/**', '/a/**', false],
  ['/a', '/a', true],
  ['/a', '/b', false],
  ['/{x}/b', '/a/{y}', false],
])('%j covers %j: %s', (wide, narrow, expected) => {
  expect(covers(read(wide), read(narrow))).toBe(expected)
})
