import { describe, expect, test } from 'vitest'
import {
  acrOf,
  checkParameters,
  mergeParameters,
  scopesOf,
  writeParameters,
  type AuthorizationParameters,
} from './parameters.ts'

describe('parameters in the words of the wire', () => {
  test.each<[AuthorizationParameters, string]>([
    [{}, 'scope=openid+profile+email'],
    [{ scope: 'orders' }, 'scope=openid+orders'],
    [{ scope: ['orders', 'openid', 'orders'] }, 'scope=openid+orders'],
    [{ scope: '', audience: 'a' }, 'scope=openid&audience=a'],
    [{ scope: 'openid', maxAge: 0 }, 'scope=openid&max_age=0'],
    [{ scope: 'openid', maxAge: 59.9 }, 'scope=openid&max_age=59'],
    [{ scope: 'openid', acrValues: ['a', 'b'] }, 'scope=openid&acr_values=a+b'],
    [
      { scope: 'openid', prompt: 'login', loginHint: 'x@y' },
      'scope=openid&prompt=login&login_hint=x%40y',
    ],
    [
      { scope: 'openid', idp: '0oa', uiLocales: ['de', 'fr'] },
      'scope=openid&idp=0oa&ui_locales=de+fr',
    ],
    [{ scope: 'openid', resource: 'https://a' }, 'scope=openid&resource=https%3A%2F%2Fa'],
    [{ scope: 'openid', resource: ['b', 'c'] }, 'scope=openid&resource=b&resource=c'],
    [{ scope: 'openid', extra: { display: 'page' } }, 'display=page&scope=openid'],
  ])('%j', (given, written) => {
    expect(writeParameters(given).toString()).toBe(written)
  })

  test('scopes and acr values are told apart by spaces', () => {
    expect(scopesOf({ scope: ' a  b ' })).toBe('openid a b')
    expect(acrOf({ acrValues: 'a  b' })).toEqual(['a', 'b'])
    expect(acrOf({})).toBeUndefined()
  })
})

describe('parameters laid over others', () => {
  test('win one by one, also those in extra', () => {
    expect(
      mergeParameters(
        { scope: 'a', prompt: 'login', extra: { one: '1', two: '2' } },
        { prompt: 'none', extra: { two: '3' } },
      ),
    ).toEqual({ scope: 'a', prompt: 'none', extra: { one: '1', two: '3' } })
  })

  test('that are undefined change nothing', () => {
    const prompt = undefined as unknown as string
    expect(mergeParameters({ prompt: 'login' }, { prompt })).toEqual({ prompt: 'login' })
    expect(mergeParameters({ extra: { a: '1' } }, { prompt: 'x' })).toEqual({
      extra: { a: '1' },
      prompt: 'x',
    })
  })

  test('may be missing on either side', () => {
    expect(mergeParameters(undefined, { prompt: 'a' })).toEqual({ prompt: 'a' })
    expect(mergeParameters({ prompt: 'a' }, undefined)).toEqual({ prompt: 'a' })
    expect(mergeParameters(undefined, undefined)).toBeUndefined()
  })
})

describe('a mistake in parameters is told at start-up', () => {
  test.each<[unknown, string]>([
    [{ scopes: 'openid' }, 'did you mean scope?'],
    [{ maxAge: -1 }, 'p.maxAge must be a number of seconds'],
    [{ maxAge: '60' }, 'p.maxAge'],
    [{ resource: [''] }, 'p.resource'],
    [{ prompt: '' }, 'p.prompt'],
    [{ extra: { display: 7 } }, 'p.extra.display must be a non-empty string'],
    [{ extra: { max_age: '60' } }, 'p.extra.max_age must stand outside of extra, as maxAge'],
    [{ extra: { acr_values: 'a' } }, 'as acrValues'],
    [{ extra: { scope: 'a' } }, 'as scope'],
    [{ extra: { prompt: 'none' } }, 'as prompt'],
    ...[
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'nonce',
      'redirect_uri',
      'request',
      'request_uri',
      'response_mode',
      'response_type',
      'state',
    ].map((name): [unknown, string] => [
      { extra: { [name]: 'x' } },
      `p.extra.${name} cannot be set`,
    ]),
  ])('%j', (given, why) => {
    expect(() => checkParameters('p', given as AuthorizationParameters)).toThrow(why)
  })

  test('and all is well with the others', () => {
    expect(() => checkParameters('p', { extra: { display: 'page' }, scope: ['a'] })).not.toThrow()
  })
})
