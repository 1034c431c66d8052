import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import session from 'express-session'
import express from 'express4'
import { decodeJwt } from 'jose'
import { createBrowser, createOkta, type Browser, type Okta } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { OktaJwtVerifier } from './support/independent.ts'
import { createMiddleware, type UserContext } from './support/oidc-middleware.ts'

// The middleware that Okta itself wrote for Express.

const person = { username: 'alice@example.com', password: 'password' }
const testing = { disableHttpsCheck: true }

interface Nonce {
  readonly nonce: string
}

let okta: Okta
beforeAll(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  okta = await createOkta()
})
afterAll(() => okta?.close())

// Access tokens of the org are for Okta alone: nobody else can verify them.
describe.each([
  ['default', 'fulfilled'],
  ['org', 'rejected'],
])('@okta/oidc-middleware at the server %s', (name, outcome) => {
  let server: Server
  let url: string
  let browser: Browser
  let met: readonly unknown[] = []
  const at = () => (name === 'org' ? okta.org : okta.servers.default)
  const clientSecret = () => okta.app('web').clientSecret ?? ''

  beforeAll(async () => {
    const app = express()
    server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    // It listens on a port.
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const oidc = await createMiddleware({
      issuer: at().issuer,
      client_id: okta.app('web').clientId,
      client_secret: clientSecret(),
      appBaseUrl: url,
      scope: 'openid profile email offline_access',
      testing,
    })
    oidc.on('error', (error) => (met = [...met, error]))
    const secret = 'a secret of the tests, long enough to sign'
    app.use(session({ secret, resave: true, saveUninitialized: false }))
    app.use(oidc.router)
    app.get('/', (_req, res) => void res.send('home'))
    app.get('/account', oidc.ensureAuthenticated(), (req, res) => {
      // What the middleware adds to a request.
      res.json((req as unknown as { userContext: UserContext }).userContext)
    })
    browser = createBrowser()
  })
  afterAll(() => {
    server?.closeAllConnections()
    server?.close()
  })

  let signedIn: UserContext
  it('signs in, and comes back to the page that was asked for', async () => {
    const page = await browser.open(`${url}/account`)
    expect(page.url).toContain(`${okta.url}/`)
    const account = await browser.submit(page, person)
    expect(account.url).toBe(`${url}/account`)
    // What the route above answers.
    signedIn = JSON.parse(account.html) as UserContext
    expect(signedIn.userinfo).toMatchObject({
      sub: okta.user('alice').id,
      preferred_username: person.username,
    })
  })

  it('has tokens that @okta/jwt-verifier takes', async () => {
    const { issuer, base } = at()
    const verifier = new OktaJwtVerifier({ issuer, testing, jwksUri: `${base}/v1/keys` })
    const { access_token: access, id_token: id } = signedIn.tokens
    const { clientId } = okta.app('web')
    const { claims } = await verifier.verifyIdToken(id, clientId, decodeJwt<Nonce>(id).nonce)
    expect(claims).toMatchObject({ sub: okta.user('alice').id, iss: issuer })
    const [verified] = await Promise.allSettled([verifier.verifyAccessToken(access, at().audience)])
    expect(verified.status).toBe(outcome)
  })

  it('takes no answer that this browser has not asked for', async () => {
    const stranger = createBrowser()
    const refused = await stranger.send(`${url}/authorization-code/callback?code=abc&state=def`)
    expect(refused.status).toBe(401)
    const api = await stranger.send(`${url}/account`, { headers: { accept: 'application/json' } })
    expect(api.status).toBe(401)
  })

  it('signs out: tokens revoked, sessions here and at Okta over', async () => {
    const { access_token: access, refresh_token: refresh = '' } = signedIn.tokens
    const alive = () => Promise.all([isAlive(access), isAlive(refresh)])
    expect(await alive()).toEqual([true, true])
    const left = await browser.send(`${url}/logout`, { method: 'POST' })
    const end = left.headers.get('location') ?? ''
    expect(end).toContain(`${at().base}/v1/logout`)
    expect((await browser.open(end)).html).toBe('home')
    expect(await alive()).toEqual([false, false])
    expect((await browser.open(`${url}/account`)).html).toContain('Sign In')
    expect(met).toEqual([])
  })

  async function isAlive(token: string): Promise<boolean> {
    const secret = Buffer.from(`${okta.app('web').clientId}:${clientSecret()}`).toString('base64')
    const response = await fetch(`${at().base}/v1/introspect`, {
      method: 'POST',
      headers: { authorization: `Basic ${secret}` },
      body: new URLSearchParams({ token }),
    })
    const answer: unknown = await response.json()
    return Object(answer).active === true
  }
})
