import { storedSessions, memorySessions } from '@portcullis/core'
import { createBrowser, createClock } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts } from '../support/login-apps.ts'
import { answerTo, createStage, secrets, type Play, type Stage } from '../support/login-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterEach(() => stage.rest())
afterAll(() => stage.close())

const statusOf = async ({ browser, url }: Play, path: string): Promise<number> =>
  (await browser.send(`${url}${path}`)).status

describe.each(loginHosts)('attempts to sign in on $name:', ({ app }) => {
  test('five tabs sign in side by side, and each arrives where it was going', async () => {
    const play = await stage.play(app)
    const tabs = ['/account?tab=1', '/orders?tab=2', '/?tab=3', '/account?tab=4', '/token?tab=5']
    const answers: string[] = []
    // oxlint-disable-next-line no-await-in-loop -- a person opens one after the other
    for (const tab of tabs) answers.push(await begin(play, tab))
    for (const [at, tab] of tabs.entries()) {
      // oxlint-disable-next-line no-await-in-loop
      const arrived = await play.browser.open(answers[at] ?? '', { until: `${play.url}/` })
      expect(arrived.url).toBe(play.url + tab)
    }
    expect(play.refused()).toEqual([])
  })

  // `/` and the like are open to all: such a tab goes to the login by itself.
  const begin = (play: Play, tab: string): Promise<string> =>
    answerTo(play, `/login?return_to=${encodeURIComponent(tab)}`)

  test('of six the oldest gives way, and is begun again by itself', async () => {
    const play = await stage.play(app)
    const answers: string[] = []
    for (const at of [1, 2, 3, 4, 5, 6]) {
      // oxlint-disable-next-line no-await-in-loop
      answers.push(await begin(play, `/account?tab=${at}`))
    }
    const names = play.browser.cookiesFor(`${play.url}/callback`).match(/-login-/g)
    expect(names).toHaveLength(5)
    const [oldest = '', , third = ''] = answers
    stage.server.requests.reset()
    expect((await play.browser.open(oldest)).status).toBe(200)
    expect(play.refused()).toEqual([
      ['login_unknown', expect.stringContaining('pushed out by later ones')],
    ])
    expect((await play.browser.open(third)).url).toBe(`${play.url}/account?tab=3`)
  })

  test('the cookies of an attempt are for the callback alone', async () => {
    const play = await stage.play(app)
    await begin(play, '/account')
    expect(play.browser.cookiesFor(`${play.url}/account`)).not.toContain('-login-')
    expect(play.browser.cookiesFor(`${play.url}/callback`)).toContain('-login-')
  })

  test('the back button and a second submit end where the first did', async () => {
    const play = await stage.play(app)
    const answer = await answerTo(play, '/account?tab=1')
    expect((await play.browser.open(answer)).url).toBe(`${play.url}/account?tab=1`)
    stage.server.requests.reset()
    const again = await play.browser.open(answer)
    expect([again.status, again.url]).toEqual([200, `${play.url}/account?tab=1`])
    expect([stage.server.requests.total(), play.refused()]).toEqual([0, []])
  })

  test('two submits at once trade the code once', async () => {
    const play = await stage.play(app)
    const answer = await answerTo(play, '/account')
    stage.server.requests.reset()
    const replies = await Promise.all([1, 2].map(() => play.browser.send(answer)))
    expect(replies.map(({ status }) => status)).toEqual([303, 303])
    expect(replies.map(({ headers }) => headers.get('location'))).toEqual(
      [1, 2].map(() => `${play.url}/account`),
    )
    expect(stage.server.requests.of('token')).toBe(1)
    expect(await statusOf(play, '/account')).toBe(200)
  })

  test('an answer that was forgotten leads somebody who is signed in to the application', async () => {
    const play = await stage.play(app)
    await play.browser.open(`${play.url}/account`)
    const reply = await play.browser.send(`${play.url}/callback?code=x&state=0aaaaaa.x`)
    expect([reply.status, reply.headers.get('location')]).toEqual([303, `${play.url}/`])
  })

  test('a browser without cookies is sent round once, and then told', async () => {
    const play = await stage.play(app)
    const seen: string[] = []
    let next: string | null = `${play.url}/account`
    let last: Response | undefined
    const other = createBrowser()
    while (next !== null && seen.length < 30) {
      seen.push(next)
      const isOurs: boolean = next.startsWith(play.url)
      // oxlint-disable-next-line no-await-in-loop -- each hop names the next
      last = await (isOurs ? createBrowser() : other).send(next)
      const location: string | null = last.headers.get('location')
      next = location === null ? null : new URL(location, next).href
    }
    const page = (await last?.text()) ?? ''
    expect(last?.status).toBe(400)
    expect(seen.filter((url) => url.startsWith(`${play.url}/login`))).toHaveLength(2)
    expect(seen.filter((url) => url.startsWith(`${play.url}/callback`))).toHaveLength(2)
    expect(play.refused()).toEqual(
      [1, 2].map(() => ['login_unknown', expect.stringContaining('no cookies at all')]),
    )
    expect(page).toContain('belongs to no login that this browser has begun')
    expect(page).not.toMatch(/cookies at all|code=|state=/)
  })

  test.each([
    ['expired', /more than ten minutes ago/],
    ['sealed with other secrets', /sealed with other secrets/],
    ['of another host', /under http:\/\/localhost:\d+, and the login is for http:\/\/127.0.0.1/],
    ['lost', /used already, or pushed out/],
  ] as const)('one that is %s is explained, and begun again once', async (how, why) => {
    const clock = createClock()
    const play = await stage.play(app, { options: { now: clock.now } })
    const answer = await answerTo(play)
    const cookie = play.browser.cookiesFor(answer)
    const spoilt = cookie.replaceAll(/(-login-[\w-]+=)[^;]+/g, '$1AAAA')
    if (how === 'expired') clock.advance(700)
    const target = how === 'of another host' ? answer.replace('127.0.0.1', 'localhost') : answer
    const given = { expired: cookie, 'sealed with other secrets': spoilt, lost: 'a=1' }
    const sent = how === 'of another host' ? '' : given[how]
    const reply = await createBrowser().send(target, { headers: { cookie: sent } })
    expect(reply.status).toBe(302)
    expect(reply.headers.get('location')).toBe(`${play.url}/login?return_to=%2F&retry=1`)
    expect(play.refused()).toEqual([['login_unknown', expect.stringMatching(why)]])
  })

  test('a clock that is set back ends no login', async () => {
    const clock = createClock()
    const sessions = storedSessions(memorySessions({ now: clock.now }), { secrets, now: clock.now })
    const play = await stage.play(app, {
      options: { now: clock.now, sessions, clockTolerance: 900 },
    })
    const answer = await answerTo(play)
    clock.advance(-300)
    expect((await play.browser.open(answer)).status).toBe(200)
  })
})
