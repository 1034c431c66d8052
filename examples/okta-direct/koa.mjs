import Koa from 'koa'
import { createGuard, optionalPrincipal, protect, routes, userinfo } from '@portcullis/koa'
import { accountPage, createLogins, visitor } from './logins.mjs'

/** A Koa web application whose users never see a page of Okta. */
export function createKoaApp(options) {
  const { login, directLogin } = createLogins(options)
  const site = createGuard({ login })
  const app = new Koa()
  // Behind a proxy, tell Koa to believe it: app.proxy = true.
  app.use((ctx, next) => visitor.run(ctx.ip, next))
  // /direct and below, /logout.
  app.use(routes(directLogin))
  app.use(routes(login.handler))
  app.use(protect(site.optional()))
  app.use(async (ctx) => {
    if (ctx.path !== '/account') return
    if (optionalPrincipal(ctx) === undefined) ctx.redirect('/direct?return_to=/account')
    else ctx.body = accountPage((await userinfo(ctx)).name)
  })
  return app
}
