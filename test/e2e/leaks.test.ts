import {
  accessToken,
  createGuard,
  userinfo,
  type GuardEvent,
  type Login,
  type LoginEvent,
} from '@portcullis/core'
import {
  createAuthorizationServer,
  createBrowser,
  type AuthorizationServer,
} from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { watchLeaks, type LeakWatch } from '../support/leak-watch.ts'
import { loginHosts } from '../support/login-apps.ts'
import { kinds, openSite, script, secrets, type SessionSite } from '../support/session-site.ts'

let server: AuthorizationServer
beforeAll(async () => {
  server = await createAuthorizationServer({ rotateRefreshTokens: true })
})
afterAll(() => server.close())

describe.each(loginHosts)('on $name', ({ app }) => {
  describe.each(kinds)('with %s sessions nothing secret is shown', (kind) => {
    let site: SessionSite
    let watch: LeakWatch
    let events: (LoginEvent | GuardEvent)[]

    const routes = (login: Login) => {
      const note = (event: GuardEvent) => void events.push(event)
      const guard = createGuard({ login, observe: note })
      const failing = async (host: object, act: (host: object) => Promise<unknown>) => {
        try {
          return (await act(host)) && 'used'
        } catch (error) {
          watch.shown('error', error)
          throw error
        }
      }
      return {
        '/account': { guard, page: (_host: object, caller: () => unknown) => ({ of: caller() }) },
        '/used': { guard, page: (host: object) => failing(host, (of) => accessToken(of)) },
        '/asked': { guard, page: (host: object) => failing(host, userinfo) },
      }
    }

    beforeEach(async () => {
      events = []
      watch = watchLeaks()
      secrets.forEach((one) => watch.secret('secret', one))
      watch.secret('client_secret', 'web-secret')
      site = await openSite({
        server,
        app,
        kind,
        routes,
        more: () => ({ fetch: watch.fetch, observe: (event) => void events.push(event) }),
      })
    })
    afterEach(async () => {
      watch.close()
      server.faults.clear()
      await site.close()
    })

    /** One answer of the application, in front of everybody. */
    const ask = async (path: string, sent: Parameters<typeof site.browser.send>[1] = {}) => {
      const answer = await site.browser.send(new URL(path, site.url).href, sent)
      const location = answer.headers.get('location')
      const body = await answer.text()
      const name = path.split('?')[0]
      const others = [...answer.headers].filter(([field]) => !isFor(field))
      watch.shown(`the page of ${name}`, body)
      watch.shown(`the fields of ${name}`, others)
      if (location?.startsWith(`${server.url}/logout`)) {
        const url = new URL(location)
        // The issuer made it, and wants it back.
        url.searchParams.delete('id_token_hint')
        watch.shown(`the redirect of ${name}`, url.href)
      } else watch.shown(`the redirect of ${name}`, location ?? '')
      for (const cookie of answer.headers.getSetCookie()) {
        const [pair = ''] = cookie.split(';')
        watch.secret('cookie', pair.slice(pair.indexOf('=') + 1))
      }
      return { answer, body, location }
    }
    const isFor = (field: string) => field === 'location' || field === 'set-cookie'

    /** Through the login, step by step; ends with the address of the callback. */
    const callback = async () => {
      const { location: login } = await ask('/account')
      const { location: away } = await ask(login ?? '')
      const { url } = await site.browser.open(away ?? '', { until: `${site.url}/callback` })
      watch.secret('code', new URL(url).searchParams.get('code'))
      return url
    }
    const signIn = async () => {
      const { answer } = await ask(await callback())
      expect(answer.status).toBe(303)
    }
    const nothingLeaked = () => {
      for (const { request: _, ...event } of events.map((one) => ({ request: 0, ...one }))) {
        watch.shown(`the event ${event.type}`, event)
      }
      for (const event of events) watch.shown(`the request of the event ${event.type}`, event)
      expect(watch.leaks()).toEqual([])
    }

    test('by a login, a renewal and a logout that work', async () => {
      await signIn()
      for (const path of ['/account', '/used', '/asked']) {
        expect((await ask(path)).answer.status).toBe(200)
      }
      site.advance(301)
      expect((await ask('/used')).answer.status).toBe(200)
      expect((await ask('/logout', { method: 'POST' })).answer.status).toBe(303)
      nothingLeaked()
      expect([...new Set(watch.known())].join(' ')).toBe(
        'access_token authorization client_secret code code_verifier cookie id_token refresh_token secret token',
      )
    })

    test.each<[string, number, string]>([
      ['says no', 400, 'invalid_grant'],
      ['does not know the client', 401, 'invalid_client'],
      ['fails', 500, 'server_error'],
    ])('by an issuer that %s, and repeats what it was sent', async (_what, status, error) => {
      await signIn()
      site.advance(301)
      watch.repeat(status, error)
      expect((await ask('/used')).answer.status).toBeGreaterThanOrEqual(400)
      await ask('/logout', { method: 'POST' })
      await ask(await callback())
      watch.repeat(status, undefined)
      nothingLeaked()
    })

    test('by answers that belong to no login', async () => {
      const url = new URL(await callback())
      const other = new URL(url)
      other.searchParams.set('state', `1${url.searchParams.get('state')?.slice(1)}`)
      const { answer, body } = await ask(other.href)
      expect(answer.status).toBe(400)
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
      expect(body).not.toContain('code=')
      const stolen = await createBrowser().send(url.href, script)
      watch.shown('the answer to a stranger', [await stolen.text(), ...stolen.headers])
      const both = new URL(url)
      both.searchParams.append('code', 'another-code-of-somebody')
      watch.secret('code', 'another-code-of-somebody')
      await ask(both.href)
      expect((await ask(url.href)).answer.status).toBeLessThan(500)
      nothingLeaked()
    })
  })
})
