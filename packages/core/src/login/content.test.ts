import { describe, expect, test } from 'vitest'
import { sealedSessions, type SealedSessionOptions } from '../session/sealed.ts'
import { contentOf, keptClaims, refreshedClaims } from './content.ts'
import type { LoginParts } from './site.ts'
import type { Transaction } from './transaction.ts'

const idToken = {
  iss: 'https://id.test',
  aud: 'a',
  azp: 'a',
  exp: 2,
  iat: 1,
  nonce: 'n',
  at_hash: 'h',
  c_hash: 'h',
  jti: 'j',
  sub: 'user-1',
  sid: 's',
  acr: 'strong',
  amr: ['pwd'],
  auth_time: 1,
  name: 'Ada',
  groups: ['staff'],
}

const withoutGroups = {
  sub: 'user-1',
  sid: 's',
  acr: 'strong',
  amr: ['pwd'],
  auth_time: 1,
  name: 'Ada',
}

describe('the claims that a session keeps', () => {
  test('are those about the user', () => {
    expect(keptClaims(idToken, undefined)).toEqual({ ...withoutGroups, groups: ['staff'] })
  })

  test('or those that are wanted, and what logouts and step-ups need', () => {
    expect(keptClaims(idToken, ['name', 'missing'])).toEqual(withoutGroups)
  })
})

describe('after a refresh', () => {
  const before = keptClaims(idToken, undefined)
  const bare = { iss: 'https://id.test', aud: 'a', exp: 9, iat: 8, sub: 'user-1' }

  test('who the user is and how they signed in stays, and what they may do does not', () => {
    expect(refreshedClaims(before, bare, undefined)).toEqual(withoutGroups)
  })

  test('the new word counts, as far as it is wanted', () => {
    const said = { ...bare, name: 'Ada King', groups: ['guests'], tenant: 't' }
    expect(refreshedClaims(before, said, undefined)).toMatchObject({
      name: 'Ada King',
      groups: ['guests'],
      tenant: 't',
    })
    expect(refreshedClaims(before, said, ['groups'])).toMatchObject({ groups: ['guests'] })
    expect(refreshedClaims(before, said, ['groups'])).not.toHaveProperty('tenant')
  })
})

const tokens = {
  accessToken: 'access',
  tokenType: 'bearer',
  expiresIn: 300,
  scope: undefined,
  refreshToken: 'refresh',
  idToken: 'id',
  raw: {},
}

// What contentOf reads of a login.
const parts = (keep: SealedSessionOptions['keep']): LoginParts =>
  ({
    client: { id: 'a', issuer: { url: 'https://id.test' } },
    keeps: new Set(keep),
    options: { sessions: sealedSessions({ secrets: ['x'.repeat(32)] }) },
    now: () => 1_000_000,
  }) as unknown as LoginParts

const transaction = { scope: 'openid orders' } as Transaction

describe('the tokens that a session keeps', () => {
  test.each<[SealedSessionOptions['keep'], readonly string[]]>([
    [[], []],
    [['accessToken'], ['access']],
    [['idToken'], ['id']],
    [['refreshToken'], ['access', 'refresh']],
    [
      ['idToken', 'accessToken', 'refreshToken'],
      ['access', 'refresh', 'id'],
    ],
  ])('%j', (keep, kept) => {
    const content = contentOf(
      parts(keep),
      transaction,
      { claims: {}, subject: 'u', tokens },
      undefined,
    )
    const held = [content.tokens[0]?.value, content.refreshToken, content.idToken]
    expect(held.filter((token) => token !== undefined)).toEqual(kept)
  })

  test('are good for what was asked, until they are too old', () => {
    const { tokens: held, scope } = contentOf(
      parts(['accessToken']),
      transaction,
      { claims: {}, subject: 'u', tokens },
      undefined,
    )
    expect(scope).toBe('openid orders')
    expect(held).toEqual([
      { value: 'access', name: '', scope: 'openid orders', expiresAt: 1300, lifetime: 300 },
    ])
  })

  test('are none where none came', () => {
    const content = contentOf(
      parts(['idToken', 'accessToken', 'refreshToken']),
      transaction,
      { claims: { sub: 'u' }, subject: 'u', tokens: {} },
      { cart: 1 },
    )
    expect(content).toEqual({
      issuer: 'https://id.test',
      client: 'a',
      claims: { sub: 'u' },
      // Without an access token nothing was granted, whatever was asked for.
      scope: '',
      tokens: [],
      data: { cart: 1 },
    })
  })
})
