import type { LoginOptions } from '../../packages/core/src/login/options.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { createWorlds, demanding, hybrid, implicit, lieTo } from '../support/adversary.ts'
import type { Lies } from '../support/lying-issuer.ts'

const { build, end } = createWorlds()
afterEach(end)

type Case = readonly [what: string, lies: Lies, code: string, check: string]

const idTokenLies: readonly Case[] = [
  ['another nonce', { nonce: 'wrong' }, 'id_token_refused', 'nonce'],
  ['no nonce', { nonce: 'missing' }, 'id_token_refused', 'nonce'],
  ['another audience', { audience: 'other' }, 'id_token_refused', 'aud'],
  ['no audience', { audience: 'missing' }, 'id_token_refused', 'aud'],
  ['several audiences, no azp', { audience: 'several' }, 'id_token_refused', 'azp'],
  ['another azp', { azp: 'other' }, 'id_token_refused', 'azp'],
  [
    'another azp of several',
    { audience: 'several-with-azp', azp: 'other' },
    'id_token_refused',
    'azp',
  ],
  ['an end that is past', { time: 'expired' }, 'id_token_refused', 'exp'],
  ['no end', { time: 'no-exp' }, 'id_token_refused', 'exp'],
  ['a beginning in the future', { time: 'future' }, 'id_token_refused', 'iat'],
  ['no beginning', { time: 'no-iat' }, 'id_token_refused', 'iat'],
  ['a beginning long ago', { claims: { iat: 1 } }, 'id_token_refused', 'iat'],
  ['another issuer', { issuer: 'other' }, 'id_token_refused', 'iss'],
  ['no issuer', { issuer: 'missing' }, 'id_token_refused', 'iss'],
  ['no subject', { sub: 'missing' }, 'id_token_refused', 'sub'],
  ['a subject that is a number', { claims: { sub: 7 } }, 'id_token_refused', 'sub'],
  ['an empty subject', { claims: { sub: '' } }, 'id_token_refused', 'sub'],
  ['another at_hash', { claims: { at_hash: 'AAAA' } }, 'id_token_refused', 'at_hash'],
  ['a key nobody knows', { signature: 'unknown-key' }, 'id_token_refused', 'key'],
  [
    'a key nobody knows, under a known name',
    { signature: 'unknown-key-known-kid' },
    'id_token_refused',
    'signature',
  ],
  ['another payload', { signature: 'tampered' }, 'id_token_refused', 'signature'],
  ['no signature', { signature: 'none' }, 'id_token_refused', 'shape'],
  ['a MAC by the secret', { signature: 'hs256-secret' }, 'id_token_refused', 'algorithm'],
  ['a MAC by the public key', { signature: 'hs256-public-key' }, 'id_token_refused', 'algorithm'],
  ['another acr', { acr: 'wrong' }, 'login_unmet', 'acr'],
  ['no acr', { acr: 'missing' }, 'login_unmet', 'acr'],
  ['an authentication long ago', { authTime: 'old' }, 'login_unmet', 'auth_time'],
  ['no time of authentication', { authTime: 'missing' }, 'login_unmet', 'auth_time'],
  ['a time of authentication as text', { authTime: 'text' }, 'login_unmet', 'auth_time'],
]

describe('an ID token that lies is refused, from the token endpoint:', () => {
  test.each(idTokenLies)('%s', async (_what, lies, code) => {
    const target = await build(demanding)
    expect(await lieTo(target, lies)).toMatchObject({ status: 400, code })
    expect(target.issuer.requests.count('authorize')).toBe(1)
  })

  test('an at_hash of another token', async () => {
    expect(await lieTo(await build(), { atHash: 'wrong' })).toMatchObject({
      code: 'id_token_refused',
      check: 'at_hash',
    })
  })

  test('none at all', async () => {
    expect(await lieTo(await build(), { token: 'no-id-token' })).toMatchObject({
      status: 400,
      code: 'id_token_refused',
    })
  })

  test('while what was not asked for need not be there', async () => {
    const target = await build()
    target.issuer.lie({ acr: 'missing', authTime: 'missing', atHash: 'missing' })
    expect((await target.signIn()).status).toBe(200)
  })

  test('and several audiences are fine where azp says for whom', async () => {
    const target = await build()
    target.issuer.lie({ audience: 'several-with-azp' })
    expect((await target.signIn()).status).toBe(200)
  })
})

// What comes with a code alone.
const ofAccessToken = ['another at_hash']

describe.each([
  ['hybrid', hybrid],
  ['implicit', implicit],
])('an ID token that lies is refused, from the browser (%s):', (_flow, options) => {
  const cases = idTokenLies.filter(([what]) => !ofAccessToken.includes(what))

  test.each(cases)('%s', async (_what, lies, code, check) => {
    const target = await build({ ...options, ...demanding })
    expect(await lieTo(target, { ...lies, where: 'front' })).toMatchObject({
      status: 400,
      code,
      check,
    })
    expect(target.issuer.requests.count('token')).toBe(0)
  })
})

describe('the hybrid flow binds what belongs together:', () => {
  test.each(['wrong', 'missing'] as const)('c_hash is %s', async (cHash) => {
    const target = await build(hybrid)
    expect(await lieTo(target, { cHash, where: 'front' })).toMatchObject({
      code: 'id_token_refused',
      check: 'c_hash',
    })
    expect(target.issuer.requests.count('token')).toBe(0)
  })

  test('another code than that of the ID token', async () => {
    const target = await build(hybrid)
    expect(await lieTo(target, { code: 'foreign' })).toMatchObject({ check: 'c_hash' })
    expect(target.issuer.requests.count('token')).toBe(0)
  })

  test.each(['front', 'token'] as const)('another user in that of the %s', async (where) => {
    expect(await lieTo(await build(hybrid), { sub: 'other', where })).toMatchObject({
      status: 400,
      code: 'id_token_refused',
    })
  })

  test('an access token of the browser must fit its at_hash', async () => {
    const legacy = { responseType: 'id_token token', legacyAccessTokenInBrowser: true } as const
    for (const atHash of ['wrong', 'missing'] as const) {
      const target = await build(legacy)
      expect(await lieTo(target, { atHash })).toMatchObject({
        code: 'id_token_refused',
        check: 'at_hash',
      })
      await target.close()
    }
    expect((await (await build(legacy)).signIn()).status).toBe(200)
  })
})

describe('an access token of the browser alone', () => {
  const alone: Partial<LoginOptions> = { responseType: 'token', legacyAccessTokenInBrowser: true }

  test('signs in where it is a JWT that was issued to us, and userinfo knows its subject', async () => {
    const { signIn, isSignedIn, failures } = await build(alone, { accessTokens: 'jwt' })
    expect((await signIn()).status).toBe(200)
    expect(failures).toEqual([])
    expect(await isSignedIn()).toBe(true)
  })

  test('that says nothing of whom it was issued to proves nobody', async () => {
    expect(await lieTo(await build(alone), {})).toMatchObject({ status: 400 })
  })

  test('of another user than userinfo says proves nobody', async () => {
    const target = await build(alone, { accessTokens: 'jwt' })
    expect(await lieTo(target, { userinfo: 'other-sub' })).toMatchObject({ status: 400 })
  })
})
