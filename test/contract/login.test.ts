import {
  createLogin,
  memorySessions,
  sealedSessions,
  storedSessions,
  type Login,
  type LoginOptions,
  type Sessions,
} from '@portcullis/core'
import {
  createAuthorizationServer,
  createBrowser,
  type AuthorizationServer,
  type Browser,
} from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts, serveLogin, usualRoutes, type Served } from '../support/login-apps.ts'

const secrets = ['a secret of at least thirty-two characters']

const kinds: readonly { readonly kind: string; readonly sessions: () => Sessions }[] = [
  {
    kind: 'sealed',
    sessions: () => sealedSessions({ secrets, keep: ['accessToken', 'refreshToken', 'idToken'] }),
  },
  { kind: 'stored', sessions: () => storedSessions(memorySessions(), { secrets }) },
]

let server: AuthorizationServer
beforeAll(async () => {
  server = await createAuthorizationServer()
})
afterAll(() => server.close())

describe.each(loginHosts)('a login on $name', ({ app }) => {
  describe.each(kinds)('with $kind sessions', ({ sessions }) => {
    let served: Served
    let login: Login
    const begin = async (more: Partial<LoginOptions> = {}): Promise<Browser> => {
      served = await serveLogin((url) => {
        login = createLogin({
          issuer: server.issuer,
          client: { id: 'web', secret: 'web-secret' },
          baseUrl: url,
          sessions: sessions(),
          parameters: {
            scope: 'openid profile email offline_access orders:read',
            prompt: 'consent',
          },
          ...more,
        })
        return app({ login, routes: usualRoutes(login) })
      })
      return createBrowser()
    }
    afterEach(() => served.close())
    const api = { headers: { accept: 'application/json', 'sec-fetch-mode': 'cors' } }

    test('a browser that asks for a guarded page signs in and arrives there', async () => {
      const browser = await begin()
      const page = await browser.open(`${served.url}/account?tab=1`)
      expect(page.url).toBe(`${served.url}/account?tab=1`)
      expect(JSON.parse(page.html)).toMatchObject({
        claims: { sub: 'alice' },
        caller: { subject: 'alice', via: 'session', issuer: server.issuer, client: 'web' },
      })
    })

    test('a script gets a 401 with the address of the login', async () => {
      const browser = await begin()
      const answer = await browser.send(`${served.url}/account`, api)
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe('Cookie form-action="/login"')
      expect(await answer.json()).toEqual({
        error: 'login_required',
        login_url: `${served.url}/login?return_to=%2Faccount`,
      })
    })

    test('signed in but not entitled is a 403, and no way to the login', async () => {
      const browser = await begin()
      await browser.open(`${served.url}/account`)
      expect((await browser.send(`${served.url}/orders`)).status).toBe(200)
      expect((await browser.send(`${served.url}/admin`)).status).toBe(403)
    })

    test('nothing is written when nothing changes', async () => {
      const browser = await begin()
      await browser.open(`${served.url}/account`)
      const answer = await browser.send(`${served.url}/account`)
      expect(answer.status).toBe(200)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect((await createBrowser().send(`${served.url}/`)).headers.getSetCookie()).toEqual([])
    })

    test('the session gives an access token, and userinfo', async () => {
      const browser = await begin()
      await browser.open(`${served.url}/account`)
      const answer = await browser.send(`${served.url}/token`)
      expect(await answer.json()).toEqual({ token: expect.stringMatching(/.{20,}/) })
      expect(await (await browser.send(`${served.url}/userinfo`)).json()).toMatchObject({
        sub: 'alice',
      })
    })

    test('data of the application stay with the session', async () => {
      const browser = await begin()
      await browser.open(`${served.url}/account`)
      await browser.send(`${served.url}/note`)
      expect(await (await browser.send(`${served.url}/account`)).json()).toMatchObject({
        data: { noted: true },
      })
    })

    test('a logout by POST ends session here and at the issuer', async () => {
      const browser = await begin()
      await browser.open(`${served.url}/account`)
      const answer = await browser.send(`${served.url}/logout`, { method: 'POST' })
      expect(answer.status).toBe(303)
      const away = new URL(answer.headers.get('location') ?? '')
      expect(away.origin + away.pathname).toBe(`${server.url}/logout`)
      expect(away.searchParams.get('post_logout_redirect_uri')).toBe(`${served.url}/`)
      expect(away.searchParams.get('id_token_hint')).not.toBeNull()
      expect((await browser.send(`${served.url}/account`, api)).status).toBe(401)
    })

    test('a logout by GET needs the token of the session', async () => {
      const browser = await begin()
      await browser.open(`${served.url}/account`)
      expect((await browser.send(`${served.url}/logout`)).status).toBe(403)
      expect((await browser.send(`${served.url}/account`)).status).toBe(200)
      const { url } = (await (await browser.send(`${served.url}/link`)).json()) as { url: string }
      expect((await browser.send(url)).status).toBe(303)
      expect((await browser.send(`${served.url}/account`, api)).status).toBe(401)
    })

    test.each([
      ['sec-purpose', 'prefetch;prerender'],
      ['purpose', 'prefetch'],
      ['x-moz', 'prefetch'],
    ])('a logout link fetched ahead of its user (%s: %s) signs nobody out', async (name, value) => {
      const browser = await begin()
      await browser.open(`${served.url}/account`)
      const { url } = (await (await browser.send(`${served.url}/link`)).json()) as { url: string }
      const ahead = await browser.send(url, { headers: { [name]: value } })
      expect([ahead.status, ahead.headers.getSetCookie()]).toEqual([403, []])
      expect((await browser.send(`${served.url}/account`, api)).status).toBe(200)
      expect((await browser.send(url)).status).toBe(303)
    })
  })
})
