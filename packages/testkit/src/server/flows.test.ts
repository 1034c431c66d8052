import { createHash, randomBytes } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createBrowser, type Browser, type Page } from '../browser.ts'
import { createAuthorizationServer } from './create.ts'

const server = await createAuthorizationServer({
  resources: {
    'https://api.test': { scopes: ['orders:read'] },
    'https://opaque.test': { scopes: ['orders:read'], format: 'opaque' },
  },
})
const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`))
const callback = 'http://127.0.0.1:9/callback'

beforeEach(() => server.signIn.as('alice'))
afterAll(() => server.close())

const authorize = (parameters: Record<string, string>): string => {
  const all = { client_id: 'web', redirect_uri: callback, response_type: 'code', ...parameters }
  return `${server.issuer}/authorize?${new URLSearchParams(all)}`
}
const query = ({ url }: Page): Record<string, string> =>
  Object.fromEntries(new URL(url).searchParams)
const fragment = ({ url }: Page) =>
  Object.fromEntries(new URLSearchParams(new URL(url).hash.slice(1)))

const pkce = () => {
  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  return { code_verifier, asked: { code_challenge, code_challenge_method: 'S256' } }
}
const post = async (path: string, form: Record<string, string>, user = 'api') => {
  const authorization = `Basic ${btoa(`${user}:${user}-secret`)}`
  const body = new URLSearchParams(form)
  return fetch(`${server.issuer}${path}`, { method: 'POST', headers: { authorization }, body })
}

async function signIn(parameters: Record<string, string>, browser: Browser = createBrowser()) {
  const { code_verifier, asked } = pkce()
  const arrived = await browser.open(authorize({ ...asked, ...parameters }), { until: callback })
  const { code = '' } = query(arrived)
  const grant = { grant_type: 'authorization_code', code, code_verifier, redirect_uri: callback }
  return server.requestToken(grant, parameters['client_id'])
}

describe('authorization_code', () => {
  test.each(['web', 'spa'])('with PKCE, signed in without a person: %s', async (client_id) => {
    const { status, body } = await signIn({ client_id, scope: 'openid email', nonce: 'n1' })
    expect(status).toBe(200)
    const verified = await jwtVerify(String(body['id_token']), keys, {
      issuer: server.issuer,
      audience: client_id,
    })
    expect(verified.payload).toMatchObject({ sub: 'alice', nonce: 'n1' })
    const userinfo = await fetch(`${server.issuer}/userinfo`, {
      headers: { authorization: `Bearer ${String(body['access_token'])}` },
    })
    expect(await userinfo.json()).toMatchObject({ sub: 'alice', email: 'alice@mail.test' })
  })

  test('a resource makes the access token a JWT of the user', async () => {
    const { body } = await signIn({ scope: 'orders:read', resource: 'https://api.test' })
    const { payload } = await jwtVerify(String(body['access_token']), keys, {
      audience: 'https://api.test',
    })
    expect(payload).toMatchObject({ sub: 'alice', client_id: 'web', scope: 'orders:read' })
  })

  test('the answer can be a form post, and a signed response (JARM)', async () => {
    const browser = createBrowser()
    const until = callback
    const posted = await browser.open(authorize({ scope: 'openid', response_mode: 'form_post' }), {
      until,
    })
    expect(posted.url).toBe(callback)
    const signed = await browser.open(authorize({ scope: 'openid', response_mode: 'query.jwt' }), {
      until,
    })
    const { payload } = await jwtVerify(query(signed)['response'] ?? '', keys)
    expect(payload).toMatchObject({ iss: server.issuer, aud: 'web', code: expect.any(String) })
  })

  test('refuses a redirect URL that is neither registered nor loopback', async () => {
    const page = await createBrowser().open(
      authorize({ redirect_uri: 'https://evil.test/', scope: 'openid' }),
    )
    expect(page.status).toBe(400)
    expect(page.html).toContain('redirect_uri')
  })
})

test('refresh_token, until it is revoked', async () => {
  const { body } = await signIn({ scope: 'orders:read', resource: 'https://api.test' })
  const refresh_token = String(body['refresh_token'])
  const again = await server.requestToken({ grant_type: 'refresh_token', refresh_token })
  expect(decodeJwt(String(again.body['access_token'])).sub).toBe('alice')
  expect((await post('/revoke', { token: refresh_token }, 'web')).status).toBe(200)
  const after = await server.requestToken({ grant_type: 'refresh_token', refresh_token })
  expect(after).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
})

test('introspection, as JSON and as a JWT, before and after revocation', async () => {
  const token = await server.issueToken({ scope: 'orders:read', resource: 'https://opaque.test' })
  expect(token.split('.')).toHaveLength(1)
  const answer = await (await post('/introspect', { token })).json()
  expect(answer).toMatchObject({ active: true, client_id: 'machine', aud: 'https://opaque.test' })
  await post('/revoke', { token }, 'machine')
  expect(await (await post('/introspect', { token })).json()).toEqual({ active: false })
})

describe('implicit and hybrid', () => {
  test.each(['id_token', 'id_token token', 'code id_token', 'code token'])(
    '%s',
    async (response_type) => {
      const asked = { client_id: 'hybrid', response_type, scope: 'openid', nonce: 'n' }
      const got = fragment(await createBrowser().open(authorize(asked), { until: callback }))
      expect(Object.keys(got)).toEqual(
        expect.arrayContaining(response_type.replace(/(^|\W)token/, '$1access_token').split(' ')),
      )
    },
  )
})

test('device_code: pending, then connected by hand, then a token', async () => {
  const body = new URLSearchParams({ client_id: 'device', scope: 'openid' })
  const begun = await (
    await fetch(`${server.issuer}/device/authorize`, { method: 'POST', body })
  ).json()
  const grant = {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: String(begun.device_code),
  }
  expect((await server.requestToken(grant, 'device')).body['error']).toBe('authorization_pending')
  const browser = createBrowser()
  const entered = await browser.submit(await browser.open(begun.verification_uri), {
    user_code: begun.user_code,
  })
  expect(entered.html).toContain(begun.user_code)
  const done = await browser.submit(entered)
  expect(done.html).toContain('Your device is connected')
  const { status, body: tokens } = await server.requestToken(grant, 'device')
  expect(status).toBe(200)
  expect(decodeJwt(String(tokens['id_token'])).sub).toBe('alice')
})

describe('ciba', () => {
  const begin = async () =>
    (await post('/backchannel', { scope: 'openid', login_hint: 'bob' }, 'ciba')).json()
  const poll = async (auth_req_id: string) =>
    server.requestToken({ grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id }, 'ciba')

  test('is approved without a person', async () => {
    const { body } = await poll((await begin()).auth_req_id)
    expect(decodeJwt(String(body['id_token'])).sub).toBe('bob')
  })

  test('is refused, or stays pending', async () => {
    server.signIn.refuse()
    expect((await poll((await begin()).auth_req_id)).body['error']).toBe('access_denied')
    server.signIn.byPage()
    expect((await poll((await begin()).auth_req_id)).body['error']).toBe('authorization_pending')
  })
})

test('a pushed authorization request', async () => {
  const { code_verifier, asked } = pkce()
  const request = {
    client_id: 'web',
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid',
  }
  const form = { ...asked, ...request }
  const { request_uri } = await (await post('/par', form, 'web')).json()
  const target = `${server.issuer}/authorize?${new URLSearchParams({ client_id: 'web', request_uri })}`
  const { code = '' } = query(await createBrowser().open(target, { until: callback }))
  const grant = { grant_type: 'authorization_code', code, code_verifier, redirect_uri: callback }
  expect((await server.requestToken(grant)).status).toBe(200)
})

test('nothing failed inside', () => {
  expect(server.errors).toEqual([])
})
