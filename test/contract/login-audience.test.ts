import {
  createGuard,
  createLogin,
  memoryRevocations,
  memorySessions,
  sealedSessions,
  storedSessions,
  type Login,
  type LoginOptions,
} from '@portcullis/core'
import {
  createAuthorizationServer,
  createBrowser,
  createClock,
  type AuthorizationServer,
  type Browser,
} from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts, serveLogin, usualRoutes, type Served } from '../support/login-apps.ts'

const secrets = ['a secret of at least thirty-two characters']
const api = { headers: { accept: 'application/json', 'sec-fetch-mode': 'cors' } }
const resource = 'https://api.test'

let server: AuthorizationServer
beforeAll(async () => {
  server = await createAuthorizationServer({
    users: { alice: { acr: 'urn:strong', amr: ['pwd', 'otp'] } },
  })
})
afterAll(() => server.close())

const clock = createClock()
let served: Served
let login: Login
afterEach(() => served.close())

async function open(app: (typeof loginHosts)[number]['app'], more: Partial<LoginOptions>) {
  served = await serveLogin((baseUrl) => {
    login = createLogin({
      issuer: server.issuer,
      client: { id: 'web', secret: 'web-secret' },
      baseUrl,
      sessions: storedSessions(memorySessions(), { secrets }),
      ...more,
    })
    return app({ login, routes: usualRoutes(login) })
  })
  const browser = createBrowser()
  await browser.open(`${served.url}/account`)
  return browser
}

const tokenOf = async (browser: Browser): Promise<string> => {
  const answer = (await (await browser.send(`${served.url}/token`)).json()) as { token: string }
  return answer.token
}

describe.each(loginHosts)('a login on $name', ({ app }) => {
  test('for one API gets a token that its guard takes, at the login and at each renewal', async () => {
    const browser = await open(app, {
      parameters: { scope: 'openid offline_access orders:read', resource, prompt: 'consent' },
      // The access token of five minutes is over for the application long before it is for the issuer.
      now: clock.now,
      clockTolerance: 1000,
    })
    const guard = createGuard({ issuer: server.issuer, audience: resource })
    const check = async (token: string) => {
      const header = (name: string) => (name === 'authorization' ? `Bearer ${token}` : undefined)
      const form = () => Promise.resolve(new URLSearchParams())
      return guard.check({ method: 'GET', url: `${resource}/orders`, header, form })
    }
    const first = await tokenOf(browser)
    expect(await check(first)).toMatchObject({
      granted: true,
      principal: { scopes: ['orders:read'] },
    })
    clock.advance(280)
    const second = await tokenOf(browser)
    expect(second).not.toBe(first)
    expect(await check(second)).toMatchObject({ granted: true, principal: { subject: 'alice' } })
  })

  test('that demands a strong authentication is told of it', async () => {
    const browser = await open(app, { parameters: { acrValues: 'urn:strong' } })
    const answer = await browser.send(`${served.url}/account`)
    expect(await answer.json()).toMatchObject({ caller: { acr: 'urn:strong' } })
  })

  test.each([
    ['stored', () => ({ sessions: storedSessions(memorySessions(), { secrets }) })],
    ['sealed', () => ({ sessions: sealedSessions({ secrets }), revocations: memoryRevocations() })],
  ])('ends all sessions of a person, %s', async (_kind, options) => {
    const browser = await open(app, options())
    const other = createBrowser()
    await other.open(`${served.url}/account`)
    await login.endSessions({ sub: 'nobody' })
    expect((await browser.send(`${served.url}/account`, api)).status).toBe(200)
    await login.endSessions({ sub: 'alice' })
    expect((await browser.send(`${served.url}/account`, api)).status).toBe(401)
    expect((await other.send(`${served.url}/account`, api)).status).toBe(401)
    await browser.open(`${served.url}/account`)
    expect((await browser.send(`${served.url}/account`, api)).status).toBe(200)
    expect((await other.send(`${served.url}/account`, api)).status).toBe(401)
  })

  test('says that it cannot end what only browsers hold', async () => {
    await open(app, { sessions: sealedSessions({ secrets }) })
    await expect(login.endSessions({ sub: 'alice' })).rejects.toThrow('login.endSessions cannot')
    await expect(login.endSessions({})).rejects.toThrow(TypeError)
  })
})
