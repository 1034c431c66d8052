import type { RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import express5 from 'express'
import express4 from 'express4'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import { accessToken, createGuard } from '@portcullis/core'
import * as expressSide from '@portcullis/express'
import * as fetchSide from '@portcullis/fetch'
import * as koaSide from '@portcullis/koa'
import type { Context } from 'koa'
import { overFetch, type LoginSite } from './login-apps.ts'

/** Ways to answer piece by piece, each under a path of its own. */
export const styles = ['/write', '/pipe', '/events', '/flush'] as const

async function* pieces(): AsyncGenerator<string> {
  for (const piece of ['one ', 'two ', 'three']) {
    yield piece
    await sleep(2)
  }
}

async function writeOn(res: ServerResponse, style: string): Promise<void> {
  if (style === '/events') res.setHeader('content-type', 'text/event-stream')
  if (style === '/flush') res.flushHeaders()
  for await (const piece of pieces()) res.write(piece)
  res.end()
}

const expressApp =
  (express: typeof express5) =>
  ({ login }: LoginSite): RequestListener => {
    const app = express()
    const site = createGuard({ login })
    app.use(expressSide.routes(login.handler))
    app.get('/account', expressSide.protect(site), (_req, res) => res.json('account'))
    app.use(expressSide.protect(site), (req, res, next) => {
      const renewed = req.query['renew'] === undefined ? undefined : accessToken(req)
      const answer = async (): Promise<void> => {
        await renewed
        if (req.path === '/broken') throw new Error('the route is broken')
        if (req.path === '/pipe') Readable.from(pieces()).pipe(res)
        else await writeOn(res, req.path)
      }
      answer().catch(next)
    })
    return app
  }

const koaApp =
  (Koa: typeof Koa3) =>
  ({ login }: LoginSite): RequestListener => {
    const app = new Koa()
    app.silent = true
    app.use(koaSide.routes(login.handler))
    app.use(koaSide.protect(createGuard({ login })))
    app.use(async (ctx: Context) => {
      if (ctx.query['renew'] !== undefined) await accessToken(ctx)
      if (ctx.path === '/broken') throw new Error('the route is broken')
      if (ctx.path === '/account') ctx.body = 'account'
      else if (ctx.path === '/pipe') ctx.body = Readable.from(pieces())
      else {
        ctx.respond = false
        ctx.res.statusCode = 200
        await writeOn(ctx.res, ctx.path)
      }
    })
    return app.callback()
  }

const fetchApp = ({ login }: LoginSite): RequestListener => {
  const own = fetchSide.routes(login.handler)
  const route = fetchSide.protect(createGuard({ login }))(async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (searchParams.has('renew')) await accessToken(request)
    if (pathname === '/account') return Response.json('account')
    const body = Readable.toWeb(Readable.from(pieces(), { objectMode: false }))
    const type = pathname === '/events' ? 'text/event-stream' : 'text/plain'
    return new Response(body, { headers: { 'content-type': type } })
  })
  return overFetch(async (request) => (await own(request)) ?? route(request))
}

/** The hosts, with routes that stream. */
export const streamHosts: readonly {
  readonly name: string
  readonly app: (site: LoginSite) => RequestListener
}[] = [
  { name: 'Express 4', app: expressApp(express4) },
  { name: 'Express 5', app: expressApp(express5) },
  { name: 'Koa 2', app: koaApp(Koa2) },
  { name: 'Koa 3', app: koaApp(Koa3) },
  { name: 'Fetch', app: fetchApp },
]
