import {
  createLogin,
  sealedSessions,
  type Login,
  type LoginEvent,
  type LoginOptions,
} from '@portcullis/core'
import {
  createAuthorizationServer,
  createBrowser,
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type Browser,
} from '@portcullis/testkit'
import type { RequestListener } from 'node:http'
import { serveLogin, usualRoutes, type LoginSite } from './login-apps.ts'

export const secrets = ['a secret of at least thirty-two characters'] as const

/** A real issuer that notes what it is asked for. */
export interface Stage {
  readonly server: AuthorizationServer
  /** The authorization requests that browsers brought, the newest last. */
  readonly asked: readonly URLSearchParams[]
  /** Serves an application with a login. */
  readonly play: (app: (site: LoginSite) => RequestListener, given?: Playing) => Promise<Play>
  /** Ends the application of a test. */
  readonly rest: () => Promise<void>
  readonly close: () => Promise<void>
}

export interface Playing {
  readonly options?: Partial<LoginOptions> | ((url: string) => Partial<LoginOptions>)
  /** Default: those that most tests need. */
  readonly routes?: (login: Login, url: string) => LoginSite['routes']
}

/** An application that is served. */
export interface Play {
  readonly url: string
  readonly login: Login
  readonly browser: Browser
  readonly events: readonly LoginEvent[]
  /** What was refused, by code and reason. */
  readonly refused: () => readonly (readonly [code: string, reason: string])[]
}

export async function createStage(options: AuthorizationServerOptions = {}): Promise<Stage> {
  const asked: URLSearchParams[] = []
  const server = await createAuthorizationServer({
    ...options,
    routes: ({ url = '' }) => {
      if (url.startsWith('/authorize?')) asked.push(new URLSearchParams(url.slice(11)))
      return false
    },
  })
  const ends: (() => Promise<void>)[] = []
  return {
    server,
    asked,
    play: async (app, { options: more = {}, routes = usualRoutes } = {}) => {
      asked.length = 0
      const events: LoginEvent[] = []
      const logins: Login[] = []
      const { url, close } = await serveLogin((at) => {
        const login = createLogin({
          issuer: server.issuer,
          client: { id: 'web', secret: 'web-secret' },
          baseUrl: at,
          sessions: sealedSessions({ secrets, keep: ['accessToken'] }),
          observe: (event) => void events.push(event),
          ...(typeof more === 'function' ? more(at) : more),
        })
        logins.push(login)
        return app({ login, routes: routes(login, at) })
      })
      ends.push(close)
      const [login] = logins
      if (login === undefined) throw new Error('the application has no login')
      const refused = () =>
        events.flatMap((event) => {
          if (event.type !== 'refused') return []
          const { code, reason, trail } = event.refusal
          if (trail.check === undefined) throw new Error(`the refusal ${code} names no check`)
          return [[code, reason] as const]
        })
      return { url, login, browser: createBrowser(), events, refused }
    },
    rest: async () => {
      await Promise.all(ends.splice(0).map((close) => close()))
      server.faults.clear()
      server.signIn.as('alice')
    },
    close: () => server.close(),
  }
}

/** The address that the issuer sends a browser back to, not yet gone to. */
export const answerTo = async ({ browser, url }: Play, path = '/account'): Promise<string> =>
  (await browser.open(`${url}${path}`, { until: `${url}/callback` })).url
