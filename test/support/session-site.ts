import {
  createLogin,
  memorySessions,
  sealedSessions,
  storedSessions,
  type Login,
  type LoginOptions,
  type SessionStore,
} from '@portcullis/core'
import { createBrowser, type AuthorizationServer, type Browser } from '@portcullis/testkit'
import type { RequestListener } from 'node:http'
import { serveLogin, usualRoutes, type LoginSite } from './login-apps.ts'

export const secrets = ['a secret of at least thirty-two characters']
export const kinds = ['sealed', 'stored'] as const
export type Kind = (typeof kinds)[number]

/** What a script sends. */
export const script = { headers: { accept: 'application/json', 'sec-fetch-mode': 'cors' } }

/** An application with a login against a real authorization server, and somebody in front of it. */
export interface SessionSite {
  readonly url: string
  readonly login: Login
  readonly browser: Browser
  /** Signs in, and arrives at the account page. */
  readonly signIn: (browser?: Browser) => Promise<void>
  /** Lets the application's clock go on; that of the issuer stays. */
  readonly advance: (seconds: number) => void
  /** How often the store was written to. */
  readonly writes: () => number
  readonly close: () => Promise<void>
}

export interface SiteParts {
  readonly server: AuthorizationServer
  readonly app: (site: LoginSite) => RequestListener
  readonly kind: Kind
  /** Given the address of the application. */
  readonly more?: (url: string) => Partial<LoginOptions>
  readonly routes?: (login: Login) => LoginSite['routes']
}

export async function openSite(parts: SiteParts): Promise<SessionSite> {
  const { server, app, kind, more, routes = usualRoutes } = parts
  let ahead = 0
  let writes = 0
  const now = (): number => Date.now() + ahead * 1000
  const memory = memorySessions({ now })
  const store: SessionStore = {
    ...memory,
    write: (...of) => {
      writes += 1
      return memory.write(...of)
    },
  }
  const keep = ['accessToken', 'refreshToken', 'idToken'] as const
  const make = (url: string): Login =>
    createLogin({
      issuer: server.issuer,
      client: { id: 'web', secret: 'web-secret' },
      baseUrl: url,
      sessions:
        kind === 'sealed'
          ? sealedSessions({ secrets, keep })
          : storedSessions(store, { secrets, now }),
      parameters: { scope: 'openid offline_access orders:read', prompt: 'consent' },
      now,
      ...more?.(url),
    })
  const made: Login[] = []
  const served = await serveLogin((url) => {
    const login = make(url)
    made.push(login)
    return app({ login, routes: routes(login) })
  })
  const [login] = made
  if (login === undefined) throw new Error('the application was not made')
  const browser = createBrowser()
  return {
    ...served,
    login,
    browser,
    signIn: async (who = browser) => {
      const { status, html, url } = await who.open(`${served.url}/account`)
      if (status !== 200) throw new Error(`the login ended at ${url} with ${status}: ${html}`)
    },
    advance: (seconds) => {
      ahead += seconds
    },
    writes: () => writes,
  }
}
