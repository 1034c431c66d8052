import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLyingIssuer, type Lies, type LyingIssuer } from '../support/lying-issuer.ts'
import { asked, createVisitor, object, type Json } from '../support/lying-issuer/visitor.ts'

let issuer: LyingIssuer
const visitor = createVisitor(() => issuer.url)
const { get, logIn, post, renew, trade } = visitor

beforeAll(async () => {
  issuer = await createLyingIssuer()
})
afterEach(() => {
  issuer.repent()
  issuer.requests.clear()
})
afterAll(() => issuer.close())

const idTokenOf = (answer: Json): string => String(answer['id_token'])
const keySet = async () => createLocalJWKSet(await visitor.keys())

describe('it lies when it renews:', () => {
  test.each<[NonNullable<Lies['refresh']>, (answer: Json) => unknown]>([
    ['other-sub', (answer) => decodeJwt(idTokenOf(answer)).sub === 'somebody-else'],
    ['other-issuer', (answer) => decodeJwt(idTokenOf(answer)).iss === 'https://evil.test'],
    ['other-audience', (answer) => decodeJwt(idTokenOf(answer)).aud === 'other-client'],
    ['no-id-token', (answer) => !('id_token' in answer)],
    ['no-refresh-token', (answer) => !('refresh_token' in answer)],
    ['invalid-grant', (answer) => answer['error'] === 'invalid_grant'],
  ])('%s', async (refresh, seen) => {
    const { refresh_token: token } = await logIn()
    issuer.lie({ refresh })
    expect(seen(await object(await renew(token)))).toBe(true)
  })

  test('a token that does not rotate stays good', async () => {
    const { refresh_token: token } = await logIn()
    issuer.lie({ refresh: 'no-refresh-token' })
    expect((await renew(token)).status).toBe(200)
    expect((await renew(token)).status).toBe(200)
  })
})

test.each<[string, unknown]>([
  ['expires_in', -1],
  ['expires_in', '3600'],
  ['expires_in', 1e308],
  ['token_type', 'mac'],
  ['refresh_token', 7],
])('it lies in the token answer: %s is %o', async (name, value) => {
  issuer.lie({ tokenMembers: { [name]: value } })
  expect((await logIn())[name]).toBe(value)
})

test('it leaves tokens out', async () => {
  issuer.lie({ token: 'no-access-token' })
  expect(await logIn()).not.toHaveProperty('access_token')
  issuer.lie({ token: 'no-id-token' })
  expect(await logIn()).not.toHaveProperty('id_token')
})

describe('its endpoints break', () => {
  const asks = {
    token: () => trade('x'),
    userinfo: () => get('/userinfo'),
    par: () => post('/par', asked),
    revocation: () => post('/revoke', {}),
    keys: () => get('/jwks'),
    discovery: () => get('/.well-known/openid-configuration'),
  }
  const places = ['token', 'userinfo', 'par', 'revocation', 'keys', 'discovery'] as const

  test.each(places)('%s', async (place) => {
    const ask = asks[place]
    issuer.lie({ [place]: 'error-500' })
    expect((await ask()).status).toBe(500)
    issuer.lie({ [place]: 'html' })
    expect((await ask()).headers.get('content-type')).toBe('text/html')
    issuer.lie({ [place]: 'redirect' })
    expect((await ask()).status).toBe(307)
    issuer.lie({ [place]: 'garbage' })
    await expect((await ask()).json()).rejects.toThrow(SyntaxError)
    issuer.lie({ [place]: 'array' })
    expect(await (await ask()).json()).toEqual([])
    issuer.lie({ [place]: 'reset' })
    await expect(ask()).rejects.toThrow('fetch failed')
    expect(issuer.requests.count(place)).toBe(6)
  })

  test('and never end', async () => {
    issuer.lie({ token: 'hang' })
    await expect(asks.token()).rejects.toThrow(/timeout/)
    issuer.lie({ token: 'slow' })
    await expect((await asks.token()).text()).rejects.toThrow(/timeout/)
  })

  test('and end after far too much', async () => {
    issuer.lie({ keys: 'huge' })
    const response = await fetch(`${issuer.url}/jwks`)
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(16_000_000)
  })
})

describe('it lies at the other endpoints:', () => {
  const userinfo = async (): Promise<Response> => {
    const { access_token: token } = await logIn()
    return visitor.userinfo(token)
  }

  test('the subject of the userinfo', async () => {
    expect(await object(await userinfo())).toEqual({ sub: 'user-1', name: 'Ada' })
    issuer.lie({ userinfo: 'other-sub' })
    expect(await object(await userinfo())).toMatchObject({ sub: 'somebody-else' })
    issuer.lie({ userinfo: 'no-sub' })
    expect(await object(await userinfo())).toEqual({ name: 'Ada' })
  })

  test.each([
    ['signed', true],
    ['signed-other-issuer', false],
    ['signed-other-audience', false],
    ['signed-unknown-key', false],
    ['signed-none', false],
  ] as const)('signed userinfo: %s', async (lie, good) => {
    issuer.lie({ userinfo: lie })
    const response = await userinfo()
    expect(response.headers.get('content-type')).toBe('application/jwt')
    const wanted = { issuer: issuer.url, audience: 'client-1', subject: 'user-1' }
    const verified = jwtVerify(await response.text(), await keySet(), wanted)
    expect(
      await verified.then(
        () => true,
        () => false,
      ),
    ).toBe(good)
  })

  test('another subject in signed userinfo', async () => {
    issuer.lie({ userinfo: 'signed-other-sub' })
    expect(decodeJwt(await (await userinfo()).text()).sub).toBe('somebody-else')
  })

  test('the pushed request', async () => {
    issuer.lie({ par: 'status-200' })
    expect((await post('/par', asked)).status).toBe(200)
    issuer.lie({ par: 'no-request-uri' })
    expect(await object(await post('/par', asked))).toEqual({ expires_in: 60 })
    issuer.lie({ par: 'refused' })
    expect((await post('/par', asked)).status).toBe(400)
  })

  test('the metadata, and cookies that nobody asked for', async () => {
    const metadata = {
      require_pushed_authorization_requests: true,
      end_session_endpoint: undefined,
    }
    issuer.lie({ metadata, cookies: ['session=stolen; Path=/', 'a=b'] })
    const response = await get('/.well-known/openid-configuration')
    expect(response.headers.getSetCookie()).toEqual(['session=stolen; Path=/', 'a=b'])
    const body = await object(response)
    expect(body['require_pushed_authorization_requests']).toBe(true)
    expect(body).not.toHaveProperty('end_session_endpoint')
  })
})
