import Koa from 'koa'
import { accessToken, createGuard, createLogin, protect, routes, session } from '@portcullis/koa'
import { accountPage, homePage, ordersPage } from '../express-web/pages.mjs'

/** A web application with login, whose pages call an API in the name of whoever is signed in. */
export function createApp({ api, audience, ...options }) {
  const login = createLogin(options)
  const site = createGuard({ login })
  const app = new Koa()
  // /login, /callback and /logout.
  app.use(routes(login.handler))
  route(app, '/', protect(site.optional()), (ctx) => {
    ctx.body = homePage(session(ctx))
  })
  route(app, '/account', protect(site), (ctx) => {
    ctx.body = accountPage(session(ctx))
  })
  route(app, '/orders', protect(site), async (ctx) => {
    const authorization = `Bearer ${await accessToken(ctx, { resource: audience })}`
    const answer = await fetch(`${api}/orders`, { headers: { authorization } })
    ctx.body = ordersPage(answer.status, await answer.text())
  })
  return app
}

// As much of a router as three routes need.
function route(app, path, ...middleware) {
  for (const one of middleware) {
    app.use((ctx, next) => (ctx.path === path ? one(ctx, next) : next()))
  }
}
