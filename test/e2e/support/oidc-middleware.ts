import { createRequire } from 'node:module'
import type { RequestHandler } from 'express'

// Its types bring those of Express 4 along, so what is used of them is written down here.
const require = createRequire(import.meta.url)

interface MiddlewareOptions {
  readonly issuer: string
  readonly client_id: string
  readonly client_secret: string
  readonly appBaseUrl: string
  readonly scope: string
  readonly testing?: { readonly disableHttpsCheck: boolean }
}

interface Middleware {
  readonly router: RequestHandler
  ensureAuthenticated(): RequestHandler
  once(event: 'ready', listener: () => void): void
  on(event: 'error', listener: (error: unknown) => void): void
}

/** What it puts on a request of somebody who is signed in. */
export interface UserContext {
  readonly userinfo: Readonly<Record<string, unknown>>
  readonly tokens: {
    readonly access_token: string
    readonly id_token: string
    readonly refresh_token?: string
  }
}

// As its README says.
const { ExpressOIDC } = require('@okta/oidc-middleware') as {
  ExpressOIDC: new (options: MiddlewareOptions) => Middleware
}

/** The middleware, once it has read the metadata of its issuer. */
export async function createMiddleware(options: MiddlewareOptions): Promise<Middleware> {
  const middleware = new ExpressOIDC(options)
  await new Promise<void>((resolve, reject) => {
    middleware.once('ready', resolve)
    middleware.on('error', reject)
  })
  return middleware
}
