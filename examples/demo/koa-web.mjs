import { readFile } from 'node:fs/promises'
import Koa from 'koa'
import { createGuard, protect, Refusal, routes, sealedSessions, session } from '@portcullis/koa'
import { route } from './koa-route.mjs'
import { homePage, troublePage } from './web-pages.mjs'
import { createWeb } from './web.mjs'

/** A web application with login on Koa. Its sessions are sealed, and in the browser. */
export function createKoaWeb(options) {
  const { login, account, headers } = createWeb({ ...options, sessions: sealedSessions })
  const { name } = options
  const site = createGuard({ login })
  const app = new Koa()

  app.use(async (ctx, next) => {
    ctx.set(headers)
    try {
      await next()
    } catch (error) {
      if (error.expose === undefined) throw error
      ctx.status = error.status
      ctx.body = troublePage(name, error.status)
      // The guard finds no session any more, and leads to the login.
      if (Refusal.is(error) && error.code === 'session_ended') ctx.redirect('/account')
    }
  })
  app.use(routes(login.handler))
  for (const [path, type] of [
    ['/style.css', 'css'],
    ['/icon.svg', 'svg'],
  ]) {
    route(app, path, async (ctx) => {
      ctx.type = type
      ctx.body = await readFile(new URL(`public${path}`, import.meta.url))
    })
  }
  route(app, '/', protect(site.optional()), (ctx) => {
    ctx.body = homePage({ name, claims: session(ctx)?.claims })
  })
  route(app, '/account', protect(site), async (ctx) => {
    ctx.body = await account(ctx, ctx.query)
  })
  return app
}
