import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import express5 from 'express'
import express4 from 'express4'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import {
  accessToken,
  createGuard,
  hasScope,
  logoutUrl,
  session,
  updateSession,
  userinfo,
  type Guard,
  type Login,
  type Rule,
} from '@portcullis/core'
import * as expressSide from '@portcullis/express'
import * as fetchSide from '@portcullis/fetch'
import * as koaSide from '@portcullis/koa'
import type { Context } from 'koa'
import { parseJson } from './parse-json.ts'

/** What a route of the application answers, from whatever the host hands to its routes. */
export type Page = (host: object, caller: () => unknown) => unknown

/** A route: its guard, if any, and what it answers as JSON. */
export interface SiteRoute {
  readonly guard?: Guard
  readonly rules?: readonly Rule[]
  readonly page: Page
}

/** An application with a login, for any host. */
export interface LoginSite {
  readonly login: Login
  readonly routes: Readonly<Record<string, SiteRoute>>
  /** Whether Express and Koa parse JSON bodies, and no others, before anything else. */
  readonly json?: boolean
}

/** The routes that most tests need. */
export function usualRoutes(login: Login): LoginSite['routes'] {
  const site = createGuard({ login })
  return {
    '/': { page: () => 'home' },
    '/account': { guard: site, page: (host, caller) => ({ ...session(host), caller: caller() }) },
    '/orders': { guard: site, rules: [hasScope('orders:read')], page: () => 'orders' },
    '/admin': { guard: site, rules: [hasScope('admin')], page: () => 'admin' },
    '/maybe': {
      guard: site.optional(),
      page: (host) => ({ signedIn: session(host) !== undefined }),
    },
    '/token': { guard: site, page: async (host) => ({ token: await accessToken(host) }) },
    '/userinfo': { guard: site, page: (host) => userinfo(host) },
    '/link': { guard: site, page: (host) => ({ url: logoutUrl(host) }) },
    '/note': {
      guard: site,
      page: async (host) => {
        await updateSession(host, { noted: true })
        return session(host)
      },
    },
  }
}

const expressApp =
  (express: typeof express5) =>
  ({ login, routes, json }: LoginSite): RequestListener => {
    const app = express()
    if (json) app.use(express.json())
    app.use(expressSide.routes(login.handler))
    for (const [path, { guard, rules = [], page }] of Object.entries(routes)) {
      const guards = guard === undefined ? [] : [expressSide.protect(guard, ...rules)]
      app.all(path, ...guards, (req, res, next) => {
        Promise.resolve(page(req, () => expressSide.optionalPrincipal(req)))
          .then((body) => res.json(body))
          .catch(next)
      })
    }
    return app
  }

const koaApp =
  (Koa: typeof Koa3) =>
  ({ login, routes, json }: LoginSite): RequestListener => {
    const app = new Koa()
    app.silent = true
    if (json) app.use(parseJson)
    app.use(koaSide.routes(login.handler))
    app.use(async (ctx: Context) => {
      const route = routes[ctx.path]
      if (route === undefined) return
      const answer = async (): Promise<void> => {
        const body = await route.page(ctx, () => koaSide.optionalPrincipal(ctx))
        ctx.type = 'json'
        ctx.body = JSON.stringify(body)
      }
      if (route.guard === undefined) await answer()
      else await koaSide.protect(route.guard, ...(route.rules ?? []))(ctx, answer)
    })
    return app.callback()
  }

const fetchApp = ({ login, routes }: LoginSite): RequestListener => {
  const own = fetchSide.routes(login.handler)
  const site = async (request: Request): Promise<Response> => {
    const answered = await own(request)
    if (answered !== undefined) return answered
    const route = routes[new URL(request.url).pathname]
    if (route === undefined) return new Response(null, { status: 404 })
    const answer = async (): Promise<Response> =>
      Response.json(await route.page(request, () => fetchSide.optionalPrincipal(request)))
    return route.guard === undefined
      ? answer()
      : fetchSide.protect(route.guard, ...(route.rules ?? []))(answer)(request)
  }
  return overFetch(site)
}

/** Serves a function that answers web requests. */
export const overFetch =
  (site: (request: Request) => Promise<Response>): RequestListener =>
  (req, res) =>
    void bridge(site, req, res)

async function bridge(
  site: (request: Request) => Promise<Response>,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const headers = new Headers()
  for (const [name, values] of Object.entries(req.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  const { method = 'GET', url = '/' } = req
  const body =
    method === 'GET' || method === 'HEAD'
      ? {}
      : { body: Readable.toWeb(req), duplex: 'half' as const }
  const request = new Request(`http://${req.headers.host ?? ''}${url}`, {
    method,
    headers,
    ...body,
  })
  const response = await site(request).catch(() => new Response(null, { status: 500 }))
  res.statusCode = response.status
  for (const [name, value] of response.headers) res.appendHeader(name, value)
  for await (const chunk of response.body ?? []) res.write(chunk)
  res.end()
}

/** The hosts that a login must work on. */
export const loginHosts: readonly {
  readonly name: string
  readonly app: (site: LoginSite) => RequestListener
}[] = [
  { name: 'Express 4', app: expressApp(express4) },
  { name: 'Express 5', app: expressApp(express5) },
  { name: 'Koa 2', app: koaApp(Koa2) },
  { name: 'Koa 3', app: koaApp(Koa3) },
  { name: 'Fetch', app: fetchApp },
]

/** A server whose application is made once its address is known. */
export interface Served {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Serves an application that must know its own address. */
export async function serveLogin(make: (url: string) => RequestListener): Promise<Served> {
  const made: RequestListener[] = []
  const server = createServer((req, res) => made.forEach((listener) => listener(req, res)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  made.push(make(url))
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
