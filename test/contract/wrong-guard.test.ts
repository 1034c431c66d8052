import { describe, expect, test } from 'vitest'
import * as express from '@portcullis/express'
import * as fetch from '@portcullis/fetch'
import * as koa from '@portcullis/koa'
import { createTokenIssuer } from '@portcullis/testkit'

const { guardOptions } = createTokenIssuer({ algorithm: 'EdDSA' })
const login = express.createLogin({
  issuer: 'https://id.test',
  client: { id: 'web' },
  baseUrl: 'http://localhost:3000',
  sessions: express.sealedSessions({ secrets: ['only-for-this-test-0123456789abcdef'] }),
})

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
    ['a login, which is an option of a guard', [login]],
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

test('the handler of a login that is mounted without routes() fails, and nobody waits for ever', async () => {
  const request = new Request('http://localhost:3000/elsewhere')
  for (const handler of [login.handler, login.begin()]) {
    const answer = Reflect.apply(handler, undefined, [request, {}, () => undefined]) as unknown
    await expect(answer).rejects.toThrow(express.ConfigurationError)
    await expect(answer).rejects.toThrow('mount it with routes(login.handler)')
  }
})
