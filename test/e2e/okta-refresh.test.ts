import { createLogin, sealedSessions } from '@portcullis/core'
import { createBrowser, createClock, createOkta, type Okta } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { loginHosts, serveLogin, usualRoutes, type Served } from '../support/login-apps.ts'
import { secrets } from '../support/login-stage.ts'

// An app whose refresh tokens rotate, and two processes that share sessions but no lock.

const clock = createClock()
const { now } = clock
const rotating = (leeway: number) => ({ refreshToken: { rotation: 'ROTATE', leeway } }) as const
let okta: Okta
let served: Served[] = []
beforeAll(async () => {
  okta = await createOkta({
    clock,
    apps: { lenient: rotating(30), strict: rotating(0) },
  })
})
afterAll(() => okta?.close())
afterEach(async () => {
  await Promise.all(served.map((one) => one.close()))
  served = []
})

async function open(app: string): Promise<string> {
  const { clientId: id, clientSecret: secret = '' } = okta.app(app)
  const one = await serveLogin((baseUrl) => {
    const login = createLogin({
      issuer: okta.servers.default.issuer,
      client: { id, secret },
      baseUrl,
      sessions: sealedSessions({ secrets, keep: ['accessToken', 'refreshToken'] }),
      parameters: { scope: 'openid offline_access' },
      now,
    })
    const host = loginHosts[0]
    if (host === undefined) throw new Error('there is no host')
    return host.app({ login, routes: usualRoutes(login) })
  })
  served.push(one)
  return one.url
}

/** Somebody who is signed in at the first process, and knows the second. */
async function signIn(app: string) {
  const [first, second] = [await open(app), await open(app)]
  const browser = createBrowser()
  await browser.submit(await browser.open(`${first}/account`), {
    username: 'alice',
    password: 'password',
  })
  let cookie = browser.cookiesFor(first)
  const ask = async (url: string) => {
    const headers = { cookie, accept: 'application/json', 'sec-fetch-mode': 'cors' }
    const answer = await fetch(`${url}/token`, { headers, redirect: 'manual' })
    // The last one of a name counts.
    const fresh = answer.headers.getSetCookie().at(-1)?.split(';')[0] ?? ''
    const body: { token?: string } = answer.ok ? await answer.json() : {}
    return { status: answer.status, token: body.token, fresh }
  }
  return { first, second, ask, keep: (fresh: string) => void (cookie = fresh) }
}

it('a session goes on over one rotation after another', async () => {
  const { first, ask, keep } = await signIn('strict')
  const tokens = new Set([(await ask(first)).token])
  for (let round = 0; round < 4; round += 1) {
    clock.advance(3600)
    // oxlint-disable-next-line no-await-in-loop -- each with the refresh token of the one before
    const answer = await ask(first)
    expect(answer.status).toBe(200)
    tokens.add(answer.token)
    keep(answer.fresh)
  }
  expect(tokens.size).toBe(5)
})

it('two processes may renew at once within the leeway', async () => {
  const { first, second, ask, keep } = await signIn('lenient')
  clock.advance(3600)
  const answers = await Promise.all([ask(first), ask(second)])
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  keep(answers[1]?.fresh ?? '')
  clock.advance(3600)
  expect((await ask(second)).status).toBe(200)
})

it('without leeway the second one ends the session: hence the lock', async () => {
  const { first, second, ask } = await signIn('strict')
  clock.advance(3600)
  const answers = await Promise.all([ask(first), ask(second)])
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 401]))
})
