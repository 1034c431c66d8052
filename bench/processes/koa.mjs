import Koa from 'koa'
import { peers } from '../peers/index.mjs'
import { limit } from '../peers/limit.mjs'

/** A hello-world application, behind the guard of one subject. */
export async function build(subject, setup) {
  const app = new Koa()
  for (const guard of await guards(subject, setup)) app.use(guard)
  app.use((ctx) => {
    if (ctx.path === '/orders') ctx.body = { orders: ['one', 'two', 'three'] }
  })
  return app
}

async function guards(subject, setup) {
  if (subject === 'unguarded') return []
  if (subject === 'only next()') return [(_ctx, next) => next()]
  if (subject.startsWith('Portcullis')) {
    const { koa: ours } = await import('../peers/portcullis.mjs')
    return [await ours(subject, setup)]
  }
  const peer = [limit, ...peers].find(({ name }) => name === subject)
  return [peer.koa?.(setup) ?? byHand(peer.createVerifier(setup))]
}

// What a careful person would write around a verifier, and no more.
function byHand(check) {
  return (ctx, next) => {
    const field = ctx.req.headers.authorization
    if (field === undefined || !field.startsWith('Bearer ')) return refuse(ctx)
    try {
      const claims = check(field.slice(7))
      if (typeof claims.then === 'function') {
        return claims.then(
          (known) => {
            ctx.state.auth = known
            return next()
          },
          () => refuse(ctx),
        )
      }
      ctx.state.auth = claims
    } catch {
      return refuse(ctx)
    }
    return next()
  }
}

function refuse(ctx) {
  ctx.status = 401
  ctx.set('WWW-Authenticate', 'Bearer error="invalid_token"')
}
