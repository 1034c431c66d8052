import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RouteConfig } from '../config/config.ts'
import { canonicalPath } from '../routing/path.ts'
import { createRouteTable } from '../routing/table.ts'
import { writePolicy } from './policy.ts'
import { createRouteMap } from './routes.ts'
import { invokes } from '../../../../test/support/iam-policy.ts'

const base = 'arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/'
const arn = { base, method: 'GET', path: '/' }

const segment = fc.constantFrom('a', 'b', '{x}')
const pattern = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.boolean())
  .map(([segments, rest]) => `/${[...segments, ...(rest ? ['**'] : [])].join('/')}`)
const methods = fc.option(fc.subarray(['GET', 'POST'], { minLength: 1 }), { nil: undefined })
const route: fc.Arbitrary<RouteConfig> = fc.record({ path: pattern, methods }).map((one) => ({
  path: one.path,
  ...(one.methods && { methods: one.methods }),
}))

const words = (depth: number): readonly string[] =>
  depth === 0
    ? ['']
    : ['', ...['a', 'b', 'c'].flatMap((head) => words(depth - 1).map((rest) => `/${head}${rest}`))]
const paths = words(5).map((path) => path || '/')
const slashed = paths.flatMap((path) => (path === '/' ? [] : [`${path}/`]))

describe('a policy', () => {
  test('lets exactly those requests pass that the table lets pass, or is not written', () => {
    let written = 0
    fc.assert(
      fc.property(
        fc.array(fc.tuple(route, fc.boolean()), { minLength: 1, maxLength: 5 }),
        (given) => {
          const routes = given.map(([one]) => one)
          const may = given.map(([, is]) => is)
          const permitted = createRouteMap(routes, undefined).permitted(may)
          if (permitted === undefined) return
          written++
          const policy = writePolicy(arn, permitted)
          const table = createRouteTable(
            routes.map((one, at) => ({
              ...one,
              route: { id: String(at), guard: undefined, upstream: undefined },
            })),
          )
          for (const method of ['GET', 'POST', 'PUT']) {
            const wanted = (path: string): boolean => {
              const found = table.find(method, '', canonicalPath(path) ?? '')
              return found !== undefined && may[Number(found.id)] === true
            }
            const said = (path: string) => invokes(policy, `${base}${method}${path}`)
            expect(paths.filter((path) => said(path) !== wanted(path))).toEqual([])
            expect(slashed.filter((path) => said(path) && !wanted(path))).toEqual([])
          }
        },
      ),
      { numRuns: 300 },
    )
    expect(written).toBeGreaterThan(100)
  })

  test('lets nothing pass that the table refuses for its path', () => {
    const permitted = createRouteMap([{ path: '/**' }], undefined).permitted([true])
    const policy = writePolicy(arn, permitted ?? [])
    const twisted = [
      '//',
      '/a//b',
      '/a/../b',
      '/a/..',
      '/./a',
      '/a;b/c',
      '/a%2Fb',
      '/a%5cb',
      '/%2e%2e/a',
      '/a#b',
      '/a\\b',
      '/%252e',
      '/a%00',
    ]
    expect(twisted.filter((path) => canonicalPath(path) !== undefined)).toEqual([])
    expect(twisted.filter((path) => invokes(policy, `${base}GET${path}`))).toEqual([])
    expect(invokes(policy, `${base}GET/a/b`)).toBe(true)
    expect(invokes(policy, `${base}GET/`)).toBe(true)
  })
})

describe('routes', () => {
  const twoLevels = [{ path: '/orders/{id}' }, { path: '/orders/{id}/lines' }]

  test('that * cannot tell apart need the routes of the API', () => {
    expect(createRouteMap(twoLevels, undefined).permitted([true, true])).toBeUndefined()
    expect(createRouteMap(twoLevels, undefined).permitted([true, false])).toBeDefined()
    const known = createRouteMap(twoLevels, ['GET /orders/{id}', 'ANY /orders/{id}/lines'])
    expect(known.permitted([true, true])).toBeDefined()
    expect(createRouteMap(twoLevels, 'routes').permitted([true, true])).toBeDefined()
    const proxied = createRouteMap(twoLevels, ['ANY /orders/{proxy+}'])
    expect(proxied.permitted([true, true])).toBeUndefined()
  })

  test('are held apart within a route of the API', () => {
    const map = createRouteMap([{ path: '/a/b' }, { path: '/a/**' }], undefined)
    expect(map.isUniform('ANY /a/{proxy+}', 'GET', [false, true])).toBe(false)
    expect(map.isUniform('ANY /a/{proxy+}', 'GET', [true, true])).toBe(true)
    expect(map.isUniform('GET /a/b', 'GET', [false, true])).toBe(true)
    expect(map.isUniform('$default', 'GET', [true, true])).toBe(false)
  })
})
