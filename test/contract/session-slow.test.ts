import {
  createAuthorizationServer,
  createBrowser,
  type AuthorizationServer,
} from '@portcullis/testkit'
import { accessToken, createGuard, session, updateSession } from '@portcullis/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createGate } from '../support/gate.ts'
import { loginHosts, usualRoutes } from '../support/login-apps.ts'
import { kinds, openSite, script, type SessionSite } from '../support/session-site.ts'

let server: AuthorizationServer
beforeAll(async () => {
  server = await createAuthorizationServer({ rotateRefreshTokens: true })
})
afterAll(() => server.close())

/** A page that answers only when it is let. */
function createSlowPage() {
  const [arrival, departure] = [createGate(), createGate()]
  const wait = async (): Promise<void> => {
    arrival.open()
    await departure.opened
  }
  return { arrival: arrival.opened, wait, leave: departure.open }
}

describe.each(loginHosts)('a response that is slow, on $name', ({ app }) => {
  describe.each(kinds)('in %s sessions', (kind) => {
    let site: SessionSite
    let gate: ReturnType<typeof createSlowPage>
    beforeEach(async () => {
      gate = createSlowPage()
      site = await openSite({
        server,
        app,
        kind,
        routes: (login) => {
          const guard = createGuard({ login })
          return {
            ...usualRoutes(login),
            '/noted': { guard, page: () => gate.wait() },
            '/renewed': {
              guard,
              page: async (host) => {
                await accessToken(host)
                await gate.wait()
                return 'renewed'
              },
            },
            '/theme': { guard, page: (host) => updateSession(host, { theme: 'dark' }) },
            '/data': { guard, page: (host) => ({ ...session(host)?.data }) },
          }
        },
      })
      await site.signIn()
    })
    afterEach(() => site.close())

    /** Sends a request, lets something else happen, and only then takes the answer. */
    const during = async (path: string, act: () => Promise<unknown>) => {
      // More than a twentieth of the day that a session may be idle, so that the visit is noted.
      if (path === '/noted') site.advance(4400)
      else site.advance(301)
      const answer = site.browser.send(site.url + path, script)
      await gate.arrival
      await act()
      gate.leave()
      return (await answer).headers.getSetCookie()
    }
    const createdAt = async () => {
      const answer = await site.browser.send(`${site.url}/account`, script)
      return answer.status === 200 ? ((await answer.json()) as { createdAt: number }).createdAt : 0
    }

    test('after its tokens were renewed, leaves the cookie of another login alone', async () => {
      const before = await createdAt()
      const cookies = await during('/renewed', () =>
        site.browser.open(`${site.url}/login?return_to=/`),
      )
      expect(cookies).toEqual([])
      expect(await createdAt()).toBeGreaterThan(before)
    })

    test('after its tokens were renewed, does not bring back who has signed out', async () => {
      const cookies = await during('/renewed', () =>
        site.browser.send(`${site.url}/logout`, { method: 'POST' }),
      )
      expect(cookies.every((cookie) => cookie.includes('Max-Age=0'))).toBe(true)
      site.advance(61)
      expect(await createdAt()).toBe(0)
      const [pair = ''] = cookies[0]?.split(';') ?? []
      const headers = { ...script.headers, cookie: pair }
      expect((await createBrowser().send(`${site.url}/account`, { headers })).status).toBe(401)
    })

    test.each(['/renewed', '/noted'])('%s: keeps the data that came meanwhile', async (path) => {
      await during(path, () => site.browser.send(`${site.url}/theme`, script))
      const answer = await site.browser.send(`${site.url}/data`, script)
      expect(await answer.json()).toEqual({ theme: 'dark' })
    })
  })
})
