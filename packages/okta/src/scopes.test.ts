import { ConfigurationError } from '@portcullis/core'
import { expect, expectTypeOf, it } from 'vitest'
import { joinScopes, oktaScopes, type OktaScope } from './scopes.ts'

it('names the scopes that Okta has of itself', () => {
  expect(Object.values(oktaScopes)).toEqual(
    expect.arrayContaining(
      'openid profile email address phone offline_access groups device_sso'.split(' '),
    ),
  )
})

it('joins them and those of your own, each once', () => {
  const { openid, offlineAccess } = oktaScopes
  expect(joinScopes(openid, offlineAccess, 'orders:read', openid)).toBe(
    'openid offline_access orders:read',
  )
})

it.each([['two words'], ['quo"te'], ['back\\slash'], ['ümlaut'], [''], [undefined]])(
  '%j is no scope',
  (scope) => {
    // From JavaScript anything may come.
    expect(() => joinScopes('openid', scope as string)).toThrow(ConfigurationError)
  },
)

it('has types: scopes of Okta, and texts', () => {
  expectTypeOf<'okta.users.read'>().toExtend<OktaScope>()
  expectTypeOf<'orders:read'>().not.toExtend<OktaScope>()
  expectTypeOf<OktaScope>().toExtend<string>()
})
