import { expect, test } from 'vitest'
import { appendTo } from './address.ts'

test('parameters go behind an address, and those that are not there do not', () => {
  expect(appendTo('/login', { a: '1', b: undefined, c: 'x y&z' })).toBe('/login?a=1&c=x+y%26z')
})

test('an address that has parameters keeps them', () => {
  expect(appendTo('/login?a=1', { b: '2' })).toBe('/login?a=1&b=2')
})

test('without parameters nothing is added', () => {
  expect(appendTo('/login', { a: undefined })).toBe('/login')
})
