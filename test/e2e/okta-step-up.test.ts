import {
  createGuard,
  createLogin,
  memorySessions,
  principal,
  protect,
  Refusal,
  routes,
  stepUp,
  storedSessions,
} from '@portcullis/express'
import { meetsAcr, oktaAcr } from '@portcullis/okta'
import { createBrowser, createClock, createOkta, type Okta } from '@portcullis/testkit'
import express, { type ErrorRequestHandler } from 'express'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { serveLogin, type Served } from '../support/login-apps.ts'
import { secrets } from '../support/login-stage.ts'

const clock = createClock()
const { now } = clock
let okta: Okta
let served: Served | undefined
beforeAll(async () => {
  okta = await createOkta({ clock })
})
afterAll(() => okta.close())
afterEach(() => served?.close())

/** As docs/guide/okta-servers-and-tokens.md has it: whoever lacks something is sent to get it. */
const open = async (): Promise<string> => {
  served = await serveLogin((baseUrl) => {
    const login = createLogin({
      issuer: okta.servers.default.issuer,
      client: { id: okta.app('web').clientId, secret: okta.app('web').clientSecret ?? '' },
      baseUrl,
      sessions: storedSessions(memorySessions({ now }), { secrets, now }),
      now,
    })
    const site = createGuard({ login })
    const strong = { acr: oktaAcr.twoFactors, maxAge: 900 }
    const rule = stepUp({ ...strong, meets: meetsAcr, now })
    const ask: ErrorRequestHandler = (error, req, res, next) => {
      if (!Refusal.is(error) || error.code !== 'step_up_required') return next(error)
      const parameters = { acrValues: strong.acr, maxAge: strong.maxAge }
      return routes(login.begin({ returnTo: req.originalUrl, parameters }))(req, res, next)
    }
    const app = express()
    app.use(routes(login.handler))
    app.get('/account', protect(site), (req, res) => void res.json({ acr: principal(req).acr }))
    app.get('/payments', protect(site, rule), (req, res) => void res.json(principal(req)))
    return app.use(ask)
  })
  return served.url
}

it('a page that wants two factors leads to the second one, and back to itself', async () => {
  const url = await open()
  const browser = createBrowser()
  const page = await browser.open(`${url}/account`)
  const account = await browser.submit(page, { username: 'alice', password: 'password' })
  expect(JSON.parse(account.html)).toEqual({})
  const asked = await browser.open(`${url}/payments`)
  expect(asked.html).toContain('Verify')
  const done = await browser.submit(asked, { code: okta.phone('alice').code() })
  expect(new URL(done.url).pathname).toBe('/payments')
  expect(JSON.parse(done.html)).toMatchObject({
    subject: okta.user('alice').id,
    acr: oktaAcr.twoFactors,
  })
})

it('a login that is too old is asked for again, by the age that Okta is told', async () => {
  const url = await open()
  const browser = createBrowser()
  const page = await browser.open(`${url}/payments`)
  const first = await browser.submit(page, { username: 'alice', password: 'password' })
  clock.advance(60)
  await browser.submit(first, { code: okta.phone('alice').code() })
  const paid = await browser.open(`${url}/payments`)
  expect(JSON.parse(paid.html)).toHaveProperty('acr', oktaAcr.twoFactors)
  clock.advance(960)
  expect((await browser.open(`${url}/payments`)).html).toContain('Sign In')
})

it('a script is told, not sent', async () => {
  const url = await open()
  const browser = createBrowser()
  const page = await browser.open(`${url}/account`)
  await browser.submit(page, { username: 'alice', password: 'password' })
  const headers = { accept: 'application/json', 'sec-fetch-mode': 'cors' }
  const told = await browser.send(`${url}/payments`, { headers })
  expect([told.status, told.headers.get('location')]).toEqual([401, null])
})
