import { describe, expect, test } from 'vitest'
import { asked } from '../../../../test/support/login-unit.ts'
import { Refusal } from '../errors/refusal.ts'
import { baseChoice, readBases } from './base.ts'

describe('a base URL', () => {
  test.each([
    ['https://app.test', 'https://app.test', '', true],
    ['https://app.test/', 'https://app.test', '', true],
    ['https://APP.test:443/shop/', 'https://app.test/shop', '/shop', true],
    ['http://localhost:3000/a/b', 'http://localhost:3000/a/b', '/a/b', false],
    ['http://127.0.0.1', 'http://127.0.0.1', '', false],
  ])('%s is read', (given, url, path, secure) => {
    expect(readBases(given, false)).toEqual([{ url, origin: new URL(given).origin, path, secure }])
  })

  test.each<[unknown, string]>([
    ['app.test', 'absolute URL'],
    ['localhost:3000', 'absolute URL'],
    ['/shop', 'absolute URL'],
    [7, 'absolute URL'],
    [undefined, 'absolute URL'],
    ['https://app.test?x=1', 'nothing else'],
    ['https://app.test/#x', 'nothing else'],
    ['https://me:pw@app.test', 'nothing else'],
    ['ftp://app.test', 'https'],
    ['http://app.test', 'allowInsecureBaseUrl'],
    ['https://app.test/a;b', 'plain path'],
    ['https://app.test//a', 'plain path'],
    [[], 'must not be empty'],
  ])('%j is refused', (given, why) => {
    expect(() => readBases(given as string, false)).toThrow(why)
  })

  test('on plain http beyond loopback needs leave', () => {
    expect(readBases('http://app.test', true)[0]?.secure).toBe(false)
  })
})

describe('of several base URLs', () => {
  const choose = baseChoice(
    readBases(
      ['https://a.test', 'https://a.test/shop', 'https://b.test:8443', 'http://localhost'],
      false,
    ),
  )
  test.each([
    ['https://a.test/', 'https://a.test'],
    ['https://a.test/shopping', 'https://a.test'],
    ['https://a.test/shop', 'https://a.test/shop'],
    ['https://a.test/shop/cart?x=1', 'https://a.test/shop'],
    ['https://b.test:8443/x', 'https://b.test:8443'],
    ['http://a.test/shop/cart', 'https://a.test/shop'],
    ['http://localhost/x', 'http://localhost'],
  ])('%s belongs to %s', (url, base) => {
    expect(choose(asked(url)).url).toBe(base)
  })

  test.each([
    'https://evil.test/',
    'https://b.test/',
    'https://a.test.evil.test/',
    'https://sub.a.test/',
  ])('%s belongs to none', (url) => {
    let error: unknown
    try {
      choose(asked(url))
    } catch (thrown) {
      error = thrown
    }
    expect(Refusal.is(error) && [error.code, error.status]).toEqual(['login_host_unknown', 400])
  })

  test('the same one twice is a mistake', () => {
    expect(() => baseChoice(readBases(['https://a.test', 'https://a.test/'], false))).toThrow(
      'twice',
    )
  })

  test('the host tells them apart where a proxy takes their paths away', () => {
    const bases = readBases(['https://a.test/shop', 'https://b.test/shop'], false)
    expect(baseChoice(bases, true)(asked('https://b.test/cart')).url).toBe('https://b.test/shop')
    const both = readBases(['https://a.test/shop', 'https://a.test/desk'], false)
    expect(() => baseChoice(both, true)).toThrow('only the host can tell')
  })
})

test('a single base URL is the truth, whatever the request says', () => {
  const choose = baseChoice(readBases('https://app.test', false))
  expect(choose(asked('http://evil.test/x')).url).toBe('https://app.test')
})
