import {
  createLogin,
  frontChannelLogout,
  memorySessions,
  privateKeyJwt,
  storedSessions,
  type AuthorizationParameters,
  type ClientOptions,
} from '@portcullis/core'
import { createBrowser, createOkta, type Browser, type Okta } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts, serveLogin, usualRoutes, type Served } from '../support/login-apps.ts'
import { secrets } from '../support/login-stage.ts'

let okta: Okta
/** What the revocation endpoint answered. */
const revocations: number[] = []
beforeAll(async () => {
  okta = await createOkta({
    identityProviders: { acme: {} },
    onExchange: ({ endpoint, status }) => {
      if (endpoint === 'revocation') revocations.push(status)
    },
    apps: { keyed: { authentication: 'private_key_jwt' } },
  })
})
afterAll(() => okta.close())

describe.each(loginHosts)('at Okta on $name', ({ app }) => {
  const served: Served[] = []
  afterEach(async () => {
    await Promise.all(served.splice(0).map(({ close }) => close()))
  })

  const open = async (
    client: ClientOptions,
    parameters: AuthorizationParameters = {},
  ): Promise<string> => {
    const site = await serveLogin((url) => {
      const login = createLogin({
        issuer: okta.servers.default.issuer,
        client,
        baseUrl: url,
        sessions: storedSessions(memorySessions(), { secrets }),
        parameters: { scope: 'openid profile offline_access', ...parameters },
        doors: [frontChannelLogout()],
      })
      return app({ login, routes: usualRoutes(login) })
    })
    served.push(site)
    return site.url
  }
  const registered = (name: string): ClientOptions => {
    const { clientId: id, clientSecret: secret = '' } = okta.app(name)
    return { id, secret }
  }
  const keyed = (): ClientOptions => {
    const { clientId: id, key } = okta.app('keyed')
    if (key === undefined) throw new Error('the app has no key')
    const audience = (endpoint: string) => endpoint
    return { id, authentication: privateKeyJwt({ key: key.privateKey, kid: key.kid, audience }) }
  }
  const signIn = async (browser: Browser, url: string): Promise<void> => {
    const page = await browser.open(`${url}/account`)
    if (!page.html.includes('name="password"')) return
    await browser.submit(page, { username: 'alice', password: 'password' })
  }
  const account = (browser: Browser, url: string): Promise<Response> =>
    browser.send(`${url}/account`, {
      headers: { accept: 'application/json', 'sec-fetch-mode': 'cors' },
    })

  test('a login goes on to the identity provider that was asked for, and says where the user came from', async () => {
    const { id } = okta.identityProvider('acme')
    const url = await open(registered('web'), {
      idp: id,
      loginHint: 'bob',
      extra: { idp_scope: 'calendar' },
    })
    const browser = createBrowser()
    const page = await browser.open(`${url}/account`)
    expect(page.html).toContain('Sign in with acme')
    expect(new URL(page.url).searchParams.get('scope')).toContain('calendar')
    const { html } = await browser.submit(page)
    expect(JSON.parse(html)).toMatchObject({ claims: { sub: okta.user('bob').id, idp: id } })
  })

  test('a client with a key signs in, and revokes its tokens at the logout', async () => {
    const url = await open(keyed())
    const browser = createBrowser()
    await signIn(browser, url)
    revocations.length = 0
    const sent = await browser.send(`${url}/logout`, { method: 'POST', headers: { origin: url } })
    expect(sent.status).toBe(303)
    expect(revocations).toEqual([200])
    expect((await account(browser, url)).status).toBe(401)
  })

  test('a logout in one application ends the sessions of the others, by frames of Okta’s page', async () => {
    const [web, other] = [await open(registered('web')), await open(keyed())]
    okta.app('keyed').frontChannelLogout = { uri: `${other}/frontchannel-logout` }
    const [browser, stranger] = [createBrowser(), createBrowser()]
    await signIn(browser, other)
    await signIn(browser, web)
    await signIn(stranger, other)
    const sent = await browser.send(`${web}/logout`, { method: 'POST', headers: { origin: web } })
    const page = await browser.send(sent.headers.get('location') ?? '')
    const [, frame = ''] = /<iframe src="([^"]*)"/.exec(await page.text()) ?? []
    expect((await account(browser, other)).status).toBe(200)
    // As browsers load frames of another site: without cookies.
    const loaded = await fetch(frame.replaceAll('&#38;', '&'))
    expect(loaded.status).toBe(200)
    expect((await account(browser, other)).status).toBe(401)
    expect((await account(stranger, other)).status).toBe(200)
    okta.app('keyed').frontChannelLogout = undefined
  })
})
