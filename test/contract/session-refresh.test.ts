import { sealedSessions, type LoginEvent } from '@portcullis/core'
import {
  createAuthorizationServer,
  createBrowser,
  type AuthorizationServer,
} from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loginHosts } from '../support/login-apps.ts'
import { kinds, openSite, script, type SessionSite } from '../support/session-site.ts'

let server: AuthorizationServer
beforeAll(async () => {
  server = await createAuthorizationServer({ rotateRefreshTokens: true })
})
afterAll(() => server.close())

describe.each(loginHosts)('tokens that expire, on $name', ({ app }) => {
  describe.each(kinds)('in %s sessions', (kind) => {
    let site: SessionSite
    let outages: string[]
    beforeEach(async () => {
      outages = []
      const observe = (event: LoginEvent) => {
        if (event.type === 'outage') outages.push(event.outage.code)
      }
      site = await openSite({ server, app, kind, more: () => ({ observe }) })
      await site.signIn()
      server.requests.reset()
    })
    afterEach(async () => {
      server.faults.clear()
      await site.close()
    })
    const token = async (browser = site.browser) => {
      const answer = await browser.send(`${site.url}/token`, script)
      const body = answer.status === 200 ? ((await answer.json()) as { token: string }) : undefined
      return { status: answer.status, token: body?.token, cookies: answer.headers.getSetCookie() }
    }

    test('are renewed, each time with the refresh token of the last', async () => {
      const seen = [(await token()).token]
      for (let round = 0; round < 3; round++) {
        site.advance(301)
        const renewed = await token()
        expect(renewed).toMatchObject({ status: 200 })
        seen.push(renewed.token)
        expect((await token()).token).toBe(renewed.token)
      }
      expect(new Set(seen).size).toBe(4)
      expect(server.requests.of('token')).toBe(3)
    })

    test('of fifty requests one renews them, and every response carries the cookie', async () => {
      site.advance(301)
      const cookies = site.browser.cookiesFor(site.url)
      const answers = await Promise.all(Array.from({ length: 50 }, () => token()))
      expect(new Set(answers.map((answer) => answer.token)).size).toBe(1)
      expect(server.requests.of('token')).toBe(1)
      expect(answers.every(({ cookies: set }) => set.length > 0 || kind === 'stored')).toBe(true)
      expect(site.browser.cookiesFor(site.url) === cookies).toBe(kind === 'stored')
      site.advance(301)
      expect((await token()).status).toBe(200)
    })

    test('that the issuer will not renew end the session, and the cookies go', async () => {
      site.advance(301)
      server.faults.set('token', {
        kind: 'status',
        status: 400,
        headers: { 'content-type': 'application/json' },
        body: '{"error":"invalid_grant"}',
      })
      const refused = await token()
      expect(refused.status).toBe(401)
      expect(refused.cookies.at(-1)).toContain('Max-Age=0')
      expect((await site.browser.send(`${site.url}/account`, script)).status).toBe(401)
      const [name = ''] = refused.cookies.at(-1)?.split('=') ?? []
      expect(site.browser.cookiesFor(site.url)).not.toContain(`${name}=`)
    })

    test('that cannot be renewed now are used while they live, and no session is lost', async () => {
      const { token: first } = await token()
      server.faults.set('token', { kind: 'status', status: 500 })
      site.advance(250)
      expect(await token()).toMatchObject({ status: 200, token: first })
      expect(outages).toEqual(['endpoint_failed'])
      site.advance(100)
      expect((await token()).status).toBe(503)
      expect((await site.browser.send(`${site.url}/account`, script)).status).toBe(200)
      server.faults.clear()
      site.advance(10)
      expect((await token()).status).toBe(200)
    })
  })

  test('and a browser that is noted at the same time make one cookie', async () => {
    const secrets = ['a secret of the tests, long enough to seal']
    const sessions = sealedSessions({ secrets, keep: ['accessToken', 'refreshToken'], idle: 900 })
    const site = await openSite({ server, app, kind: 'sealed', more: () => ({ sessions }) })
    await site.signIn()
    site.advance(301)
    const { status, headers } = await site.browser.send(`${site.url}/token`, script)
    const names = headers.getSetCookie().map((cookie) => cookie.split('=', 1)[0])
    expect([status, names.length > 0]).toEqual([200, true])
    expect(names).toEqual([...new Set(names)])
    const again = await site.browser.send(`${site.url}/token`, script)
    expect([again.status, again.headers.getSetCookie()]).toEqual([200, []])
    await site.close()
  })
})

describe('a browser that still shows the cookie from before', () => {
  test('gets the new one with the next answer', async () => {
    const [{ app } = { app: () => () => undefined }] = loginHosts
    const site = await openSite({ server, app, kind: 'sealed' })
    await site.signIn()
    const old = site.browser.cookiesFor(site.url)
    site.advance(301)
    await site.browser.send(`${site.url}/token`)
    const late = await createBrowser().send(`${site.url}/account`, { headers: { cookie: old } })
    expect(late.status).toBe(200)
    const [cookie = ''] = late.headers.getSetCookie()
    expect(site.browser.cookiesFor(site.url)).toContain(cookie.split(';')[0])
    await site.close()
  })
})
