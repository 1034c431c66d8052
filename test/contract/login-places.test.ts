import {
  createGuard,
  createLogin,
  sealedSessions,
  session,
  type Login,
  type LoginOptions,
} from '@portcullis/core'
import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts } from '../support/login-apps.ts'
import { answerTo, createStage, secrets, type Play, type Stage } from '../support/login-stage.ts'

let stage: Stage
let other: AuthorizationServer
beforeAll(async () => {
  ;[stage, other] = await Promise.all([createStage(), createAuthorizationServer()])
})
afterEach(() => {
  other.requests.reset()
  return stage.rest()
})
afterAll(() => Promise.all([stage.close(), other.close()]))

const below = (login: Login, path: string) => ({
  [`${path}/account`]: {
    guard: createGuard({ login }),
    page: (host: object) => session(host)?.claims,
  },
})

describe.each(loginHosts)('where an application is, on $name:', ({ app }) => {
  test('below a path all its addresses and cookies are below it', async () => {
    const play = await stage.play(app, {
      options: (url) => ({ baseUrl: `${url}/shop/app` }),
      routes: (login) => below(login, '/shop/app'),
    })
    const page = await play.browser.open(`${play.url}/shop/app/account?tab=1`)
    expect([page.status, page.url]).toEqual([200, `${play.url}/shop/app/account?tab=1`])
    expect(stage.asked[0]?.get('redirect_uri')).toBe(`${play.url}/shop/app/callback`)
    expect((await play.browser.send(`${play.url}/login`)).status).toBe(404)
    expect(play.browser.cookiesFor(`${play.url}/callback`)).not.toContain('-login-')
    expect(play.browser.cookiesFor(`${play.url}/shop/app/callback`)).toContain('-login-')
  })

  test('its routes can have other names', async () => {
    const play = await stage.play(app, {
      options: { routes: { login: '/auth/in', callback: '/auth/back', logout: '/auth/out' } },
    })
    const page = await play.browser.open(`${play.url}/account`)
    expect(page.url).toBe(`${play.url}/account`)
    expect(stage.asked[0]?.get('redirect_uri')).toBe(`${play.url}/auth/back`)
    expect((await play.browser.send(`${play.url}/auth/out`, { method: 'POST' })).status).toBe(303)
  })

  test('behind a proxy that takes the path away, the base URL is the truth', async () => {
    const play = await stage.play(app, {
      options: { baseUrl: 'https://app.test/shop', strippedPath: true },
    })
    const reply = await play.browser.send(`${play.url}/account?a=1`)
    expect(reply.headers.get('location')).toBe(
      'https://app.test/shop/login?return_to=%2Fshop%2Faccount%3Fa%3D1',
    )
    const away = await play.browser.send(`${play.url}/login?return_to=%2Fshop%2Faccount`)
    const { searchParams } = new URL(away.headers.get('location') ?? '')
    expect(searchParams.get('redirect_uri')).toBe('https://app.test/shop/callback')
    expect(away.headers.getSetCookie().join()).toContain('Path=/shop/callback;')
  })

  const forwarded = {
    'x-forwarded-host': 'evil.test',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.test;proto=https',
  }

  test('names that are not its own count for nothing', async () => {
    const play = await stage.play(app)
    for (const headers of [forwarded, { host: 'evil.test' }, { ...forwarded, host: 'evil.test' }]) {
      for (const path of ['/account', '/login']) {
        // oxlint-disable-next-line no-await-in-loop -- says which one it was
        const reply = await play.browser.send(`${play.url}${path}`, { headers })
        const all = [reply.headers.get('location'), ...reply.headers.getSetCookie()].join()
        expect([reply.status, all.includes('evil.test')]).toEqual([302, false])
      }
    }
  })

  const several = (url: string): Partial<LoginOptions> => ({
    baseUrl: [url, url.replace('127.0.0.1', 'localhost'), 'https://app.test'],
  })

  test('under several hosts each signs in under its own', async () => {
    const play = await stage.play(app, { options: several })
    for (const url of [play.url, play.url.replace('127.0.0.1', 'localhost')]) {
      // oxlint-disable-next-line no-await-in-loop
      const page = await play.browser.open(`${url}/account`)
      expect([page.status, page.url]).toEqual([200, `${url}/account`])
      expect(stage.asked.at(-1)?.get('redirect_uri')).toBe(`${url}/callback`)
    }
  })

  test('of several hosts an unknown one is a 400, whatever was forwarded', async () => {
    const play = await stage.play(app, { options: several })
    const names = [{ host: 'evil.test' }, { host: 'evil.test', 'x-forwarded-host': 'app.test' }]
    for (const headers of names) {
      for (const path of ['/account', '/login', '/callback?state=x', '/logout']) {
        // oxlint-disable-next-line no-await-in-loop
        const reply = await play.browser.send(`${play.url}${path}`, { headers })
        expect([path, reply.status, reply.headers.get('location')]).toEqual([path, 400, null])
      }
    }
    expect(new Set(play.refused().map(([code]) => code))).toEqual(new Set(['login_host_unknown']))
    expect((await play.browser.send(`${play.url}/`, { headers: names[0] ?? {} })).status).toBe(200)
  })

  test('behind a proxy that ends TLS a host is known by its name', async () => {
    const play = await stage.play(app, { options: several })
    const headers = { host: 'app.test' }
    const reply = await play.browser.send(`${play.url}/login`, { headers })
    const { searchParams } = new URL(reply.headers.get('location') ?? '')
    expect(searchParams.get('redirect_uri')).toBe('https://app.test/callback')
    expect(reply.headers.getSetCookie().every((field) => field.includes('; Secure;'))).toBe(true)
  })

  test('two logins in one application do not disturb each other', async () => {
    const { url, browser } = await two(app)
    for (const door of ['a', 'b', 'a']) {
      // oxlint-disable-next-line no-await-in-loop
      const page = await browser.open(`${url}/${door}/account`)
      expect([page.status, page.url]).toEqual([200, `${url}/${door}/account`])
    }
    expect([stage.asked.length, other.requests.of('token')]).toEqual([1, 1])
    expect((await browser.send(`${url}/a/logout`, { method: 'POST' })).status).toBe(303)
    expect((await browser.send(`${url}/a/account`)).status).toBe(302)
    expect((await browser.send(`${url}/b/account`)).status).toBe(200)
  })

  test('the answer for one login is nothing to the other', async () => {
    const { url, browser } = await two(app)
    const answer = (await browser.open(`${url}/a/account`, { until: `${url}/a/callback` })).url
    other.requests.reset()
    const reply = await browser.send(answer.replace('/a/callback', '/b/callback'))
    expect(reply.headers.get('location')).toBe(`${url}/b/login?return_to=%2F&retry=1`)
    expect(other.requests.of('token')).toBe(0)
  })

  test('a login needs no host of its own to be begun from a place of the application', async () => {
    const play = await stage.play(app)
    const begin = play.login.begin({ returnTo: '/orders', parameters: { prompt: 'create' } })
    const reply = await begin({
      method: 'GET',
      url: `${play.url}/sign-up`,
      header: (name) => (name === 'accept' ? 'text/html' : undefined),
      form: () => Promise.resolve(new URLSearchParams()),
    })
    expect(Object.fromEntries(reply?.headers ?? [])['Location']).toContain('prompt=create')
  })

  test('an answer leads back to where its login began, not to where a link says', async () => {
    const play = await stage.play(app)
    const answer = new URL(await answerTo(play, '/account?tab=1'))
    answer.searchParams.set('return_to', 'https://evil.test/')
    const reply = await play.browser.send(answer.href)
    expect(reply.headers.get('location')).toBe(`${play.url}/account?tab=1`)
  })

  test.each(['//evil.test', 'https://evil.test', '/\\evil.test', '/%09/evil.test', 'javascript:x'])(
    'a login that is to lead to %s ends in the application',
    async (place) => {
      const play = await stage.play(app)
      const answer = await answerTo(play, `/login?return_to=${encodeURIComponent(place)}`)
      const reply = await play.browser.send(answer)
      expect(new URL(reply.headers.get('location') ?? '').origin).toBe(play.url)
    },
  )
})

/** Two logins of one application, at two issuers that know it by the same name, with the same secrets. */
const two = (app: (typeof loginHosts)[number]['app']): Promise<Play> => {
  let second: Login | undefined
  const routesBelow = (path: string) => ({
    login: `${path}/login`,
    callback: `${path}/callback`,
    logout: `${path}/logout`,
  })
  const both = (first: Login): Login => ({
    ...first,
    handler: async (request) => (await first.handler(request)) ?? second?.handler(request),
  })
  return stage.play((site) => app({ ...site, login: both(site.login) }), {
    options: { routes: routesBelow('/a') },
    routes: (first, url) => {
      second = createLogin({
        issuer: other.issuer,
        client: { id: 'web', secret: 'web-secret' },
        baseUrl: url,
        routes: routesBelow('/b'),
        sessions: sealedSessions({ secrets }),
      })
      return { ...below(first, '/a'), ...below(second, '/b') }
    },
  })
}
