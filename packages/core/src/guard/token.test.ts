import { createTokenIssuer } from '@portcullis/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import type { HttpRequest } from '../http/request.ts'
import { createGuard } from './create.ts'
import { hasScope } from './rules/scope.ts'
import type { Claims } from '../lib/claims.ts'
import { readAccessToken, type AccessToken } from './token.ts'

const facts = { issuer: 'https://id.test', expiresAt: 1_700_000_000 }
const read = (written: Claims): AccessToken => readAccessToken(written, written, facts, [])

describe('scopes', () => {
  test.each([
    ['scope, a text', { scope: 'a b' }, ['a', 'b']],
    ['scope, a text with more spaces than needed', { scope: ' a  b ' }, ['a', 'b']],
    ['scope, empty', { scope: '' }, []],
    ['scope, an array', { scope: ['a', 'b'] }, ['a', 'b']],
    ['scp, an array (Okta)', { scp: ['a', 'b'] }, ['a', 'b']],
    ['scp, a text (Entra)', { scp: 'a b' }, ['a', 'b']],
    ['scope before scp', { scope: 'a', scp: ['b'] }, ['a']],
    ['scp where scope is null', { scope: null, scp: ['b'] }, ['b']],
    ['neither', {}, []],
    ['an array with other things in it', { scp: ['a', 1, null, {}, ['b']] }, ['a']],
    ['a number', { scope: 7 }, []],
    ['an object', { scope: { a: true } }, []],
    ['tabs, which separate nothing', { scope: 'a\tb' }, ['a\tb']],
  ])('are read from %s', (_, claims, scopes) => {
    expect(read(claims).scopes).toEqual(scopes)
  })
})

describe('the client', () => {
  test.each([
    ['client_id', { client_id: 'a', cid: 'b', azp: 'c', appid: 'd' }, 'a'],
    ['cid (Okta)', { cid: 'b', azp: 'c', appid: 'd' }, 'b'],
    ['azp (Keycloak, Auth0)', { azp: 'c', appid: 'd' }, 'c'],
    ['appid (Entra)', { appid: 'd' }, 'd'],
    ['the next one where one is no text', { client_id: 1, cid: 'b' }, 'b'],
    ['nothing where there is none', {}, undefined],
  ])('is read from %s', (_, claims, client) => {
    expect(read(claims).client).toBe(client)
  })
})

describe('the other claims', () => {
  test('are read as they are', () => {
    const written = {
      sub: 'u',
      aud: ['x', 'y'],
      acr: 'urn:mfa',
      amr: ['pwd', 'otp'],
      auth_time: 1_600_000_000,
      cnf: { jkt: 'k' },
    }
    expect(read(written)).toEqual({
      ...facts,
      subject: 'u',
      client: undefined,
      scopes: [],
      audience: ['x', 'y'],
      acr: 'urn:mfa',
      amr: ['pwd', 'otp'],
      authenticatedAt: 1_600_000_000,
      claims: written,
      confirmation: { jkt: 'k' },
      rules: [],
    })
  })

  test('of one audience are a list of one', () => {
    expect(read({ aud: 'x' }).audience).toEqual(['x'])
  })

  test('of the wrong type are absent', () => {
    const wrong = { sub: 1, acr: 2, amr: 7, auth_time: 'yesterday', cnf: 'k', aud: 5 }
    expect(read(wrong)).toMatchObject({
      subject: undefined,
      acr: undefined,
      amr: [],
      audience: [],
      authenticatedAt: undefined,
      confirmation: undefined,
    })
    expect(read({ cnf: ['k'], auth_time: Number.POSITIVE_INFINITY })).toMatchObject({
      confirmation: undefined,
      authenticatedAt: undefined,
    })
  })
})

describe('a polluted prototype', () => {
  const polluted = ['scope', 'scp', 'sub', 'client_id', 'cnf', 'aud', 'acr', 'auth_time']

  afterEach(() => {
    for (const name of polluted) Reflect.deleteProperty(Object.prototype, name)
  })

  test('grants nothing', () => {
    for (const name of polluted) Reflect.set(Object.prototype, name, 'admin')
    expect(read({})).toMatchObject({
      subject: undefined,
      client: undefined,
      scopes: [],
      audience: [],
      acr: undefined,
      confirmation: undefined,
      authenticatedAt: undefined,
    })
  })

  test('grants nothing to a genuine token that lacks the scope', async () => {
    const issuer = createTokenIssuer({ algorithm: 'EdDSA' })
    const token = await issuer.issueToken()
    const guard = createGuard({ ...issuer.guardOptions, rules: [hasScope('admin')] })
    const request: HttpRequest = {
      method: 'GET',
      url: 'https://api.test/',
      header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined),
      form: () => Promise.resolve(new URLSearchParams()),
    }
    Reflect.set(Object.prototype, 'scope', 'admin')
    expect(await guard.check(request)).toMatchObject({ refusal: { code: 'scope_missing' } })
  })

  test('that a token tries to reach by name stays as it is', () => {
    const written: Claims = JSON.parse(
      '{"__proto__":{"scope":"admin"},"constructor":{"scope":"a"}}',
    )
    expect(read(written).scopes).toEqual([])
    expect(({} as Claims)['scope']).toBeUndefined()
  })
})
