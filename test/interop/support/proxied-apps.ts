import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { accessToken, createGuard, session, type Login } from '@portcullis/core'
import * as expressSide from '@portcullis/express'
import * as koaSide from '@portcullis/koa'
import express from 'express'
import Koa from 'koa'

/** The API that its access tokens are for. */
export const resource = 'https://api.test'

/** An application that lives behind a proxy. */
export interface ProxiedApp {
  readonly login: Login
  /** Where browsers find it. */
  readonly path?: string
  /** Where its routes begin, as it sees them itself. Default `path`. */
  readonly mount?: string
  /** Whether it believes X-Forwarded fields. */
  readonly trusts?: boolean
}

export interface ProxiedHost {
  readonly name: 'express' | 'koa'
  readonly app: (app: ProxiedApp) => RequestListener
}

const form = (path: string): string =>
  `<form method="post" action="${path}/logout"><button>Sign out</button></form>`

/** `/account` shows the claims as JSON, `/home` the way out, `/stream` takes its time. */
export const proxiedHosts: readonly ProxiedHost[] = [
  {
    name: 'express',
    app: ({ login, path = '', mount = path, trusts = false }) => {
      const site = createGuard({ login })
      const inner = express.Router()
      inner.use(expressSide.routes(login.handler))
      inner.get('/', expressSide.protect(site.optional()), (req, res) => {
        res.json({ signedIn: session(req) !== undefined })
      })
      inner.get('/account', expressSide.protect(site), (req, res) => {
        res.json(session(req)?.claims)
      })
      inner.get('/home', expressSide.protect(site), (_req, res) => res.send(form(path)))
      inner.get('/stream', expressSide.protect(site), (req, res, next) => {
        accessToken(req, { resource })
          .then(() => Readable.from(parts()).pipe(res))
          .catch(next)
      })
      const app = express()
      if (trusts) app.set('trust proxy', true)
      app.use(mount === '' ? '/' : mount, inner)
      return app
    },
  },
  {
    name: 'koa',
    app: ({ login, path = '', mount = path, trusts = false }) => {
      const protect = koaSide.protect(createGuard({ login }))
      const open = koaSide.protect(createGuard({ login }).optional())
      const app = new Koa({ proxy: trusts })
      app.use(koaSide.routes(login.handler))
      app.use(async (ctx) => {
        const route = ctx.path.slice(mount.length)
        if (route === '/') {
          await open(ctx, async () => {
            ctx.body = { signedIn: session(ctx) !== undefined }
          })
        } else if (['/account', '/home', '/stream'].includes(route)) {
          await protect(ctx, async () => {
            if (route === '/stream') await accessToken(ctx, { resource })
            ctx.type = route === '/account' ? 'json' : 'html'
            ctx.body = bodyOf(route, path, session(ctx)?.claims)
          })
        }
      })
      return app.callback()
    },
  },
]

function bodyOf(route: string, path: string, claims: unknown): string | Readable {
  if (route === '/stream') return Readable.from(parts())
  return route === '/home' ? form(path) : JSON.stringify(claims)
}

async function* parts(): AsyncGenerator<string> {
  for (const part of ['first ', 'second ', 'last']) {
    yield part
    await sleep(100)
  }
}
