import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
} from 'vitest'
import { kinds, openSite, type SessionSite } from '../support/session-site.ts'
import { streamHosts, styles } from '../support/stream-apps.ts'

let server: AuthorizationServer
beforeAll(async () => {
  server = await createAuthorizationServer({ rotateRefreshTokens: true })
})
afterAll(() => server.close())

const whole = 'one two three'

describe.each(streamHosts)('an answer that comes piece by piece, on $name', ({ app }) => {
  describe.each(kinds)('with %s sessions', (kind) => {
    let site: SessionSite
    beforeEach(async () => {
      site = await openSite({ server, app, kind, routes: () => ({}) })
      await site.signIn()
    })
    afterEach(() => site.close())
    const ask = async (path: string) => {
      const answer = await site.browser.send(site.url + path)
      return {
        status: answer.status,
        text: await answer.text(),
        cookies: answer.headers.getSetCookie(),
      }
    }

    test.each(styles)('%s: carries the cookie that notes the visit', async (style) => {
      // A part of the day that a session may be idle; without the note it would end before the last visit.
      site.advance(50_000)
      const { status, text, cookies } = await ask(style)
      expect([status, text]).toEqual([200, whole])
      expect(cookies).toHaveLength(1)
      site.advance(50_000)
      expect((await ask(style)).status).toBe(200)
    })

    test.each(styles)('%s: carries the cookie of renewed tokens', async (style) => {
      site.advance(301)
      server.requests.reset()
      const { status, text, cookies } = await ask(`${style}?renew`)
      expect([status, text]).toEqual([200, whole])
      expect(cookies.length).toBeGreaterThan(0)
      site.advance(100)
      expect((await ask(`${style}?renew`)).status).toBe(200)
      expect(server.requests.of('token')).toBe(1)
    })

    test.each(styles)('%s: carries none where nothing changed', async (style) => {
      expect((await ask(`${style}?renew`)).cookies).toEqual([])
    })
  })
})

// Where a web handler throws there is no response that could carry anything.
const own = streamHosts.filter(({ name }) => name !== 'Fetch')

describe.each(own)('an answer that fails after all, on $name', ({ app }) => {
  test('carries the cookie of renewed tokens', async () => {
    const site = await openSite({ server, app, kind: 'sealed', routes: () => ({}) })
    onTestFinished(() => site.close())
    await site.signIn()
    site.advance(301)
    const { status, headers } = await site.browser.send(`${site.url}/broken?renew`)
    expect(status).toBe(500)
    expect(headers.getSetCookie()).toHaveLength(1)
    site.advance(100)
    server.requests.reset()
    expect((await site.browser.send(`${site.url}/write?renew`)).status).toBe(200)
    expect(server.requests.of('token')).toBe(0)
  })
})
