import { describe, expect, test } from 'vitest'
import * as express from '@portcullis/express'
import * as fetch from '@portcullis/fetch'
import * as koa from '@portcullis/koa'
import { createTokenIssuer } from '@portcullis/testkit'

const { guardOptions } = createTokenIssuer({ algorithm: 'EdDSA' })

describe.each([
  ['Express', express],
  ['Koa', koa],
  ['Fetch', fetch],
])('protect() of %s', (_name, { protect, createGuard, hasScope, ConfigurationError }) => {
  test.each<[what: string, given: readonly unknown[]]>([
    ['the options of a guard', [guardOptions]],
    ['nothing', []],
    ['null', [null]],
    ['a rule first', [hasScope('read')]],
    ['a rule before the guard', [hasScope('read'), createGuard(guardOptions)]],
  ])('takes a guard first: %s is a mistake that says so', (_what, given) => {
    const call = () => Reflect.apply(protect, undefined, given) as unknown
    expect(call).toThrow(ConfigurationError)
    expect(call).toThrow('protect() takes first a guard, made by createGuard(), and then rules')
  })

  test('takes a guard, with rules or without', () => {
    const guard = createGuard(guardOptions)
    expect(protect(guard)).toBeTypeOf('function')
    expect(protect(guard.optional(), hasScope('read'))).toBeTypeOf('function')
  })
})
