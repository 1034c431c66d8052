import Koa from 'koa'
import { createGuard, hasScope, optionalPrincipal, principal, protect } from '@portcullis/koa'
import { route } from './koa-route.mjs'
import { orders } from './orders.mjs'

/** The orders API on Koa. Refusals go to Koa's default error handler, which sends status and challenge. */
export function createKoaApi(options) {
  const guard = createGuard(options)
  const app = new Koa()

  route(app, '/public', (ctx) => {
    ctx.body = { message: 'This route has no guard.' }
  })
  route(app, '/greeting', protect(guard.optional()), (ctx) => {
    ctx.body = { message: `Hello, ${optionalPrincipal(ctx)?.client ?? 'whoever you are'}.` }
  })
  route(app, '/orders', protect(guard, hasScope('orders:read')), (ctx) => {
    ctx.body = { client: principal(ctx).client, orders }
  })
  route(app, '/admin', protect(guard, hasScope('admin')), (ctx) => {
    ctx.body = { message: `${principal(ctx).client} may change everything.` }
  })
  return app
}
