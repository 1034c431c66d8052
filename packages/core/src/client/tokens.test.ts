import { expectTypeOf, test } from 'vitest'
import type { Client } from './create.ts'
import type {
  GrantedTokens,
  IssuedAccessToken,
  IssuedIdToken,
  IssuedRefreshToken,
  TokenSet,
} from './tokens.ts'

// Checked by the compiler: `npm run types`.
test('a token of one kind is none of another kind', () => {
  expectTypeOf<IssuedIdToken>().not.toExtend<IssuedAccessToken>()
  expectTypeOf<IssuedRefreshToken>().not.toExtend<IssuedAccessToken>()
  expectTypeOf<IssuedAccessToken>().not.toExtend<IssuedIdToken>()
  expectTypeOf<IssuedAccessToken>().not.toExtend<IssuedRefreshToken>()
})

test('an ID token goes to no API and no endpoint for others', () => {
  type FirstOf<Name extends 'userinfo' | 'onBehalfOf' | 'refresh'> = Parameters<Client[Name]>[0]
  expectTypeOf<TokenSet['idToken']>().not.toExtend<FirstOf<'userinfo'> | undefined>()
  expectTypeOf<GrantedTokens['idToken']>().not.toExtend<FirstOf<'onBehalfOf'> | undefined>()
  expectTypeOf<GrantedTokens['accessToken']>().not.toExtend<FirstOf<'refresh'>>()
  expectTypeOf<GrantedTokens['accessToken']>().toExtend<FirstOf<'userinfo'>>()
})

test('each is a text, and any text may be taken for one', () => {
  expectTypeOf<IssuedAccessToken | IssuedIdToken | IssuedRefreshToken>().toExtend<string>()
  expectTypeOf<string>().toExtend<IssuedAccessToken>()
  expectTypeOf<string>().toExtend<IssuedIdToken>()
  expectTypeOf<string>().toExtend<IssuedRefreshToken>()
})
