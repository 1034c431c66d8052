import { createHash } from 'node:crypto'
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  jwtVerify,
  type JWTPayload,
} from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLyingIssuer, hostile, type Lies, type LyingIssuer } from '../support/lying-issuer.ts'
import {
  asked,
  basic,
  createVisitor,
  object,
  verifier,
  type Json,
} from '../support/lying-issuer/visitor.ts'

let issuer: LyingIssuer
const visitor = createVisitor(() => issuer.url)
const { authorize, get, logIn, post, renew, trade, userinfo } = visitor

beforeAll(async () => {
  issuer = await createLyingIssuer()
})
afterEach(() => {
  issuer.repent()
  issuer.requests.clear()
})
afterAll(() => issuer.close())

const idTokenOf = (answer: Json): string => String(answer['id_token'])
const claimsOf = async (): Promise<JWTPayload> => decodeJwt(idTokenOf(await logIn()))
const keySet = async () => createLocalJWKSet(await visitor.keys())

describe('an honest issuer', () => {
  test('answers by what was asked for, with state and issuer', async () => {
    const { how, parameters } = await authorize()
    expect(how).toBe('query')
    expect(Object.fromEntries(parameters)).toMatchObject({ state: 'state-1', iss: issuer.url })
    expect((await authorize({ response_mode: 'form_post' })).how).toBe('form_post')
    expect((await authorize({ response_type: 'code id_token' })).how).toBe('fragment')
  })

  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)('signs with %s', async (algorithm) => {
    const other = await createLyingIssuer({ algorithm, accessTokens: 'jwt' })
    const first = issuer
    issuer = other
    try {
      const { access_token: accessToken, ...answer } = await logIn()
      const wanted = { issuer: other.url, audience: 'client-1', algorithms: [algorithm] }
      const { payload } = await jwtVerify(idTokenOf(answer), await keySet(), wanted)
      expect(payload).toMatchObject({ sub: 'user-1', nonce: 'nonce-1', acr: 'urn:strong' })
      expect(payload['at_hash']).toHaveLength(algorithm === 'EdDSA' ? 43 : 22)
      await jwtVerify(String(accessToken), await keySet(), { typ: 'at+jwt' })
    } finally {
      issuer = first
      await other.close()
    }
  })

  test('gives tokens for a code once, and takes all back when it comes again', async () => {
    const { parameters } = await authorize()
    const code = parameters.get('code') ?? ''
    const { access_token: accessToken, refresh_token: refreshToken } = await object(
      await trade(code),
    )
    expect((await userinfo(accessToken)).status).toBe(200)
    expect(await object(await trade(code))).toEqual({ error: 'invalid_grant' })
    expect((await userinfo(accessToken)).status).toBe(401)
    expect(await object(await renew(refreshToken))).toEqual({ error: 'invalid_grant' })
  })

  test('rotates refresh tokens, and ends the family when an old one comes again', async () => {
    const { refresh_token: first } = await logIn()
    const { refresh_token: second } = await object(await renew(first))
    expect(second).not.toBe(first)
    expect((await renew(first)).status).toBe(400)
    expect((await renew(second)).status).toBe(400)
  })

  test.each<[string, Record<string, string>]>([
    ['another verifier', { code_verifier: `${verifier}x` }],
    ['another redirect URI', { redirect_uri: 'https://evil.test/' }],
  ])('refuses a code with %s', async (_what, wrong) => {
    const answer = await trade((await authorize()).parameters.get('code') ?? '', wrong)
    expect(await object(answer)).toEqual({ error: 'invalid_grant' })
  })

  test('refuses clients that cannot prove themselves', async () => {
    const wrong = basic('wrong')
    for (const path of ['/token', '/par', '/revoke']) {
      expect((await post(path, {}, wrong)).status).toBe(401)
      expect((await post(path, { client_id: 'client-1' }, {})).status).toBe(401)
    }
    const posted = { client_id: 'client-1', client_secret: 'client-secret' }
    expect((await post('/revoke', posted, {})).status).toBe(200)
  })

  test('takes a pushed request once', async () => {
    const pushed = await post('/par', asked)
    expect(pushed.status).toBe(201)
    const { request_uri: uri } = await object(pushed)
    const query = new URLSearchParams({
      client_id: 'client-1',
      request_uri: String(uri),
    }).toString()
    expect((await get(`/authorize?${query}`)).status).toBe(303)
    expect((await get(`/authorize?${query}`)).status).toBe(400)
  })

  test('counts and keeps what it was asked', async () => {
    await logIn()
    const { requests } = issuer
    expect([requests.count('authorize'), requests.count('token')]).toEqual([1, 1])
    expect(requests.last('token').parameters.get('code_verifier')).toBe(verifier)
    expect(() => requests.last('par')).toThrow('nobody has asked par')
  })

  test('revokes tokens, and brings people back from its logout', async () => {
    const { access_token: accessToken } = await logIn()
    await post('/revoke', { token: String(accessToken) })
    expect((await userinfo(accessToken)).status).toBe(401)
    const back = await get('/end-session?post_logout_redirect_uri=https://app.test/&state=s')
    expect(back.headers.get('location')).toBe('https://app.test/?state=s')
  })

  test('signs its answer where that is asked for, and logout tokens', async () => {
    const { parameters } = await authorize({ response_mode: 'query.jwt' })
    const wanted = { issuer: issuer.url, audience: 'client-1' }
    const answer = await jwtVerify(parameters.get('response') ?? '', await keySet(), wanted)
    expect(answer.payload).toMatchObject({ state: 'state-1' })
    const token = issuer.logoutToken({ sub: 'user-1' })
    await jwtVerify(token, await keySet(), { ...wanted, typ: 'logout+jwt' })
  })
})

describe('it lies in the answer of the authorization endpoint about', () => {
  test.each<[string, Lies, Record<string, readonly string[] | undefined>]>([
    ['another state', { state: 'wrong' }, { state: ['another-state'] }],
    ['no state', { state: 'missing' }, { state: [] }],
    ['two states', { state: 'twice' }, { state: ['state-1', 'another-state'] }],
    ['no code', { code: 'missing' }, { code: [] }],
    ['a code of another issuer', { code: 'foreign' }, { code: ['code-of-another-issuer'] }],
    ['another issuer', { iss: 'wrong' }, { iss: ['https://evil.test'] }],
    ['no issuer', { iss: 'missing' }, { iss: [] }],
    ['an error', { error: { error: 'access_denied' } }, { error: ['access_denied'], code: [] }],
    [
      'an error in hostile words',
      { error: { error: 'x', description: hostile.script + hostile.lines, uri: 'javascript:x' } },
      { error_description: [hostile.script + hostile.lines], error_uri: ['javascript:x'] },
    ],
  ])('%s', async (_what, lies, seen) => {
    issuer.lie(lies)
    const { parameters } = await authorize()
    for (const [name, values] of Object.entries(seen)) {
      expect(parameters.getAll(name)).toEqual(values)
    }
  })

  test('two codes, and two issuers', async () => {
    issuer.lie({ code: 'twice', iss: 'twice' })
    const { parameters } = await authorize()
    expect(parameters.getAll('code')).toHaveLength(2)
    expect(parameters.getAll('iss')).toHaveLength(2)
  })

  test.each(['query', 'fragment', 'form_post'] as const)('the mode: %s', async (mode) => {
    issuer.lie({ mode })
    const other = mode === 'query' ? 'form_post' : 'query'
    expect((await authorize({ response_mode: other })).how).toBe(mode)
  })

  test('pages that hostile words cannot leave', async () => {
    issuer.lie({ error: { error: 'x', description: hostile.script } })
    const { parameters } = await authorize({ response_mode: 'form_post' })
    expect(parameters.get('error_description')).toBe(hostile.script)
    expect(hostile.long.length).toBeGreaterThan(10_000)
  })

  test.each(['other-audience', 'other-issuer', 'expired', 'unknown-key', 'none'] as const)(
    'its signature: %s',
    async (answer) => {
      issuer.lie({ answer })
      const { parameters } = await authorize({ response_mode: 'form_post.jwt' })
      const wanted = { issuer: issuer.url, audience: 'client-1' }
      const checked = jwtVerify(parameters.get('response') ?? '', await keySet(), wanted)
      await expect(checked).rejects.toThrow(/./)
    },
  )
})

const now = (): number => Math.floor(Date.now() / 1000)

describe('it lies in the ID token about', () => {
  test.each<[string, Lies, (claims: JWTPayload) => unknown, unknown]>([
    ['the nonce', { nonce: 'wrong' }, ({ nonce }) => nonce, 'another-nonce'],
    ['the nonce, by silence', { nonce: 'missing' }, ({ nonce }) => nonce, undefined],
    ['the audience', { audience: 'other' }, ({ aud }) => aud, 'other-client'],
    ['the audience, by silence', { audience: 'missing' }, ({ aud }) => aud, undefined],
    [
      'several audiences',
      { audience: 'several' },
      ({ aud, azp }) => [aud, azp],
      [['client-1', 'other-client'], undefined],
    ],
    ['several with azp', { audience: 'several-with-azp' }, ({ azp }) => azp, 'client-1'],
    ['azp', { azp: 'other' }, ({ azp }) => azp, 'other-client'],
    [
      'azp of several',
      { audience: 'several-with-azp', azp: 'other' },
      ({ azp }) => azp,
      'other-client',
    ],
    ['its end', { time: 'expired' }, ({ exp = 0 }) => exp < now() - 3000, true],
    ['its end, by silence', { time: 'no-exp' }, ({ exp }) => exp, undefined],
    ['its beginning', { time: 'future' }, ({ iat = 0 }) => iat > now() + 3000, true],
    ['its beginning, by silence', { time: 'no-iat' }, ({ iat }) => iat, undefined],
    ['at_hash, by silence', { atHash: 'missing' }, ({ at_hash: hash }) => hash, undefined],
    ['auth_time', { authTime: 'old' }, ({ auth_time: at }) => Number(at) < now() - 900_000, true],
    ['auth_time, by silence', { authTime: 'missing' }, ({ auth_time: at }) => at, undefined],
    ['auth_time as text', { authTime: 'text' }, ({ auth_time: at }) => typeof at, 'string'],
    ['acr', { acr: 'wrong' }, ({ acr }) => acr, 'urn:weak'],
    ['acr, by silence', { acr: 'missing' }, ({ acr }) => acr, undefined],
    ['the issuer', { issuer: 'other' }, ({ iss }) => iss, 'https://evil.test'],
    ['the issuer, by silence', { issuer: 'missing' }, ({ iss }) => iss, undefined],
    ['the subject', { sub: 'other' }, ({ sub }) => sub, 'somebody-else'],
    ['the subject, by silence', { sub: 'missing' }, ({ sub }) => sub, undefined],
    ['anything', { claims: { sub: 7 } }, ({ sub }) => sub, 7],
  ])('%s', async (_what, lies, seen, wanted) => {
    expect(seen(await claimsOf())).not.toEqual(wanted)
    issuer.lie(lies)
    expect(seen(await claimsOf())).toEqual(wanted)
  })

  const digestOf = (text: string): string =>
    createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')

  test('at_hash, which is right otherwise', async () => {
    const answer = await logIn()
    const right = digestOf(String(answer['access_token']))
    expect(decodeJwt(idTokenOf(answer))['at_hash']).toBe(right)
    issuer.lie({ atHash: 'wrong' })
    const lied = await logIn()
    const hash = decodeJwt(idTokenOf(lied))['at_hash']
    expect(hash).toHaveLength(22)
    expect(hash).not.toBe(digestOf(String(lied['access_token'])))
  })

  test('c_hash, which is right otherwise', async () => {
    const hybrid = async () => {
      const { parameters } = await authorize({ response_type: 'code id_token' })
      const { c_hash: hash } = decodeJwt(parameters.get('id_token') ?? '')
      return hash === undefined ? 'none' : hash === digestOf(parameters.get('code') ?? '')
    }
    expect(await hybrid()).toBe(true)
    issuer.lie({ cHash: 'wrong' })
    expect(await hybrid()).toBe(false)
    issuer.lie({ cHash: 'missing' })
    expect(await hybrid()).toBe('none')
  })

  test('one of two ID tokens only', async () => {
    issuer.lie({ sub: 'other', where: 'token' })
    const { parameters } = await authorize({ response_type: 'code id_token' })
    expect(decodeJwt(parameters.get('id_token') ?? '').sub).toBe('user-1')
    expect((await claimsOf()).sub).toBe('somebody-else')
    issuer.lie({ where: 'front' })
    expect((await claimsOf()).sub).toBe('user-1')
  })

  test.each([
    ['unknown-key', 'ES256'],
    ['unknown-key-known-kid', 'ES256'],
    ['none', 'none'],
    ['hs256-secret', 'HS256'],
    ['hs256-public-key', 'HS256'],
    ['tampered', 'ES256'],
  ] as const)('its signature: %s', async (signature, alg) => {
    issuer.lie({ signature })
    const token = idTokenOf(await logIn())
    expect(decodeProtectedHeader(token).alg).toBe(alg)
    await expect(jwtVerify(token, await keySet())).rejects.toThrow(/./)
  })
})
