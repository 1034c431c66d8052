import {
  createAuthorizationServer,
  createBrowser,
  type AuthorizationServer,
} from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loginHosts } from '../support/login-apps.ts'
import { openSite, script, type SessionSite } from '../support/session-site.ts'

let server: AuthorizationServer
beforeAll(async () => {
  server = await createAuthorizationServer({ rotateRefreshTokens: true })
})
afterAll(() => server.close())

describe.each(loginHosts)('what a store is told, on $name:', ({ app }) => {
  let site: SessionSite
  beforeEach(async () => {
    site = await openSite({ server, app, kind: 'stored' })
  })
  afterEach(() => site.close())
  const ask = async (path: string, browser = site.browser) => {
    const answer = await browser.send(site.url + path, script)
    await answer.text()
    return answer
  }

  test('nothing of anonymous visitors', async () => {
    const crawler = createBrowser()
    for (const path of ['/', '/maybe', '/account', '/logout', '/login?return_to=/account']) {
      const answer = await ask(path, crawler)
      expect(
        answer.headers.getSetCookie().filter((set) => !set.includes('Path=/callback')),
      ).toEqual([])
    }
    await crawler.send(`${site.url}/callback?code=x&state=y`)
    expect(site.writes()).toBe(0)
  })

  test('a login is one write, and what changes nothing is none', async () => {
    await site.signIn()
    expect(site.writes()).toBe(1)
    for (const path of [
      '/account',
      '/orders',
      '/admin',
      '/maybe',
      '/token',
      '/userinfo',
      '/link',
    ]) {
      expect((await ask(path)).headers.getSetCookie()).toEqual([])
    }
    expect(site.writes()).toBe(1)
  })

  test('a visit is noted once, however many requests come at once', async () => {
    await site.signIn()
    site.advance(10_000)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/account')))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(site.writes()).toBe(2)
    await ask('/account')
    expect(site.writes()).toBe(2)
  })

  test('a renewal is one write, and data of the application one more', async () => {
    await site.signIn()
    site.advance(301)
    await Promise.all(Array.from({ length: 20 }, () => ask('/token')))
    expect(site.writes()).toBe(2)
    await ask('/note')
    expect(site.writes()).toBe(3)
  })
})
