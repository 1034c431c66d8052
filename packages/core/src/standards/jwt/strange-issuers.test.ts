import { describe, expect, test, vi } from 'vitest'
import {
  audience,
  createClock,
  goodClaims,
  neverFetch,
  refusalOf,
  start,
} from '../../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../../test/e2e/support/signing.ts'
import { createIssuer } from '../../issuer/create.ts'
import { jwt } from './jwt.ts'
import type { IssuerResolver } from './trusted-issuers.ts'

const key = createTestKey('ES256')
// Whoever is named is trusted: what careless tenancy looks like.
const permissive: IssuerResolver = (issuer) => ({ issuer, audience, jwks: { keys: [key.jwk] } })

async function refusalFor(iss: string, resolve: IssuerResolver = permissive) {
  const asked = vi.fn(resolve)
  const { now } = createClock(start * 1000)
  const { verify } = jwt({ issuers: asked, now, cache: false, fetch: neverFetch })
  const { code, status } = await refusalOf(() => verify(key.token(goodClaims({ iss }))))
  return { code, status, asked: asked.mock.calls.length }
}

const unknown = { code: 'token_issuer_unknown', status: 401 }

describe('a resolver that finds nobody', () => {
  test.each<[how: string, resolve: IssuerResolver]>([
    ['null', () => null],
    ['null, later', () => Promise.resolve(null)],
    ['undefined', () => undefined],
  ])('may say so with %s', async (_how, resolve) => {
    expect(await refusalFor('https://t.test', resolve)).toEqual({ ...unknown, asked: 1 })
  })
})

describe('a token from an issuer', () => {
  test.each([
    ['a query', 'https://t.test?tenant=a'],
    ['an empty query', 'https://t.test?'],
    ['a fragment', 'https://t.test#a'],
    ['a user', 'https://user@t.test'],
    ['a user and a password', 'https://user:secret@t.test'],
    ['a space before it', ' https://t.test'],
    ['a line break after it', 'https://t.test\n'],
    ['a tab in it', 'https://t.te\tst'],
    ['more than 512 characters', `https://t.test/${'a'.repeat(500)}`],
    ['no scheme', 't.test'],
    ['nothing', ''],
  ])('whose name has %s is refused before the resolver is asked', async (_what, iss) => {
    expect(await refusalFor(iss)).toEqual({ ...unknown, asked: 0 })
  })

  test.each([
    ['plain http:', 'http://t.test'],
    ['another scheme', 'ftp://t.test'],
    ['the org server of Okta', 'https://dev-1.okta.com'],
    ['the Admin Console of Okta', 'https://dev-1-admin.okta.com/oauth2/default'],
    ['the management API of Okta', 'https://dev-1.okta.com/api/v1/authorizationServers/a'],
  ])('that cannot be trusted is refused, whatever the resolver says: %s', async (_what, iss) => {
    expect(await refusalFor(iss)).toEqual({ ...unknown, asked: 1 })
  })

  test('whose name has 512 characters is a tenant like any other', async () => {
    const iss = `https://t.test/${'a'.repeat(497)}`
    const { now } = createClock(start * 1000)
    const { verify } = jwt({ issuers: permissive, now, cache: false, fetch: neverFetch })
    expect(await verify(key.token(goodClaims({ iss })))).toMatchObject({ issuer: iss })
  })
})

test.each<[how: string, answer: IssuerResolver]>([
  [
    'the options of an issuer',
    (issuer) => ({ issuer, audience, allowInsecureIssuer: true, jwks: { keys: [key.jwk] } }),
  ],
  [
    'an issuer that is there already',
    (issuer) => ({
      issuer: createIssuer({ issuer, allowInsecureIssuer: true, jwks: { keys: [key.jwk] } }),
      audience,
    }),
  ],
])('plain http: is trusted where the resolver allows it, with %s', async (_how, resolve) => {
  const { now } = createClock(start * 1000)
  const { verify } = jwt({ issuers: resolve, now, cache: false, fetch: neverFetch })
  const iss = 'http://t.test'
  expect(await verify(key.token(goodClaims({ iss })))).toMatchObject({ issuer: iss })
})
