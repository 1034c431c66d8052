import {
  demandPrincipal,
  isPromise,
  keepPrincipal,
  keptPrincipal,
  withRules,
  type Guard,
  type Handler,
  type PrincipalOf,
  type Reply,
  type Rule,
  type Verdict,
} from '@portcullis/core'
import { appendHeaders, fromNode, keepAppended, type NodeView } from '@portcullis/core/node'
import type { Context, Middleware } from 'koa'

export * from '@portcullis/core'

/**
 * Lets a request pass only where the guard and the rules grant it; a refusal or an outage is thrown.
 *
 * @example
 * router.get('/orders', protect(guard, hasScope('orders:read')), (ctx) => { ctx.body = { of: principal(ctx).subject } })
 */
export function protect<C>(guard: Guard<C>, ...rules: readonly Rule<C>[]): Middleware {
  const ruled = withRules(guard, rules)
  return (ctx, next) => {
    const settle = (verdict: Verdict<C>): Promise<unknown> => {
      if (!verdict.granted) {
        if (verdict.reply === undefined) throw verdict.refusal
        return Promise.resolve(send(ctx, verdict.reply))
      }
      appendHeaders(ctx.res, verdict.headers)
      keepPrincipal(ctx, verdict, ruled, ctx.state)
      // Koa clears the response of a route that throws, and a renewed session would be lost with it.
      return verdict.session === undefined ? next() : next().catch(keepAppended(ctx.res))
    }
    const verdict = ruled.check(fromNode(ctx.req, ctx, seen))
    return isPromise(verdict) ? verdict.then(settle) : settle(verdict)
  }
}

/** Mounts a handler of the core, such as a login's routes; requests that are not its own go on. */
export const routes =
  (handler: Handler): Middleware =>
  async (ctx, next) => {
    const reply = await handler(fromNode(ctx.req, ctx, seen))
    if (reply === undefined) await next()
    else send(ctx, reply)
  }

/** Who is calling; with the guard named, its claims are typed. Throws where no `protect` let the request in. */
export const principal: PrincipalOf<Context> = demandPrincipal

/** Who is calling, or `undefined` for a request that an optional guard let in without a credential. */
export const optionalPrincipal: PrincipalOf<Context, undefined> = keptPrincipal

// Through Koa's own response, so that middleware further out sees what is sent.
function send(ctx: Context, { status, headers, body }: Reply): void {
  appendHeaders(ctx.res, headers)
  ctx.body = body ?? null
  // Afterwards, because a body of null makes it a 204.
  ctx.status = status
}

// `protocol` and `host` follow X-Forwarded-* only where the application says `proxy`.
const seen: NodeView<Context> = {
  address: (ctx) => ({ protocol: ctx.protocol, host: ctx.host, target: ctx.originalUrl }),
  body: ({ request }) => Reflect.get(request, 'body') as unknown,
  response: (ctx) => ctx.res,
}
