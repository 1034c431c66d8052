import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createRemoteJWKSet, jwtVerify, SignJWT } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { createBrowser } from '../browser.ts'
import { createOkta } from './create.ts'

const okta = await createOkta({
  apps: {
    outgoing: { logoutUris: ['http://127.0.0.1:9/bye'] },
    hs: { authentication: 'client_secret_jwt' },
  },
})
afterAll(() => okta.close())

const callback = 'http://127.0.0.1:9/cb'
const base = okta.servers.default.base
const login = (app = 'native', server = 'default', scope = 'openid profile email offline_access') =>
  okta.request(
    'token',
    { grant_type: 'password', username: 'alice', password: 'password', scope },
    { app, server },
  )
const introspect = async (token: unknown, app = 'native', server = 'default') =>
  (await okta.request('introspect', { token: String(token) }, { app, server })).body

describe('introspection', () => {
  test('an access token: scope is text, client_id is no cid', async () => {
    const { body } = await login()
    expect(await introspect(body['access_token'])).toEqual({
      active: true,
      token_type: 'Bearer',
      scope: 'openid profile email offline_access',
      client_id: okta.app('native').clientId,
      username: 'alice@example.com',
      exp: expect.any(Number),
      iat: expect.any(Number),
      sub: 'alice@example.com',
      aud: 'api://default',
      iss: okta.servers.default.issuer,
      jti: expect.stringMatching(/^AT\./),
      uid: okta.user('alice').id,
    })
  })

  test('a refresh token and an ID token of the client itself', async () => {
    const { body } = await login()
    expect(await introspect(body['refresh_token'])).toMatchObject({
      active: true,
      token_type: 'Bearer',
    })
    expect(await introspect(body['id_token'])).toMatchObject({ active: true, ver: 1 })
    expect(await introspect(body['refresh_token'], 'web')).toEqual({ active: false })
  })

  test('of another server, unknown, expired: inactive and nothing more', async () => {
    const { body } = await login()
    const token = body['access_token']
    expect(await introspect(token, 'native', 'org')).toEqual({ active: false })
    expect(await introspect('x')).toEqual({ active: false })
    okta.clock.advance(3601)
    expect(await introspect(token)).toEqual({ active: false })
  })

  test('of the org server, for the client that has it', async () => {
    const { body } = await login('native', 'org')
    expect(await introspect(body['access_token'], 'native', 'org')).toMatchObject({ active: true })
    expect(await introspect(body['access_token'], 'web', 'org')).toEqual({ active: false })
  })

  test('a public client may put its id into the query; a token is needed', async () => {
    const { body } = await login()
    const url = `${base}/v1/introspect?client_id=${okta.app('native').clientId}`
    const form = new URLSearchParams({ token: String(body['access_token']) })
    const response = await fetch(url, { method: 'POST', body: form })
    expect(await response.json()).toMatchObject({ active: true })
    const nothing = await okta.request('introspect', { other: 'x' })
    expect(nothing.body['error_description']).toBe("The 'token' parameter is required.")
  })
})

describe('revocation', () => {
  const revoke = (token: unknown, app = 'native') =>
    okta.request('revoke', { token: String(token) }, { app })

  test('of a refresh token takes its access tokens along, not the other way round', async () => {
    const { body } = await login()
    expect((await revoke(body['access_token'])).status).toBe(200)
    expect(await introspect(body['access_token'])).toEqual({ active: false })
    expect(await introspect(body['refresh_token'])).toMatchObject({ active: true })
    const next = await login()
    await revoke(next.body['refresh_token'])
    expect(await introspect(next.body['access_token'])).toEqual({ active: false })
  })

  test('of anything else answers the same and does nothing', async () => {
    const { body } = await login()
    expect((await revoke('unknown')).status).toBe(200)
    expect((await revoke(body['access_token'], 'web')).status).toBe(200)
    expect(await introspect(body['access_token'])).toMatchObject({ active: true })
  })
})

describe('userinfo', () => {
  const ask = (token: unknown, path = base) =>
    fetch(`${path}/v1/userinfo`, { headers: { Authorization: `Bearer ${String(token)}` } })

  test('every claim of the scopes, and the sub of the ID token', async () => {
    const { body } = await login()
    const response = await ask(body['access_token'])
    expect(await response.json()).toMatchObject({
      sub: okta.user('alice').id,
      given_name: 'Alice',
      email: 'alice@example.com',
    })
  })

  test('401 and 403 say why in WWW-Authenticate', async () => {
    const wrong = await ask('x')
    expect(wrong.status).toBe(401)
    expect(wrong.headers.get('www-authenticate')).toBe(
      'Bearer error="invalid_token", error_description="The access token is invalid"',
    )
    expect(await wrong.text()).toBe('')
    const poor = await ask(await okta.issueToken())
    expect(poor.status).toBe(403)
    expect(poor.headers.get('www-authenticate')).toMatch(/^Bearer error="insufficient_scope"/)
    expect(poor.headers.get('expires')).toBe('0')
  })
})

/** A browser that has signed in, with the tokens that its client got. */
const signedIn = async (app = 'outgoing') => {
  const browser = createBrowser()
  const { clientId: client_id } = okta.app(app)
  const parameters = { client_id, response_type: 'code', redirect_uri: callback, state: 's' }
  const url = `${base}/v1/authorize?${new URLSearchParams({ ...parameters, scope: 'openid' }).toString()}`
  const page = await browser.submit(
    await browser.open(url),
    { username: 'alice', password: 'password' },
    { until: callback },
  )
  const code = new URL(page.url).searchParams.get('code') ?? ''
  const form = { grant_type: 'authorization_code', code, redirect_uri: callback }
  const { body } = await okta.request('token', form, { app })
  return { browser, url, body }
}

describe('logout', () => {
  const leave = (hint: unknown, more: Record<string, string> = {}) =>
    `${base}/v1/logout?${new URLSearchParams({ id_token_hint: String(hint), ...more }).toString()}`
  const post_logout_redirect_uri = 'http://127.0.0.1:9/bye'

  test('ends the session and comes back with the state', async () => {
    const { browser, url, body } = await signedIn()
    const gone = await browser.send(
      leave(body['id_token'], { post_logout_redirect_uri, state: 'x' }),
    )
    expect(gone.status).toBe(302)
    expect(gone.headers.get('location')).toBe(`${post_logout_redirect_uri}?state=x`)
    const silent = await browser.send(`${url}&prompt=none`)
    expect(silent.headers.get('location')).toContain('error=login_required')
    expect(await introspect(body['access_token'], 'outgoing')).toMatchObject({ active: true })
  })

  test('an expired hint is good, one that nobody issued is not', async () => {
    const { browser, body } = await signedIn()
    okta.clock.advance(4000)
    expect((await browser.send(leave(body['id_token']))).status).toBe(200)
    expect((await browser.send(leave('x'))).status).toBe(400)
  })

  test('a redirect elsewhere, and the hint of somebody else, end on a page', async () => {
    const { browser, body } = await signedIn()
    const elsewhere = { post_logout_redirect_uri: 'https://attacker.example/' }
    expect((await browser.send(leave(body['id_token'], elsewhere))).status).toBe(400)
    const form = { grant_type: 'password', username: 'bob', password: 'password', scope: 'openid' }
    const bob = await okta.request('token', form, { app: 'native' })
    const other = await browser.send(leave(bob.body['id_token']))
    expect(other.status).toBe(400)
    expect(await other.text()).toContain('id_token_does_not_match_session')
  })
})

describe('pushed requests and request objects', () => {
  const parameters = (app: string) => ({
    client_id: okta.app(app).clientId,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid',
    state: 'pushed',
  })
  const open = async (query: Record<string, string>, path = base) => {
    const url = `${path}/v1/authorize?${new URLSearchParams(query).toString()}`
    const response = await fetch(url, { redirect: 'manual' })
    return {
      status: response.status,
      text: await response.text(),
      location: response.headers.get('location'),
    }
  }

  test('a request_uri stands for everything, once, for one client at one server', async () => {
    const { clientId: client_id } = okta.app('web')
    const push = () => okta.request('par', parameters('web'))
    const { status, body } = await push()
    expect([status, body]).toEqual([
      200,
      { request_uri: expect.stringMatching(/^urn:okta:/), expires_in: 3600 },
    ])
    const request_uri = String(body['request_uri'])
    const other = await open({ client_id: okta.app('hs').clientId, request_uri })
    expect([other.status, other.text]).toEqual([401, expect.stringContaining('invalid_client')])
    const elsewhere = await open({ client_id, request_uri }, okta.org.base)
    expect(elsewhere.text).toContain('another authorization server')
    expect((await open({ client_id, request_uri })).text).toContain('Sign In')
    expect((await open({ client_id, request_uri })).text).toContain('invalid_request_uri')
    const late = String((await push()).body['request_uri'])
    okta.clock.advance(3601)
    expect((await open({ client_id, request_uri: late })).status).toBe(400)
  })

  test('a push is checked like a request', async () => {
    const wrong = await okta.request('par', {
      ...parameters('web'),
      redirect_uri: 'https://x.example',
    })
    expect([wrong.status, wrong.body['error']]).toEqual([400, 'invalid_request'])
    const nested = await okta.request('par', { ...parameters('web'), request_uri: 'urn:okta:x' })
    expect(nested.body['error_description']).toMatch(/must not be present in the request/)
  })

  test('a request object: its state wins, and each fault has its text', async () => {
    const { clientId, clientSecret } = okta.app('hs')
    const object = (claims: object = {}) => {
      const now = Math.floor(okta.clock.now() / 1000)
      const usual = {
        iss: clientId,
        aud: okta.servers.default.issuer,
        exp: now + 60,
        state: 'mine',
      }
      return new SignJWT({ ...usual, ...claims })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(clientSecret))
    }
    const ask = async (request: string) => open({ ...parameters('hs'), request, prompt: 'none' })
    expect((await ask(await object())).location).toContain('state=mine')
    expect((await ask('x')).text).toContain('The request object cannot be parsed.')
    expect((await ask(await object({ aud: 'x' }))).text).toContain('The audience of the request')
    expect((await ask(await object({ exp: 1 }))).text).toContain('The request object is expired.')
    const single = await object({ jti: 'one' })
    await ask(single)
    expect((await ask(single)).text).toContain('The request object has already been used.')
    const both = await open({ ...parameters('hs'), request: single, request_uri: 'urn:okta:x' })
    expect(both.text).toContain('must not contain both')
  })
})

describe('Universal Logout', () => {
  test('the org calls an application, with a token that its keys verify', async () => {
    const seen: { authorization?: string | undefined; body: string }[] = []
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      seen.push({ authorization: request.headers.authorization, body })
      response.writeHead(204).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    // A server that listens on a port has an address of this kind.
    const { port } = server.address() as AddressInfo
    const endpoint = `http://127.0.0.1:${port}/global-token-revocation`
    expect(await okta.sendUniversalLogout({ endpoint, user: 'alice' })).toBe(204)
    server.close()
    const [call] = seen
    expect(JSON.parse(call?.body ?? '')).toEqual({
      sub_id: { format: 'iss_sub', iss: okta.url, sub: okta.user('alice').id },
    })
    const keys = createRemoteJWKSet(new URL(`${okta.org.base}/v1/keys`))
    const { protectedHeader } = await jwtVerify(String(call?.authorization).slice(7), keys, {
      issuer: okta.url,
      audience: endpoint,
      currentDate: new Date(okta.clock.now()),
    })
    expect(protectedHeader.typ).toBe('global-token-revocation+jwt')
  })

  test('and can be called itself: sessions and tokens end', async () => {
    const { body } = await login()
    const sent = { sub_id: { format: 'opaque', id: okta.user('alice').id } }
    const url = `${okta.url}/oauth2/v1/global-token-revocation`
    const post = (headers: Record<string, string>) =>
      fetch(url, { method: 'POST', body: JSON.stringify(sent), headers })
    expect((await post({})).status).toBe(401)
    expect((await post({ Authorization: 'SSWS okta-api-token' })).status).toBe(204)
    expect(await introspect(body['access_token'])).toEqual({ active: false })
    expect(await introspect(body['refresh_token'])).toEqual({ active: false })
  })
})
