import Koa3 from 'koa'
import Koa2 from 'koa2'
import { optionalPrincipal, principal, protect, routes } from '@portcullis/koa'
import type { AdapterUnderTest, Setup } from '@portcullis/testkit/contract'
import type { Context, Middleware } from 'koa'
import { parseJson } from '../support/parse-json.ts'

const createApp =
  (Koa: typeof Koa3) =>
  ({ guard, rules, answer, mount, handler, onError, ...wish }: Setup) => {
    const app = new Koa({ proxy: wish.proxy })
    app.silent = true
    const reply = (ctx: Context): void => {
      const reading = {
        principal: () => principal(ctx),
        optionalPrincipal: () => optionalPrincipal(ctx),
      }
      ctx.body = JSON.parse(JSON.stringify(answer(reading)))
    }
    if (onError) app.use(catching(onError))
    if (wish.parsedBody) app.use(parseForm)
    if (wish.parsedJson) app.use(parseJson)
    if (wish.sendFirst) app.use(sendFirst)
    if (handler) app.use(routes(handler))
    const guarded = protect(guard, ...rules)
    app.use((ctx, next) => {
      if (ctx.path === '/unguarded') return reply(ctx)
      return ctx.path.startsWith(mount) ? below(mount, ctx, next) : next()
    })
    app.use((ctx) => (ctx.path === '/guarded' ? guarded(ctx, async () => reply(ctx)) : undefined))
    return app.callback()
  }

const catching =
  (onError: (error: unknown) => number): Middleware =>
  async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      ctx.status = onError(error)
    }
  }

// What koa-mount does: the rest of the path for the mounted application, all of it in originalUrl.
async function below(mount: string, ctx: Context, next: () => Promise<unknown>): Promise<void> {
  ctx.path = ctx.path.slice(mount.length)
  await next()
}

// What koa-bodyparser does.
const parseForm: Middleware = async (ctx, next) => {
  let text = ''
  for await (const chunk of ctx.req) text += String(chunk)
  const fields = new URLSearchParams(text)
  const body = Object.fromEntries(
    [...fields.keys()].map((name) => [name, several(fields.getAll(name))]),
  )
  Object.assign(ctx.request, { body })
  await next()
}

const several = (values: readonly string[]) => (values.length === 1 ? values[0] : values)

const sendFirst: Middleware = async (ctx, next) => {
  ctx.res.write('early')
  await next()
}

export const koas: readonly AdapterUnderTest[] = [
  { name: 'Koa 2', createApp: createApp(Koa2) },
  { name: 'Koa 3', createApp: createApp(Koa3) },
]
