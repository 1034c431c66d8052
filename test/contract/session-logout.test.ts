import {
  backChannelLogout,
  frontChannelLogout,
  memoryRevocations,
  type LoginEvent,
  type LoginOptions,
} from '@portcullis/core'
import {
  createAuthorizationServer,
  createBrowser,
  type AuthorizationServer,
} from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts } from '../support/login-apps.ts'
import { kinds, openSite, script, type SessionSite } from '../support/session-site.ts'

let server: AuthorizationServer
beforeAll(async () => {
  server = await createAuthorizationServer()
})
afterAll(() => server.close())

describe.each(loginHosts)('a logout on $name', ({ app }) => {
  describe.each(kinds)('of %s sessions', (kind) => {
    let site: SessionSite
    let events: LoginEvent[]
    const open = async (more: (url: string) => Partial<LoginOptions> = () => ({})) => {
      events = []
      const observe = (event: LoginEvent) => void events.push(event)
      const revocations = memoryRevocations()
      site = await openSite({
        server,
        app,
        kind,
        more: (url) => ({ revocations, observe, ...more(url) }),
      })
      await site.signIn()
      server.requests.reset()
    }
    afterEach(async () => {
      server.faults.clear()
      await site.close()
    })
    const leave = (browser = site.browser, path = '/logout') =>
      browser.send(site.url + path, { method: 'POST' })
    const status = async (browser = site.browser) =>
      (await browser.send(`${site.url}/account`, script)).status
    const copyOf = async () => {
      const headers = { ...script.headers, cookie: site.browser.cookiesFor(site.url) }
      return async () => (await createBrowser().send(`${site.url}/account`, { headers })).status
    }

    test('revokes the refresh token once, and copies of the cookie are dead', async () => {
      await open()
      const copy = await copyOf()
      expect(await copy()).toBe(200)
      expect((await leave()).status).toBe(303)
      expect(server.requests.of('revocation')).toBe(1)
      expect([await status(), await copy()]).toEqual([401, 401])
      expect(events.map(({ type }) => type)).toContain('signed-out')
    })

    test('may leave the refresh token alone', async () => {
      await open(() => ({ logout: { revoke: false } }))
      await leave()
      expect(server.requests.of('revocation')).toBe(0)
      expect(await status()).toBe(401)
    })

    test('may be of this application only', async () => {
      await open(() => ({ logout: { issuer: false, returnTo: '/bye' } }))
      const answer = await leave()
      expect(answer.headers.get('location')).toBe(`${site.url}/bye`)
      expect(server.requests.of('logout')).toBe(0)
      expect(await status()).toBe(401)
    })

    test('of a session that is gone ends at the same place, and asks nobody', async () => {
      await open(() => ({ logout: { returnTo: '/bye' } }))
      await leave()
      server.requests.reset()
      for (const browser of [site.browser, createBrowser()]) {
        const answer = await leave(browser)
        expect([answer.status, answer.headers.get('location')]).toEqual([303, `${site.url}/bye`])
        expect((await browser.send(`${site.url}/logout`)).status).toBe(303)
      }
      expect(server.requests.total()).toBe(0)
    })

    test('works while the issuer is down', async () => {
      await open()
      const copy = await copyOf()
      server.faults.set('all', { kind: 'down' })
      const answer = await leave()
      expect(answer.status).toBe(303)
      expect([await status(), await copy()]).toEqual([401, 401])
      expect(events.map(({ type }) => type)).toEqual(
        expect.arrayContaining(['outage', 'signed-out']),
      )
    })

    test('by another site is refused, and the session stays', async () => {
      await open()
      const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
      const answer = await site.browser.send(`${site.url}/logout`, { method: 'POST', headers })
      expect(answer.status).toBe(403)
      expect(await status()).toBe(200)
    })

    describe('that begins elsewhere:', () => {
      const signedUp = (url: string, client_id: string): Partial<LoginOptions> => {
        server.addClient({
          client_id,
          client_secret: `${client_id}-secret`,
          grant_types: ['authorization_code', 'refresh_token'],
          backchannel_logout_uri: `${url}/backchannel-logout`,
          backchannel_logout_session_required: true,
        })
        return {
          client: { id: client_id, secret: `${client_id}-secret` },
          doors: [backChannelLogout(), frontChannelLogout()],
        }
      }

      test('the issuer calls, and the session is dead', async () => {
        await open((url) => signedUp(url, `back-${new URL(url).port}`))
        const copy = await copyOf()
        const stranger = createBrowser()
        await site.signIn(stranger)
        const page = await site.browser.open(`${server.url}/logout`)
        expect(page.html).toContain('signed out')
        await expect.poll(() => status()).toBe(401)
        expect([await copy(), await status(stranger)]).toEqual([401, 200])
        expect(events.map(({ type }) => type)).toContain('ended-elsewhere')
        expect(server.errors).toEqual([])
      })

      test('a frame of the issuer asks, and the session is dead; another is not', async () => {
        await open((url) => signedUp(url, `front-${new URL(url).port}`))
        const account = await (await site.browser.send(`${site.url}/account`, script)).json()
        const { sid } = (account as { readonly claims: { readonly sid: string } }).claims
        const stranger = createBrowser()
        await site.signIn(stranger)
        const frame = new URL(`${site.url}/frontchannel-logout`)
        frame.search = new URLSearchParams({ iss: server.issuer, sid }).toString()
        expect((await createBrowser().send(frame.href)).status).toBe(200)
        expect([await status(), await status(stranger)]).toEqual([401, 200])
        const form = new URLSearchParams({ iss: 'https://evil.test', sid })
        const forged = await createBrowser().send(`${site.url}/frontchannel-logout`, { body: form })
        expect(forged.status).toBe(400)
      })

      test('a new login of the same user revives nothing', async () => {
        await open((url) => signedUp(url, `again-${new URL(url).port}`))
        const copy = await copyOf()
        await site.browser.open(`${server.url}/logout`)
        await expect.poll(copy).toBe(401)
        await site.signIn()
        expect([await status(), await copy()]).toEqual([200, 401])
      })
    })
  })
})
