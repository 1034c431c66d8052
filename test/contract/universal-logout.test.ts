import {
  createLogin,
  memorySessions,
  storedSessions,
  type Login,
  type LoginOptions,
} from '@portcullis/core'
import { universalLogout } from '@portcullis/okta'
import { createBrowser, createOkta, type Browser, type Okta } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts, serveLogin, usualRoutes, type Served } from '../support/login-apps.ts'
import { secrets } from '../support/login-stage.ts'

let okta: Okta
beforeAll(async () => {
  okta = await createOkta()
})
afterAll(() => okta.close())

const path = '/global-token-revocation'

describe.each(loginHosts)('Universal Logout on $name', ({ app }) => {
  let served: Served
  afterEach(() => served.close())

  const open = async (subjectOf?: (email: string) => string | undefined): Promise<string> => {
    served = await serveLogin((url) => {
      const login: Login = createLogin(optionsFor(url, subjectOf))
      return app({ login, routes: usualRoutes(login) })
    })
    return served.url
  }
  const optionsFor = (
    url: string,
    subjectOf: ((email: string) => string | undefined) | undefined,
  ): LoginOptions => ({
    issuer: okta.servers.default.issuer,
    client: { id: okta.app('web').clientId, secret: okta.app('web').clientSecret ?? '' },
    baseUrl: url,
    sessions: storedSessions(memorySessions(), { secrets }),
    doors: [universalLogout({ endpoint: url + path, ...(subjectOf && { subjectOf }) })],
  })
  const signIn = async (user: string): Promise<Browser> => {
    const browser = createBrowser()
    const page = await browser.open(`${served.url}/account`)
    await browser.submit(page, { username: user, password: 'password' })
    return browser
  }
  const status = async (browser: Browser): Promise<number> =>
    (
      await browser.send(`${served.url}/account`, {
        headers: { accept: 'application/json', 'sec-fetch-mode': 'cors' },
      })
    ).status

  test('ends all sessions of a user, and nobody else’s', async () => {
    const endpoint = (await open()) + path
    const [first, second, bob] = [await signIn('alice'), await signIn('alice'), await signIn('bob')]
    expect(await Promise.all([first, second, bob].map(status))).toEqual([200, 200, 200])
    expect(await okta.sendUniversalLogout({ endpoint, user: 'alice' })).toBe(204)
    expect(await Promise.all([first, second, bob].map(status))).toEqual([401, 401, 200])
  })

  test('finds a user by email where the application says who that is', async () => {
    const ids = new Map([[okta.user('alice').email, okta.user('alice').id]])
    const endpoint = (await open((email) => ids.get(email))) + path
    const alice = await signIn('alice')
    expect(await okta.sendUniversalLogout({ endpoint, user: 'bob', format: 'email' })).toBe(404)
    expect(await status(alice)).toBe(200)
    expect(await okta.sendUniversalLogout({ endpoint, user: 'alice', format: 'email' })).toBe(204)
    expect(await status(alice)).toBe(401)
  })

  test('refuses what is not meant for it, is malformed, or comes twice', async () => {
    const endpoint = (await open()) + path
    const alice = await signIn('alice')
    const send = (claims: Readonly<Record<string, unknown>>) =>
      okta.sendUniversalLogout({ endpoint, user: 'alice', claims })
    expect(await send({ aud: 'https://other.test/x' })).toBe(401)
    expect(await send({ sub: okta.app('spa').clientId })).toBe(401)
    expect((await fetch(endpoint, { method: 'POST', body: '{}' })).status).toBe(401)
    expect(await okta.sendUniversalLogout({ endpoint, user: 'alice', format: 'email' })).toBe(400)
    expect(await status(alice)).toBe(200)
    expect(await send({ jti: 'once' })).toBe(204)
    expect(await send({ jti: 'once' })).toBe(401)
  })
})
