import { describe, expect, test } from 'vitest'
import { codeOf, outageOf, refusalOf } from '../../../../../test/e2e/support/scene.ts'
import {
  audience,
  createIntrospectionScene,
  start,
} from '../../../../../test/support/introspection-scene.ts'
import type { IntrospectionOptions } from './options.ts'

type Members = Readonly<Record<string, unknown>>

const ask = (said: Members, options: Partial<IntrospectionOptions> = {}) => {
  const { verify, say } = createIntrospectionScene(options)
  say(said)
  return () => verify()
}

// RFC 7662 §2.2, §4: whoever asks checks the answer.
test.each<[string, Members, string]>([
  ['another issuer', { iss: 'https://evil.test' }, 'token_issuer_unknown'],
  ['the issuer with a slash more', { iss: 'https://id.test/' }, 'token_issuer_unknown'],
  ['another audience', { aud: 'https://other.test' }, 'token_audience_refused'],
  ['other audiences', { aud: ['a', 'b'] }, 'token_audience_refused'],
  ['no audience in a list', { aud: [] }, 'token_audience_refused'],
  ['no audience', { aud: undefined }, 'token_claim_missing'],
  ['an end that has passed', { exp: start - 6 }, 'token_expired'],
  ['a beginning that is to come', { nbf: start + 6 }, 'token_not_yet_valid'],
  ['an issue in the future', { iat: start + 6 }, 'token_not_yet_valid'],
  ['a refresh token', { token_type: 'refresh_token' }, 'token_type_refused'],
  ['an ID token', { token_type: 'id_token' }, 'token_type_refused'],
  ['another use', { token_use: 'refresh_token' }, 'token_type_refused'],
  ['a device secret', { token_type: 'urn:x-oath:device-secret' }, 'token_type_refused'],
  ['the typ of an ID token (Keycloak)', { typ: 'ID' }, 'token_type_refused'],
  ['the claims of an ID token', { at_hash: 'x' }, 'token_type_refused'],
  ['a DPoP token without its key', { token_type: 'DPoP' }, 'token_claim_missing'],
])('an answer that names %s is refused', async (_, said, code) => {
  const refusal = await refusalOf(ask(said))
  expect(refusal.code).toBe(code)
  expect(refusal.status).toBe(401)
})

test.each<[string, Members]>([
  ['no issuer', { iss: undefined }],
  ['several audiences, ours among them', { aud: ['a', audience] }],
  ['an end that our clock may be wrong about', { exp: start - 4 }],
  ['a beginning that our clock may be wrong about', { nbf: start + 5, iat: start + 5 }],
  ['no type', { token_type: undefined }],
  ['a type in other letters', { token_type: 'bearer' }],
  ['a DPoP token with its key', { token_type: 'DPoP', cnf: { jkt: 'a' } }],
  ['access_token as its type', { token_type: 'access_token', token_use: 'access_token' }],
  ['nothing, by null', { iss: null, nbf: null, username: null, cnf: null, exp: null }],
  ['scopes as an array', { scope: ['orders:read'] }],
])('an answer that names %s is taken', async (_, said) => {
  expect(await ask(said)()).toMatchObject({ subject: 'alice' })
})

// A sender constraint must see them.
test('a binding is handed on, also an empty one', async () => {
  expect((await ask({ cnf: { jkt: 'a' } })()).confirmation).toEqual({ jkt: 'a' })
  expect((await ask({ cnf: {} })()).confirmation).toEqual({})
})

test.each<[string, Members]>([
  ['exp as a text', { exp: '1700000300' }],
  ['nbf as an object', { nbf: {} }],
  ['aud as a number', { aud: 7 }],
  ['aud with numbers in it', { aud: [audience, 7] }],
  ['sub as a number', { sub: 7 }],
  ['iss as a list', { iss: ['https://id.test'] }],
  ['scope as an object', { scope: { a: true } }],
  ['cnf as a text', { cnf: 'jkt' }],
])('%s is nonsense of the issuer', async (_, said) => {
  const outage = await outageOf(ask(said))
  expect(outage).toMatchObject({ code: 'endpoint_failed', phase: 'content', status: 503 })
})

test('further types can be accepted', async () => {
  expect(await codeOf(ask({ token_type: 'N_A' }))).toBe('token_type_refused')
  expect(await ask({ token_type: 'N_A' }, { types: ['n_a'] })()).toMatchObject({ subject: 'alice' })
})

test('the tolerance is that of the options', async () => {
  expect(await ask({ exp: start - 59 }, { clockTolerance: 60 })()).toMatchObject({ client: 'web' })
  expect(await codeOf(ask({ exp: start }, { clockTolerance: 0 }))).toBe('token_expired')
})

test('an end has passed for a clock that gives no number', async () => {
  const broken = { now: () => Number.NaN }
  expect(await codeOf(ask({ exp: start + 60 }, broken))).toBe('token_expired')
})

describe('without a configured audience', () => {
  // As an environment variable that is not set would have it.
  const unset: object = { audience: undefined }
  const free = (said: Members) => ask(said, unset)
  test('a token for our client is taken', async () => {
    expect(await free({ aud: 'api' })()).toMatchObject({ audience: ['api'] })
  })
  test('a token for another is refused', async () => {
    expect(await codeOf(free({ aud: 'web' }))).toBe('token_audience_refused')
  })
  test('a token for nobody in particular is taken', async () => {
    expect(await free({ aud: undefined })()).toMatchObject({ audience: [] })
  })
  test('one of which neither type nor audience is said may be a refresh token', async () => {
    expect(await codeOf(free({ aud: undefined, token_type: undefined }))).toBe('token_type_refused')
  })
})

test('several audiences can be ours', async () => {
  const options = { audience: ['a', 'b'] }
  expect(await ask({ aud: 'b' }, options)()).toMatchObject({ audience: ['b'] })
  expect(await codeOf(ask({ aud: 'api' }, options))).toBe('token_audience_refused')
})
