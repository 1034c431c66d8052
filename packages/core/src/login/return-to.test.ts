import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseOf } from '../../../../test/support/login-unit.ts'
import { safeReturn } from './return-to.ts'

const bases = [
  baseOf('https://app.test'),
  baseOf('https://app.test/shop'),
  baseOf('http://127.0.0.1:3000'),
]
const [root, shop] = [baseOf('https://app.test'), baseOf('https://app.test/shop')]

describe('a place to go back to', () => {
  test.each([
    ['/', '/'],
    ['/account', '/account'],
    ['/account?tab=1&x=%2F%2Fevil.test', '/account?tab=1&x=%2F%2Fevil.test'],
    ['/a/../b', '/b'],
    ['/caf%C3%A9', '/caf%C3%A9'],
    ['/a#part', '/a'],
    ['/%2f/evil.test', '/%2f/evil.test'],
    ['/%5cevil.test', '/%5cevil.test'],
    ['/@evil.test', '/@evil.test'],
    ['/https://evil.test', '/https://evil.test'],
    ['/a?next=https://evil.test', '/a?next=https://evil.test'],
  ])('%s is one', (given, place) => {
    expect(safeReturn(given, root)).toBe(place)
  })

  test.each([
    undefined,
    null,
    '',
    'account',
    '?tab=1',
    '//evil.test',
    '///evil.test',
    '/\\evil.test',
    '\\\\evil.test',
    '/\t/evil.test',
    '/\n/evil.test',
    '/\r\n/evil.test',
    ' //evil.test',
    '\u0000//evil.test',
    '/.//evil.test',
    '/..//evil.test',
    '/a/..//evil.test',
    '/%2e//evil.test',
    '/%2E%2e//evil.test',
    'https:evil.test',
    'https:/evil.test',
    'https://evil.test',
    'https://app.test/account',
    'https://app.test@evil.test/',
    'javascript:alert(1)',
    'data:text/html,x',
    '/\u2215\u2215evil.test',
    '/\uff0fevil.test',
    '/\ud800',
    '/\u00e9',
    `/${'a'.repeat(2000)}`,
    // Three times as long once it is encoded.
    `/${'"'.repeat(700)}`,
  ])('%j is none, and becomes the root of the application', (given) => {
    expect(safeReturn(given, root)).toBe('/')
    expect(safeReturn(given, shop)).toBe('/shop/')
  })
})

const tricks = fc.constantFrom(
  '/',
  '//',
  '\\\\',
  '\\',
  '..',
  '.',
  '%2f',
  '%5c',
  '%2e',
  '@',
  ':',
  '?',
  '#',
  '\t',
  '\n',
  '\r',
  ' ',
  '\u0000',
  'https:',
  'javascript:',
  'data:',
  'evil.test',
  'app.test',
  '[::1]',
  'a',
  '%',
  '%0a',
  '\u2028',
  '\u3002',
  '\ufeff',
  '\u202e',
)
const anything = fc.oneof(
  fc.array(tricks, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.array(tricks, { maxLength: 12 }).map((parts) => `/${parts.join('')}`),
  fc.string({ unit: 'binary' }),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
)

describe('whatever is given,', () => {
  test('its place is never longer than a cookie can hold', () => {
    const growing = fc.string({ unit: fc.constantFrom('"', '<', '{', '`', 'a'), maxLength: 1999 })
    fc.assert(
      fc.property(growing, fc.constantFrom('/', '/?'), (given, start) => {
        expect(safeReturn(start + given, root).length).toBeLessThanOrEqual(2000)
      }),
    )
  })

  test('the browser stays with the application', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(...bases), (given, base) => {
        const place = safeReturn(given, base)
        expect(place).toMatch(/^\/(?!\/)[\u0021-\u007e]*$/)
        expect(place).not.toContain('\\\\')
        expect(new URL(place, base.url).origin).toBe(base.origin)
        expect(new URL(base.origin + place).origin).toBe(base.origin)
        // As a browser would read it that is led there by a relative address.
        expect(new URL(place, `${base.origin}/login`).host).toBe(new URL(base.origin).host)
      }),
      { numRuns: 3000 },
    )
  })

  test('a place is a place the second time too', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(...bases), (given, base) => {
        const place = safeReturn(given, base)
        expect(safeReturn(place, base)).toBe(place)
      }),
    )
  })
})
