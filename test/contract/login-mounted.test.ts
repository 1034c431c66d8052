import express5 from 'express'
import express4 from 'express4'
import { createGuard, createLogin, sealedSessions, session } from '@portcullis/core'
import { protect, routes } from '@portcullis/express'
import { createAuthorizationServer, createBrowser } from '@portcullis/testkit'
import type { AuthorizationServer } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveLogin } from '../support/login-apps.ts'
import { secrets } from '../support/login-stage.ts'

let server: AuthorizationServer
beforeAll(async () => {
  server = await createAuthorizationServer()
})
afterAll(() => server.close())

const hosts = [
  ['Express 4', express4],
  ['Express 5', express5],
] as const

describe.each(hosts)('a login inside of a router on %s', (_name, express) => {
  test('signs in below the path of its router, and a body parser in front of it is no harm', async () => {
    const { url, close } = await serveLogin((at) => {
      const login = createLogin({
        issuer: server.issuer,
        client: { id: 'web', secret: 'web-secret' },
        baseUrl: `${at}/deep/shop`,
        sessions: sealedSessions({ secrets }),
      })
      const shop = express.Router()
      shop.use(express.urlencoded({ extended: true }))
      shop.use(routes(login.handler))
      shop.get('/account', protect(createGuard({ login })), (req, res) => {
        res.json(session(req)?.claims)
      })
      const deep = express.Router()
      deep.use('/shop', shop)
      return express().use('/deep', deep)
    })
    const browser = createBrowser()
    const page = await browser.open(`${url}/deep/shop/account?tab=1`)
    expect([page.status, page.url]).toEqual([200, `${url}/deep/shop/account?tab=1`])
    const body = new URLSearchParams({ return_to: '/deep/shop/bye' })
    const left = await browser.send(`${url}/deep/shop/logout`, { body })
    const away = new URL(left.headers.get('location') ?? '')
    expect(away.searchParams.get('post_logout_redirect_uri')).toBe(`${url}/deep/shop/bye`)
    expect((await browser.send(`${url}/deep/shop/account`)).status).toBe(302)
    await close()
  })
})
