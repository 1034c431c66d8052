import * as fc from 'fast-check'
import { ConfigurationError } from '@portcullis/core'
import { expect, test } from 'vitest'
import { matcherOf, readPattern } from './pattern.ts'
import { createRouteTable, type RouteEntry } from './table.ts'

const entry = (id: string, path: string, more: Partial<RouteEntry> = {}): RouteEntry => ({
  path,
  ...more,
  route: { id, guard: undefined, upstream: undefined },
})

test('the first entry that fits decides, in the order in which they are written', () => {
  const table = createRouteTable([
    entry('one', '/a/b'),
    entry('host', '/a/**', { hosts: ['h'] }),
    entry('any', '/a/**'),
  ])
  expect(table.find('GET', 'h', '/a/b')?.id).toBe('one')
  expect(table.find('GET', 'h', '/a/c')?.id).toBe('host')
  expect(table.find('GET', 'other', '/a/c')?.id).toBe('any')
  expect(table.find('GET', '', '/a/c')?.id).toBe('any')
  expect(table.find('GET', 'h', '/b')).toBeUndefined()
})

test('an entry with hosts is for no other host, nor for an unknown one', () => {
  const table = createRouteTable([entry('host', '/**', { hosts: ['h', 'i'] })])
  expect(['h', 'i', 'H', 'h.', '', 'j'].map((host) => table.find('GET', host, '/')?.id)).toEqual([
    'host',
    'host',
    ...Array.from({ length: 4 }),
  ])
})

test('methods are compared as written: HEAD is not GET', () => {
  const table = createRouteTable([entry('get', '/**', { methods: ['GET'] })])
  expect(table.find('GET', '', '/')?.id).toBe('get')
  expect(table.find('HEAD', '', '/')).toBeUndefined()
  expect(table.find('get', '', '/')).toBeUndefined()
})

test('a path slips past an entry that would fit but for upper and lower case', () => {
  const table = createRouteTable([
    entry('admin', '/admin/**'),
    entry('get', '/Read/{id}', { methods: ['GET'] }),
    entry('host', '/only', { hosts: ['h'] }),
    entry('id', '/{id}'),
    entry('rest', '/**'),
  ])
  const slips = (path: string, method = 'GET', host = '') => table.slipsPast(method, host, path)
  expect(['/Admin', '/aDmin/x', '/read/1', '/READ/A'].map((path) => slips(path))).toEqual(
    Array.from({ length: 4 }, () => true),
  )
  expect(['/admin', '/admin/X', '/Read/A', '/ID', '/a/B', '/Only'].some((p) => slips(p))).toBe(
    false,
  )
  expect(slips('/read/1', 'POST')).toBe(false)
  expect(slips('/Only', 'GET', 'h')).toBe(true)
})

test('a path slips past nothing where both spellings are listed, or no entry is for it', () => {
  const both = createRouteTable([entry('a', '/Users/**'), entry('b', '/users/**')])
  expect(both.find('GET', '', '/users/1')?.id).toBe('b')
  expect(both.slipsPast('GET', '', '/users/1')).toBe(false)
  expect(both.slipsPast('GET', '', '/USERS')).toBe(false)
})

test('a pattern that cannot be read is a mistake of the program', () => {
  expect(() => createRouteTable([entry('x', 'orders')])).toThrow(ConfigurationError)
})

const method = fc.constantFrom('GET', 'POST', 'HEAD')
const host = fc.constantFrom('h', 'i', '')
const entries = fc.array(
  fc.record({
    path: fc.constantFrom('/', '/a', '/a/{x}', '/a/**', '/{x}', '/**', '/a/b', '/b/{x}/c'),
    hosts: fc.option(fc.uniqueArray(fc.constantFrom('h', 'i'), { minLength: 1 }), {
      nil: undefined,
    }),
    methods: fc.option(fc.uniqueArray(method, { minLength: 1 }), { nil: undefined }),
  }),
  { maxLength: 6 },
)
const path = fc.constantFrom('/', '/a', '/b', '/a/b', '/a/c', '/a/b/c', '/b/x/c')

test('it agrees with a plain search, for all tables', () => {
  fc.assert(
    fc.property(entries, method, host, path, (list, asked, at, to) => {
      const table = createRouteTable(
        list.map((one, index) => entry(String(index), one.path, { ...one })),
      )
      const first = list.findIndex((one) => {
        const pattern = readPattern(one.path)
        return (
          typeof pattern !== 'string' &&
          matcherOf(pattern)(to) &&
          (one.hosts?.some((known) => known === at) ?? true) &&
          (one.methods?.includes(asked) ?? true)
        )
      })
      expect(table.find(asked, at, to)?.id).toBe(first === -1 ? undefined : String(first))
    }),
    { numRuns: 2000 },
  )
})
