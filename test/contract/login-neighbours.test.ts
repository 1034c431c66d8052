import {
  createLogin,
  memorySessions,
  sealedSessions,
  storedSessions,
  type Login,
  type Sessions,
} from '@portcullis/core'
import {
  createAuthorizationServer,
  createBrowser,
  type AuthorizationServer,
} from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts, serveLogin, usualRoutes } from '../support/login-apps.ts'

const secrets = ['a secret of at least thirty-two characters']
const cookie = { name: 'shared' }
const api = { headers: { accept: 'application/json', 'sec-fetch-mode': 'cors' } }

let servers: readonly [AuthorizationServer, AuthorizationServer]
beforeAll(async () => {
  servers = await Promise.all([createAuthorizationServer(), createAuthorizationServer()])
})
afterAll(() => Promise.all(servers.map((server) => server.close())))

const kinds: readonly (readonly [string, () => Sessions])[] = [
  ['sealed', () => sealedSessions({ secrets, cookie, keep: ['accessToken'] })],
  ['stored', () => storedSessions(memorySessions(), { secrets, cookie })],
]

describe.each(loginHosts)('two logins on $name', ({ app }) => {
  describe.each(kinds)('over the same %s sessions', (_kind, make) => {
    test.each([
      ['issuer', { id: 'web', secret: 'web-secret' }, 1],
      ['client', { id: 'hybrid', secret: 'hybrid-secret' }, 0],
    ] as const)('of another %s do not take each other’s people in', async (_what, client, at) => {
      const sessions = make()
      const serve = (issuer: string, as: { readonly id: string; readonly secret: string }) =>
        serveLogin((baseUrl) => {
          const login: Login = createLogin({ issuer, client: as, baseUrl, sessions })
          return app({ login, routes: usualRoutes(login) })
        })
      const ours = await serve(servers[0].issuer, { id: 'web', secret: 'web-secret' })
      const theirs = await serve(servers[at].issuer, client)
      try {
        const browser = createBrowser()
        await browser.open(`${ours.url}/account`)
        // Cookies do not know ports, so the session of one application travels to the other.
        expect((await browser.send(`${ours.url}/account`, api)).status).toBe(200)
        expect((await browser.send(`${theirs.url}/account`, api)).status).toBe(401)
        // Nor does a login over there end what is kept over here.
        const other = createBrowser()
        await other.open(`${theirs.url}/account`)
        expect((await other.send(`${theirs.url}/account`, api)).status).toBe(200)
        expect((await browser.send(`${ours.url}/account`, api)).status).toBe(200)
      } finally {
        await Promise.all([ours.close(), theirs.close()])
      }
    })
  })
})
