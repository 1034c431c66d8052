import { text } from 'node:stream/consumers'
import type { Middleware } from 'koa'

/** What koa-bodyparser does where only JSON is switched on: other bodies stay, and get an empty object. */
export const parseJson: Middleware = async (ctx, next) => {
  const body: unknown = ctx.is('json') ? JSON.parse(await text(ctx.req)) : {}
  Object.assign(ctx.request, { body })
  await next()
}
