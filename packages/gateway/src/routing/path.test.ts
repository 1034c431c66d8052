import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { pathCases } from '../../../../test/support/gateway-cases.ts'
import { canonicalPath } from './path.ts'

test.each(pathCases)('$name: $target', ({ target, path }) => {
  expect(canonicalPath(target)).toBe(path)
})

test('the table has at least 40 cases, and no target twice', () => {
  expect(new Set(pathCases.map(({ target }) => target)).size).toBe(pathCases.length)
  expect(pathCases.length).toBeGreaterThanOrEqual(40)
})

const pieces = [
  ...'/ . .. %2e %2F %5c %00 %25 %41 %40 %C3%A9 %20 ; \\ a B 1 - ~ @ ? # // % %zz [ |'.split(' '),
  'é',
  '\u0001',
]
const target = fc
  .array(fc.constantFrom(...pieces), { maxLength: 12 })
  .map((parts) => `/${parts.join('')}`)

test('a canonical path is its own canonical form', () => {
  fc.assert(
    fc.property(target, (text) => {
      const path = canonicalPath(text)
      fc.pre(path !== undefined)
      expect(canonicalPath(path)).toBe(path)
    }),
    { numRuns: 2000 },
  )
})

// What programs on the way do with a path: each must end in the same one.
test('decoding, resolving dots and merging slashes change nothing in what is accepted', () => {
  fc.assert(
    fc.property(target, (text) => {
      const path = canonicalPath(text)
      fc.pre(path !== undefined)
      const raw = text.split('?')[0] ?? ''
      const resolved = new URL(text, 'http://h').pathname
      const decoded = decodeURIComponent(raw)
      expect(canonicalPath(resolved)).toBe(path)
      expect(decoded.replaceAll(/\/{2,}/g, '/')).toBe(decoded)
      expect(decoded.split('/')).toHaveLength(raw.split('/').length)
      expect(decoded.split('/').filter((segment) => /^\.\.?$/.test(segment))).toEqual([])
      expect(decodeURIComponent(path)).toBe(decoded.length > 1 ? decoded.replace(/\/$/, '') : '/')
    }),
    { numRuns: 2000 },
  )
})

test('the query never matters', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[!"$-~]{0,40}$/), (query) => {
      expect(canonicalPath(`/orders?${query}`)).toBe('/orders')
    }),
  )
})

test('a path with anything to spell out is not longer than a line of most servers', () => {
  expect(canonicalPath(`/${'%40'.repeat(2730)}`)).toBe(`/${'@'.repeat(2730)}`)
  expect(canonicalPath(`/${'%40'.repeat(2731)}`)).toBeUndefined()
  expect(canonicalPath(`/${'|'.repeat(8192)}`)).toBeUndefined()
  expect(canonicalPath(`/${'a'.repeat(20_000)}`)).toHaveLength(20_001)
})

test('a long hostile target is refused in linear time', () => {
  const started = performance.now()
  expect(canonicalPath(`/${'a/'.repeat(50_000)}..`)).toBeUndefined()
  expect(canonicalPath(`/${'%C3'.repeat(50_000)}`)).toBeUndefined()
  expect(canonicalPath(`/${'a'.repeat(100_000)}\n`)).toBeUndefined()
  expect(performance.now() - started).toBeLessThan(1000)
})
