import { createGuard, session, type Login } from '@portcullis/core'
import { createBrowser } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts, type LoginSite } from '../support/login-apps.ts'
import { answerTo, createStage, type Play, type Stage } from '../support/login-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterEach(() => stage.rest())
afterAll(() => stage.close())

const cors = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: 'application/json' }
const xhr = { 'sec-fetch-mode': 'cors', 'x-requested-with': 'XMLHttpRequest', accept: 'text/html' }
const visitors: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a person': {},
  'a script': cors,
  'an old script': xhr,
  'an image': { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
  'a frame': { 'sec-fetch-dest': 'iframe' },
  'a prefetch': { 'sec-purpose': 'prefetch' },
}

const entrances = (login: Login): LoginSite['routes'] =>
  Object.fromEntries(
    (['auto', 'redirect', '401'] as const).map((unauthenticated) => [
      `/${unauthenticated}`,
      {
        guard: createGuard({ login: login.with({ unauthenticated }) }),
        page: () => unauthenticated,
      },
    ]),
  )

const silentRoutes = (login: Login): LoginSite['routes'] => {
  const silent = createGuard({ login: login.with({ attemptSilentLogin: true }) })
  const page = (host: object) => ({ signedIn: session(host) !== undefined })
  return { '/': { guard: silent.optional(), page }, '/account': { guard: silent, page } }
}

const silently = (more: object = {}) => ({ routes: silentRoutes, options: more })

describe.each(loginHosts)('the entrance on $name:', ({ app }) => {
  test('whom to redirect and whom to answer 401 is told by each route', async () => {
    const { url } = await stage.play(app, { routes: entrances })
    const found = await Promise.all(
      Object.entries(visitors).map(async ([who, headers]) => {
        const statuses = await Promise.all(
          ['auto', 'redirect', '401'].map(
            async (path) => (await createBrowser().send(`${url}/${path}`, { headers })).status,
          ),
        )
        return [who, statuses.join(' ')]
      }),
    )
    expect(Object.fromEntries(found)).toEqual({
      'a person': '302 302 401',
      'a script': '401 302 401',
      'an old script': '401 302 401',
      'an image': '401 302 401',
      'a frame': '401 302 401',
      'a prefetch': '401 302 401',
    })
  })

  test('the 401 is JSON with the address of the login', async () => {
    const { url } = await stage.play(app, { routes: entrances })
    const reply = await createBrowser().send(`${url}/auto?a=1`, { headers: cors })
    expect(reply.headers.get('content-type')).toBe('application/json')
    expect(reply.headers.get('cache-control')).toBe('no-store')
    expect(reply.headers.get('www-authenticate')).toBe('Cookie form-action="/login"')
    expect(await reply.json()).toEqual({
      error: 'login_required',
      login_url: `${url}/login?return_to=%2Fauto%3Fa%3D1`,
    })
  })

  test('what a page loads beside itself does not disturb the login of a person', async () => {
    const play = await stage.play(app)
    const answer = await answerTo(play)
    const before = play.browser.cookiesFor(answer)
    for (const headers of Object.values(visitors).slice(1)) {
      for (const path of ['/account', '/login', '/token']) {
        // oxlint-disable-next-line no-await-in-loop -- as a browser with one line
        const reply = await play.browser.send(`${play.url}${path}`, { headers })
        expect([reply.status, reply.headers.getSetCookie()]).toEqual([401, []])
      }
    }
    expect(play.browser.cookiesFor(answer)).toBe(before)
    expect((await play.browser.open(answer)).url).toBe(`${play.url}/account`)
  })

  test('what is asked by HEAD begins no login', async () => {
    const play = await stage.play(app)
    const reply = await play.browser.send(`${play.url}/login`, { method: 'HEAD' })
    expect([reply.status, reply.headers.getSetCookie(), await reply.text()]).toEqual([401, [], ''])
  })

  const pageOf = async ({ browser, url }: Play): Promise<unknown> => {
    const page = await browser.open(`${url}/`)
    expect(page.url).toBe(`${url}/`)
    return JSON.parse(page.html)
  }

  test('a silent attempt signs in whom the issuer knows, without a page', async () => {
    const play = await stage.play(app, silently())
    // As far as the issuer, and not back.
    await answerTo(play)
    stage.server.signIn.byPage()
    expect(await pageOf(play)).toEqual({ signedIn: true })
    expect(stage.asked.at(-1)?.get('prompt')).toBe('none')
  })

  test('whom the issuer does not know it leaves alone, and tries no second time', async () => {
    const play = await stage.play(app, silently())
    stage.server.signIn.byPage()
    expect([await pageOf(play), stage.asked.length]).toEqual([{ signedIn: false }, 1])
    expect([await pageOf(play), stage.asked.length]).toEqual([{ signedIn: false }, 1])
    expect(play.refused()).toEqual([['login_interaction_needed', expect.any(String)]])
  })

  test('whoever keeps no cookies sees the page, and the issuer nothing', async () => {
    const { url } = await stage.play(app, silently())
    let next = `${url}/?a=1`
    let last: Response | undefined
    for (let hops = 0; hops < 10; hops++) {
      // oxlint-disable-next-line no-await-in-loop
      last = await createBrowser().send(next)
      const location = last.headers.get('location')
      if (location === null) break
      next = location
    }
    expect([last?.status, next, stage.asked.length]).toEqual([200, `${url}/?a=1&silent_login=0`, 0])
  })

  test('while the issuer is down the page is there all the same', async () => {
    const play = await stage.play(app, silently())
    stage.server.faults.set('all', { kind: 'down' })
    expect(await pageOf(play)).toEqual({ signedIn: false })
    expect(play.events.map(({ type }) => type)).toEqual(['outage'])
  })

  test('whoever has left is not signed in again by the next page', async () => {
    const play = await stage.play(app, silently({ logout: { issuer: false } }))
    await play.browser.open(`${play.url}/account`)
    const left = await play.browser.send(`${play.url}/logout`, { method: 'POST' })
    expect(left.headers.get('location')).toBe(`${play.url}/`)
    const before = stage.asked.length
    expect([await pageOf(play), stage.asked.length]).toEqual([{ signedIn: false }, before])
  })

  test('a demanded prompt=none shows a page instead of going round in circles', async () => {
    const play = await stage.play(app, { options: { parameters: { prompt: 'none' } } })
    stage.server.signIn.byPage()
    const page = await play.browser.open(`${play.url}/account`)
    expect([page.status, stage.asked.length]).toEqual([400, 1])
    expect(play.refused().map(([code]) => code)).toEqual(['login_interaction_needed'])
  })
})
