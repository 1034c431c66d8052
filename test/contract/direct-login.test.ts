import { createLogin, memorySessions, storedSessions, type Login } from '@portcullis/core'
import { createDirectLogin } from '@portcullis/okta'
import { createBrowser, type Browser } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { alice, createDirectWorld, type DirectWorld } from '../support/direct-world.ts'
import { loginHosts, serveLogin, usualRoutes, type Served } from '../support/login-apps.ts'
import { secrets } from '../support/login-stage.ts'

const wire: string[] = []
/** What Okta has given, and no browser may see in clear. */
const secretsOf = (text: string): readonly string[] =>
  [
    ...text.matchAll(/"(?:mfa_token|oob_code|access_token|id_token)[\\]*":[\\]*"([^"\\]+)/g),
  ].flatMap(([, secret]) => (secret === undefined ? [] : [secret]))

let world: DirectWorld
beforeAll(async () => {
  world = await createDirectWorld({ onExchange: (one) => void wire.push(JSON.stringify(one)) })
})
afterAll(() => world.org.close())

describe.each(loginHosts)('a direct login on $name', ({ app }) => {
  let served: Served
  let browser: Browser
  let shown: string[]
  const open = async (): Promise<void> => {
    browser = createBrowser()
    wire.length = 0
    shown = []
    served = await serveLogin((url) => {
      const { clock, org, make } = world
      const login: Login = createLogin({
        issuer: org.servers.default.issuer,
        client: { id: org.app('native').clientId },
        baseUrl: url,
        sessions: storedSessions(memorySessions({ now: clock.now }), { secrets, now: clock.now }),
        now: clock.now,
      })
      const directLogin = createDirectLogin({
        login,
        direct: make(),
        baseUrl: url,
        now: clock.now,
      })
      const handler: Login['handler'] = async (request) =>
        (await directLogin(request)) ?? login.handler(request)
      return app({ login: { ...login, handler }, routes: usualRoutes(login) })
    })
  }
  afterEach(async () => {
    await served.close()
    world.org.app('native').signOn = 'one-factor'
    world.org.settings.numberChallenge = false
    world.clock.advance(60)
  })

  const post = async (step: string, fields: object, headers: Record<string, string> = {}) => {
    const response = await browser.send(`${served.url}/direct/${step}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(fields),
    })
    const text = await response.text()
    shown.push(text, ...response.headers.getSetCookie())
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    // What the handler answers to scripts is an object.
    const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : { text }
    return { status: response.status, body, headers: response.headers }
  }
  const account = async () => {
    const headers = { accept: 'application/json', 'sec-fetch-mode': 'cors' }
    const response = await browser.send(`${served.url}/account`, { headers })
    const text = await response.text()
    return response.status === 200 ? (JSON.parse(text) as unknown) : response.status
  }
  const sub = () => world.org.user('alice').id

  test('with a password ends in the session of the login', async () => {
    await open()
    expect(await account()).toBe(401)
    const { status, body } = await post('start', { ...alice, return_to: '/orders?x=1' })
    expect([status, body]).toEqual([
      200,
      { status: 'signed_in', location: `${served.url}/orders?x=1` },
    ])
    expect(await account()).toMatchObject({ claims: { sub: sub() } })
  })

  test('with a password and a push: the number is shown, and nothing of Okta’s tokens', async () => {
    world.org.app('native').signOn = 'two-factors'
    world.org.settings.numberChallenge = true
    await open()
    const first = await post('start', alice)
    expect(first.body).toMatchObject({
      status: 'mfa_required',
      next: expect.arrayContaining(['push']),
    })
    const pushed = await post('challenge', { factor: 'push' })
    const number = String(pushed.body['number'])
    expect(pushed.body).toMatchObject({ status: 'pending', channel: 'push', binding: 'transfer' })
    world.clock.advance(5)
    expect((await post('poll', {})).body).toMatchObject({ status: 'pending', number })
    expect(await account()).toBe(401)
    world.org.phone('alice').tap(number)
    world.clock.advance(5)
    expect((await post('poll', {})).body).toMatchObject({ status: 'signed_in' })
    const given = secretsOf(wire.join('\n'))
    expect(given.length).toBeGreaterThan(3)
    expect(given.filter((secret) => shown.join('\n').includes(secret))).toEqual([])
    expect(await account()).toMatchObject({ claims: { sub: sub() } })
  })

  test('with a code by SMS, wrong at first, and sent again', async () => {
    await open()
    const sent = await post('start', { username: alice.username, factor: 'sms' })
    expect(sent.body).toMatchObject({ status: 'pending', channel: 'sms', binding: 'prompt' })
    const wrong = await post('verify', { code: '000000' })
    expect([wrong.status, wrong.body]).toMatchObject([
      400,
      { status: 'failed', code: 'code_wrong', stage: { status: 'pending' } },
    ])
    world.clock.advance(31)
    expect((await post('resend', {})).body).toMatchObject({ status: 'pending' })
    const code = world.org.inbox('alice').lastCode('sms')
    expect((await post('verify', { code })).body).toMatchObject({ status: 'signed_in' })
  })

  test('goes on with another factor where the user rejects the push', async () => {
    world.org.app('native').signOn = 'two-factors'
    await open()
    await post('start', alice)
    await post('challenge', { factor: 'push' })
    world.org.phone('alice').reject()
    world.clock.advance(5)
    expect((await post('poll', {})).body).toMatchObject({
      code: 'rejected',
      stage: { status: 'mfa_required' },
    })
    const code = world.org.phone('alice').code('google_otp')
    expect((await post('verify', { code })).body).toMatchObject({ status: 'signed_in' })
  })

  test('is not ended by the page of another tab that still asks about an older push', async () => {
    world.org.app('native').signOn = 'two-factors'
    await open()
    await post('start', { username: alice.username, factor: 'push' })
    await post('start', alice)
    const reloaded = await browser.send(`${served.url}/direct/poll`)
    expect([reloaded.status, await reloaded.text()]).toEqual([
      200,
      expect.stringContaining('One more step'),
    ])
    await post('challenge', { factor: 'push' })
    world.org.phone('alice').reject()
    world.clock.advance(5)
    await post('poll', {})
    expect((await post('poll', {})).body).toMatchObject({ status: 'mfa_required' })
    const code = world.org.phone('alice').code('google_otp')
    expect((await post('verify', { code })).body).toMatchObject({ status: 'signed_in' })
  })

  test('refuses posts from other sites, and steps of a sign-in that the browser has not begun', async () => {
    await open()
    const evil = await post('start', alice, { origin: 'https://evil.test' })
    expect(evil.status).toBe(403)
    expect(await account()).toBe(401)
    for (const step of ['challenge', 'verify', 'poll', 'resend']) {
      expect((await post(step, { factor: 'push', code: '1' })).body).toMatchObject({
        code: 'expired',
        stage: { status: 'start' },
      })
    }
    expect((await post('elsewhere', {})).status).toBe(404)
    expect((await browser.send(`${served.url}/direct/start`)).status).toBe(405)
  })

  test('can be cancelled, and leads nowhere outside the application', async () => {
    world.org.app('native').signOn = 'two-factors'
    await open()
    await post('start', alice)
    expect(browser.cookiesFor(served.url)).toContain('portcullis-direct=')
    expect((await post('cancel', {})).body).toEqual({ status: 'start' })
    expect(browser.cookiesFor(served.url)).not.toContain('portcullis-direct=')
    world.org.app('native').signOn = 'one-factor'
    const { body } = await post('start', { ...alice, return_to: 'https://evil.test/' })
    expect(body).toMatchObject({ location: `${served.url}/` })
  })
})
