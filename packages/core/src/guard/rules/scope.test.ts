import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../errors/configuration.ts'
import type { Refusal } from '../../errors/refusal.ts'
import type { HttpRequest } from '../../http/request.ts'
import type { MaybePromise } from '../../lib/maybe-promise.ts'
import { asPrincipal } from '../principal.ts'
import { ask as apply, type Rule } from '../rule.ts'
import { readAccessToken } from '../token.ts'
import { hasAnyScope, hasScope } from './scope.ts'

const request: HttpRequest = {
  method: 'GET',
  url: 'https://api.test/',
  header: () => undefined,
  form: () => Promise.resolve(new URLSearchParams()),
}

const ask = (rule: Rule<unknown>, scope: unknown): MaybePromise<Refusal | undefined> => {
  const facts = { issuer: 'https://id.test', expiresAt: 1 }
  return apply(rule, asPrincipal(readAccessToken({ scope }, {}, facts, []), 'a'), request)
}

describe('hasScope', () => {
  test.each([
    [['a'], 'a'],
    [['a', 'b'], 'b x a'],
    [['orders:read'], 'orders:write orders:read'],
  ])('passes where all of %j are held (%s)', (demanded, held) => {
    expect(ask(hasScope(...demanded), held)).toBeUndefined()
  })

  test.each([
    [['a'], ''],
    [['a'], 'A'],
    [['a'], 'ab'],
    [['a', 'b'], 'a'],
    [['a', 'b'], 'b'],
    [['orders'], 'orders:read'],
  ])('refuses where one of %j is missing (%s)', (demanded, held) => {
    expect(ask(hasScope(...demanded), held)).toMatchObject({ code: 'scope_missing', status: 403 })
  })

  test('names all the demanded scopes in the challenge', () => {
    expect(ask(hasScope('a', 'b'), 'a')).toMatchObject({
      reason: 'The route demands all of a, b.',
      trail: { check: 'scope' },
      headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="a b"' },
    })
  })
})

describe('hasAnyScope', () => {
  test.each([
    [['a'], 'a'],
    [['a', 'b'], 'b'],
    [['a', 'b'], 'x a'],
  ])('passes where one of %j is held (%s)', (demanded, held) => {
    expect(ask(hasAnyScope(...demanded), held)).toBeUndefined()
  })

  test('refuses where none is held, and names those that would do', () => {
    expect(ask(hasAnyScope('a', 'b'), 'c')).toMatchObject({
      code: 'scope_missing',
      reason: 'The route demands one of a, b.',
      headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="a b"' },
    })
  })
})

describe.each([
  ['hasScope', hasScope],
  ['hasAnyScope', hasAnyScope],
])('%s', (name, rule) => {
  test('without any scope would demand nothing: a mistake', () => {
    expect(() => rule()).toThrow(ConfigurationError)
    expect(() => rule()).toThrow(`${name} needs at least one scope`)
  })

  test.each(['a b', '', 'a"b', 'a\\b', 'ä', 'a\n'])(
    'takes scope tokens only, and not %j',
    (scope) => {
      expect(() => rule('fine', scope)).toThrow(ConfigurationError)
      expect(() => rule('fine', scope)).toThrow(`${name}('a', 'b')`)
    },
  )

  test('takes no array in the place of scopes', () => {
    // @ts-expect-error the scopes are arguments, not an array
    expect(() => rule(['a', 'b'])).toThrow(ConfigurationError)
  })

  test('is not moved by changes to what it was made from', () => {
    const scopes = ['a']
    const made = rule(...scopes)
    scopes[0] = 'b'
    expect(ask(made, 'b')).toMatchObject({ code: 'scope_missing' })
  })
})
