import { describe, expect, test } from 'vitest'
import { lifetime } from './cache-control.ts'

const bounds = { least: 60, most: 3600, otherwise: 600 }
const of = (headers: Readonly<Record<string, string>>): number =>
  lifetime(new Headers(headers), bounds)

describe('how long an answer may be used', () => {
  test.each([
    ['as long as it says', { 'cache-control': 'public, max-age=900' }, 900],
    ['the same, in quotes and capitals', { 'cache-control': 'Max-Age = "900"' }, 900],
    ['less the time it has been in a cache', { 'cache-control': 'max-age=900', age: '300' }, 600],
    ['the default where it says nothing', {}, 600],
    ['the default where it says nothing of an age', { 'cache-control': 'public' }, 600],
    ['the default where it says nonsense', { 'cache-control': 'max-age=soon' }, 600],
    ['the default for shared caches only', { 'cache-control': 's-maxage=900' }, 600],
    ['not less than the least', { 'cache-control': 'max-age=0' }, 60],
    ['not less than the least, however old', { 'cache-control': 'max-age=900', age: '5000' }, 60],
    ['not more than the most', { 'cache-control': 'max-age=31536000' }, 3600],
    ['the least where it must not be stored', { 'cache-control': 'no-store' }, 60],
    ['the least where it must be asked again', { 'cache-control': 'max-age=900, No-Cache' }, 60],
    ['all of it where its age is nonsense', { 'cache-control': 'max-age=900', age: '-5' }, 900],
    ['all of it where its age is no number', { 'cache-control': 'max-age=900', age: '1e3' }, 900],
  ])('%s', (_, headers, seconds) => {
    expect(of(headers)).toBe(seconds)
  })
})
