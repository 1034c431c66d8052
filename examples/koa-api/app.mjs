import Koa from 'koa'
import { createGuard, hasScope, principal, protect } from '@portcullis/koa'

/** An API whose every route below `/orders` wants a token, and wants one more scope for changes. */
export function createApp(options) {
  const guard = createGuard(options)
  const reading = protect(guard, hasScope('orders:read'))
  const writing = protect(guard, hasScope('orders:read', 'orders:write'))
  const app = new Koa()
  app.use((ctx, next) => {
    if (!ctx.path.startsWith('/orders')) return next()
    return (ctx.method === 'GET' ? reading : writing)(ctx, next)
  })
  app.use((ctx) => {
    ctx.body = ctx.path.startsWith('/orders')
      ? { of: principal(ctx).subject, orders: [1001, 1002] }
      : { message: 'Everybody may read this.' }
  })
  return app
}
