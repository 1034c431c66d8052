import { createGuard, createLogin, publicClient, sealedSessions } from '@portcullis/core'
import { createAuthorizationServer, createBrowser } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts, serveLogin, usualRoutes } from '../support/login-apps.ts'
import { answerTo, createStage, secrets, type Stage } from '../support/login-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterEach(() => stage.rest())
afterAll(() => stage.close())

describe.each(loginHosts)('a login that fails on $name:', ({ app }) => {
  test('somebody who says no is told so, once, and may try again', async () => {
    const play = await stage.play(app)
    stage.server.signIn.refuse()
    const page = await play.browser.open(`${play.url}/account?tab=1`)
    expect([page.status, stage.asked.length]).toEqual([400, 1])
    expect(page.html).toContain('The user, or the issuer for the user, said no.')
    expect(page.html).not.toContain('person said no')
    expect(play.refused()).toEqual([
      ['login_denied', expect.stringContaining("access_denied ('the person said no')")],
    ])
    stage.server.signIn.as('alice')
    const link = /href="([^"]+)">Try again/.exec(page.html)?.[1] ?? ''
    expect((await play.browser.open(link)).url).toBe(`${play.url}/account?tab=1`)
  })

  test('a page of the application stands in for ours', async () => {
    const play = await stage.play(app, {
      options: {
        onError: (error) => ({
          status: 403,
          headers: [['Content-Type', 'text/plain']],
          body: `own page: ${(error as { readonly code: string }).code}`,
        }),
      },
    })
    stage.server.signIn.refuse()
    const answer = await answerTo(play)
    const reply = await play.browser.send(answer)
    expect([reply.status, await reply.text()]).toEqual([403, 'own page: login_denied'])
    expect(reply.headers.get('referrer-policy')).toBe('no-referrer')
    expect(reply.headers.get('cache-control')).toBe('no-store')
  })

  test.each([
    ['invalid_scope', 400, 'login_request_refused'],
    ['login_required', 400, 'login_interaction_needed'],
    ['unmet_authentication_requirements', 400, 'login_unmet'],
  ])('%s is a %d, and never begun again by itself', async (error, status, code) => {
    const play = await stage.play(app)
    const answer = new URL(await answerTo(play))
    answer.searchParams.delete('code')
    answer.searchParams.set('error', error)
    answer.searchParams.set('error_description', '<script>alert(1)</script>')
    const reply = await play.browser.send(answer.href)
    expect([reply.status, play.refused().map(([one]) => one)]).toEqual([status, [code]])
    const body = await reply.text()
    expect(body).not.toContain('script')
    expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test('nothing of the answer leaves with the page', async () => {
    const play = await stage.play(app)
    const answer = new URL(await answerTo(play))
    const code = answer.searchParams.get('code') ?? 'none'
    answer.searchParams.set('iss', 'https://evil.test')
    const reply = await play.browser.send(answer.href)
    const all = `${await reply.text()}${JSON.stringify([...reply.headers])}`
    expect([reply.status, all.includes(code)]).toEqual([400, false])
    expect(JSON.stringify(play.refused())).not.toContain(code)
    expect(play.refused().map(([one]) => one)).toEqual(['login_answer_invalid'])
  })

  test('a posted answer that was to come in the query is refused', async () => {
    const play = await stage.play(app)
    const { searchParams } = new URL(await answerTo(play))
    stage.server.requests.reset()
    const reply = await play.browser.send(`${play.url}/callback`, { body: searchParams })
    expect([reply.status, stage.server.requests.of('token')]).toEqual([400, 0])
  })

  test('while the issuer is down, it is a 503 that says when to come again', async () => {
    const play = await stage.play(app)
    stage.server.faults.set('all', { kind: 'down' })
    const reply = await play.browser.send(`${play.url}/login?return_to=/account`)
    expect(reply.status).toBe(503)
    expect(reply.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(reply.headers.getSetCookie()).toEqual([])
    expect(await reply.text()).toContain('Signing in is not possible at the moment.')
    expect((await play.browser.send(`${play.url}/`)).status).toBe(200)
    expect(play.events.map(({ type }) => type)).toEqual(['outage'])
  })

  test('the application starts without its issuer, and signs in once it is there', async () => {
    const later = await createAuthorizationServer()
    later.faults.set('all', { kind: 'down' })
    let time = Date.now()
    const served = await serveLogin((url) => {
      const login = createLogin({
        issuer: later.issuer,
        client: { id: 'web', secret: 'web-secret' },
        baseUrl: url,
        sessions: sealedSessions({ secrets }),
        now: () => time,
      })
      return app({ login, routes: usualRoutes(login) })
    })
    const browser = createBrowser()
    expect((await browser.open(`${served.url}/account`)).status).toBe(503)
    later.faults.clear()
    // Until then nobody asks it again.
    time += 60_000
    const page = await browser.open(`${served.url}/account`)
    expect(page.status).toBe(200)
    await Promise.all([served.close(), later.close()])
  })

  test('a token endpoint that is down is a 503, and a reload finishes the login', async () => {
    const play = await stage.play(app)
    const answer = await answerTo(play)
    stage.server.faults.set('token', { kind: 'status', status: 503 })
    expect((await play.browser.open(answer)).status).toBe(503)
    stage.server.faults.clear()
    expect((await play.browser.open(answer)).url).toBe(`${play.url}/account`)
  })

  test('a client that the issuer does not know is a mistake of ours: 500, and no loop', async () => {
    const play = await stage.play(app, {
      options: { client: { id: 'web', authentication: publicClient() } },
    })
    const answer = await answerTo(play)
    expect((await play.browser.send(answer)).status).toBe(500)
    expect(stage.asked).toHaveLength(1)
  })

  test('signed in but not entitled is a 403, however often', async () => {
    const play = await stage.play(app)
    await play.browser.open(`${play.url}/account`)
    for (const _ of [1, 2, 3]) {
      // oxlint-disable-next-line no-await-in-loop
      expect((await play.browser.open(`${play.url}/admin`)).status).toBe(403)
    }
    expect(stage.asked).toHaveLength(1)
  })

  test('a session that has ended is forgotten on the way to the login', async () => {
    let time = Date.now()
    const sessions = sealedSessions({ secrets, idle: 60 })
    const play = await stage.play(app, { options: { sessions, now: () => time } })
    await play.browser.open(`${play.url}/account`)
    time += 61_000
    const reply = await play.browser.send(`${play.url}/account`)
    expect(reply.status).toBe(302)
    expect(reply.headers.getSetCookie()).toEqual([expect.stringContaining('Max-Age=0')])
    expect(createGuard({ login: play.login }).health().ok).toBe(true)
  })
})
