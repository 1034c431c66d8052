import { describe, expect, test } from 'vitest'
import { asked, person } from '../../../../test/support/login-unit.ts'
import { isNavigation } from './navigation.ts'

const is = (headers: Readonly<Record<string, string>>): boolean =>
  isNavigation(asked('/account', { headers }))

describe('somebody is on the way to a page', () => {
  test.each<[string, Record<string, string>]>([
    ['by a link', person],
    ['by a link, in a browser that says only how', { 'sec-fetch-mode': 'navigate' }],
    ['in a browser that says only where to', { 'sec-fetch-dest': 'document', accept: 'text/html' }],
    ['in an old browser', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }],
    ['in an old browser that likes XHTML', { accept: 'application/xhtml+xml' }],
    ['in an application that shows pages', { ...person, 'x-requested-with': 'org.example.app' }],
    ['of another site', { ...person, 'sec-fetch-site': 'cross-site' }],
  ])('%s', (_how, headers) => {
    expect(is(headers)).toBe(true)
  })
})

describe('nobody is on the way to a page', () => {
  test.each<[string, Record<string, string>]>([
    ['by fetch', { ...person, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['by fetch without CORS', { ...person, 'sec-fetch-mode': 'no-cors' }],
    ['by fetch from our own page', { ...person, 'sec-fetch-mode': 'same-origin' }],
    ['by a web socket', { 'sec-fetch-mode': 'websocket', accept: 'text/html' }],
    ['by an image', { ...person, 'sec-fetch-dest': 'image' }],
    ['in a frame', { ...person, 'sec-fetch-dest': 'iframe' }],
    ['by an object', { ...person, 'sec-fetch-dest': 'object' }],
    ['by a fetch that says only where to', { 'sec-fetch-dest': 'empty', accept: 'text/html' }],
    ['ahead of time', { ...person, 'sec-purpose': 'prefetch' }],
    ['ahead of time, rendered', { ...person, 'sec-purpose': 'prefetch;prerender' }],
    ['ahead of time, in older words', { ...person, purpose: 'prefetch' }],
    ['ahead of time, in Mozilla words', { ...person, 'x-moz': 'prefetch' }],
    ['for a preview', { ...person, 'x-purpose': 'preview' }],
    ['by XMLHttpRequest', { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' }],
    ['by a script that likes JSON', { accept: 'application/json' }],
    ['by a program that likes everything', { accept: '*/*' }],
    ['by a program that says nothing', {}],
    ['by two words for one', { ...person, 'sec-fetch-mode': 'navigate, cors' }],
  ])('%s', (_how, headers) => {
    expect(is(headers)).toBe(false)
  })
})
