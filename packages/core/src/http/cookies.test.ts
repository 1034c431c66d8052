import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  expireCookie,
  readCookie,
  readCookies,
  writeCookie,
  type CookieAttributes,
} from './cookies.ts'

const plain: CookieAttributes = { path: '/', secure: true, sameSite: 'Lax' }

describe('reading a cookie', () => {
  test.each([
    ['the only one', 'a=1', '1'],
    ['the first', 'a=1; b=2', '1'],
    ['the last', 'b=2; a=1', '1'],
    ['without spaces', 'b=2;a=1;c=3', '1'],
    ['with spaces where none should be', '  b = 2 ;\t a =  1  ; c', '1'],
    ['the first of two', 'a=1; a=2', '1'],
    ['the first of two, though it is empty', 'a=; a=2', ''],
    ['with the quotes around it taken off', 'a="1"', '1'],
    ['with a lone quote left where it is', 'a="', '"'],
    ['with an equals sign in it', 'a=1=2=', '1=2='],
    ['as it was sent, percent signs and all', 'a=%41', '%41'],
  ])('finds %s', (_, field, value) => {
    expect(readCookie(field, 'a')).toBe(value)
  })

  test.each([
    ['none', ''],
    ['a name that only begins so', 'ab=1'],
    ['a name that only ends so', 'ba=1'],
    ['another case', 'A=1'],
    ['the name in a value', 'b=a=1'],
    ['the name behind a space in a value', 'b=x a=1'],
    ['no equals sign', 'a; b=2'],
    ['an equals sign of the next cookie', 'a ; =2'],
    ['a comma between', 'b=1,a=2'],
  ])('does not take for it %s', (_, field) => {
    expect(readCookie(field, 'a')).toBeUndefined()
  })

  test('knows nothing of prototypes', () => {
    expect(readCookie('a=1', 'constructor')).toBeUndefined()
    expect(readCookie('__proto__=1', '__proto__')).toBe('1')
    expect(readCookies('__proto__=1; constructor=2', '')).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
  })

  test('by a prefix gives every name that begins with it, each once, in order', () => {
    const field = 'x=0; p.b=2; q=3; p.a="1"; p.b=9; p. =4; p.c'
    expect(readCookies(field, 'p.')).toEqual([
      ['p.b', '2'],
      ['p.a', '1'],
      ['p.', '4'],
    ])
    expect(readCookies(field, 'nothing')).toEqual([])
  })

  test('agrees with a plain reading of any field', () => {
    const letters = fc.constantFrom(...'ab=;; "\t.'.split(''))
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 40 }), (field) => {
        const all = plainly(field)
        for (const name of ['a', 'ab', 'a.b', 'b']) {
          expect(readCookie(field, name)).toBe(all.find(([known]) => known === name)?.[1])
        }
        const firsts = all.filter(([name], at) => all.findIndex(([one]) => one === name) === at)
        expect(readCookies(field, 'a')).toEqual(firsts.filter(([name]) => name.startsWith('a')))
      }),
      { numRuns: 3000 },
    )
  })

  test('of a hostile field of 16 kB finds what there is', () => {
    const fields = ['a'.repeat(16_000), 'a;'.repeat(8000), ' '.repeat(16_000), ';'.repeat(16_000)]
    for (const field of fields) {
      expect(readCookie(field, 'a')).toBeUndefined()
      expect(readCookies(field, 'a')).toEqual([])
    }
    expect(
      readCookies(Array.from({ length: 3000 }, (_, at) => `a${at}=`).join(';'), 'a'),
    ).toHaveLength(3000)
  })
})

// What the reader is short for.
const plainly = (field: string): readonly (readonly [string, string])[] =>
  field.split(';').flatMap((pair) => {
    const [name = '', ...value] = pair.split('=')
    const text = value.join('=').trim()
    if (value.length === 0 || name.trim() === '') return []
    return [[name.trim(), /^".*"$/s.test(text) ? text.slice(1, -1) : text] as const]
  })

describe('writing a cookie', () => {
  test('names every attribute', () => {
    expect(
      writeCookie('a', 'x.y', {
        path: '/app',
        domain: 'example.com',
        secure: true,
        sameSite: 'Strict',
        maxAge: 60,
      }),
    ).toEqual([
      'Set-Cookie',
      'a=x.y; Path=/app; Domain=example.com; Max-Age=60; HttpOnly; Secure; SameSite=Strict',
    ])
  })

  test('leaves out what is not wanted, but hides it from scripts unless told otherwise', () => {
    const attributes = { path: '/', secure: false, sameSite: 'None' } as const
    expect(writeCookie('a', '', attributes)[1]).toBe('a=; Path=/; HttpOnly; SameSite=None')
    expect(writeCookie('a', '', { ...attributes, httpOnly: false })[1]).toBe(
      'a=; Path=/; SameSite=None',
    )
  })

  test('gives whole seconds, and none below zero', () => {
    expect(writeCookie('a', '1', { ...plain, maxAge: 1.9 })[1]).toContain('Max-Age=1;')
    expect(writeCookie('a', '1', { ...plain, maxAge: -5 })[1]).toContain('Max-Age=0;')
  })

  test('takes one away with the path and the domain it was given', () => {
    const attributes = { ...plain, path: '/app', domain: 'example.com', maxAge: 3600 }
    expect(expireCookie('a', attributes)[1]).toBe(
      'a=; Path=/app; Domain=example.com; Max-Age=0; HttpOnly; Secure; SameSite=Lax',
    )
  })

  test.each(['', 'a b', 'a=b', 'a;b', 'a\n', 'ä', 'a"', 'a,b', 'a\0'])(
    'refuses the name %j',
    (name) => {
      expect(() => writeCookie(name, '1', plain)).toThrow(TypeError)
    },
  )

  test.each(['a b', 'a;b', 'a,b', 'a"b', 'a\\b', 'a\r\nSet-Cookie: b=1', 'ä', '\u007f'])(
    'refuses the value %j, and does not repeat it',
    (value) => {
      expect(() => writeCookie('name', value, plain)).toThrow(
        /^the value of name cannot stand in a cookie$/,
      )
    },
  )

  test.each([
    ['a path that ends the attribute', { path: '/; Domain=evil.test' }],
    ['a path with a line break', { path: '/\n' }],
    ['a path without a slash', { path: 'app' }],
    ['a domain that ends the attribute', { domain: 'a.test; Secure' }],
    ['an age that is no number', { maxAge: Number.NaN }],
    ['an endless age', { maxAge: Infinity }],
  ])('refuses %s', (_, wrong) => {
    expect(() => writeCookie('a', '1', { ...plain, ...wrong })).toThrow(TypeError)
  })

  test.each([
    ['__Host- without Secure', '__Host-a', { secure: false }],
    ['__Host- below a path', '__Host-a', { path: '/app' }],
    ['__Host- with a domain', '__Host-a', { domain: 'example.com' }],
    ['__host- in lower case without Secure', '__host-a', { secure: false }],
    ['__Secure- without Secure', '__Secure-a', { secure: false }],
  ])('refuses what a browser drops in silence: %s', (_, name, wrong) => {
    expect(() => writeCookie(name, '1', { ...plain, ...wrong })).toThrow(TypeError)
    expect(writeCookie(name, '1', plain)[1]).toContain(`${name}=1;`)
  })

  test('gives back what was written, whatever it is', () => {
    const octets = Array.from({ length: 94 }, (_, at) => String.fromCharCode(0x21 + at))
    const unit = fc.constantFrom(...octets.filter((octet) => !'",;\\'.includes(octet)))
    fc.assert(
      fc.property(fc.string({ unit }), (value) => {
        const [pair = ''] = writeCookie('name', value, plain)[1].split(';')
        expect(readCookie(`other=1; ${pair}; name.1=2`, 'name')).toBe(value)
      }),
    )
  })
})
