import express, { type ErrorRequestHandler } from 'express'
import Koa from 'koa'
import type { Guard, HeaderField } from '@portcullis/core'
import { fromNode, sendNode } from '@portcullis/core/node'
import { createGuard, hasScope, principal, protect } from '@portcullis/express'
import { principal as koaPrincipal, protect as koaProtect } from '@portcullis/koa'
import { createIdentity } from '../../../packages/gateway/src/identity/create.ts'
import type { Identity } from '../../../packages/gateway/src/identity/identity.ts'
import {
  createSigningKeys,
  type RotatingKeys,
} from '../../../packages/gateway/src/identity/signing-keys.ts'
import { createCallers, type Callers } from '../../support/gateway-caller.ts'
import { listen, type RunningApp } from './app.ts'

/** A gateway's identity, the address where its keys are, and the two upstreams behind it. */
export interface IdentityWorld extends Callers {
  readonly signingKeys: RotatingKeys
  readonly identity: Identity
  /** The `iss` of the internal token: where metadata and keys are served. */
  readonly admin: RunningApp
  readonly upstreams: Readonly<Record<'express' | 'koa', RunningApp>>
  /** Every error that an upstream met. */
  readonly errors: unknown[]
  /** How often the keys were fetched. */
  readonly fetches: () => number
  /** The gateway comes back with new keys, and knows nothing of the old ones. */
  readonly restart: () => Identity
  readonly close: () => Promise<void>
}

/** The audience of both upstreams. */
export const orders = 'https://orders.internal'

export async function createIdentityWorld(): Promise<IdentityWorld> {
  const callers = createCallers()
  const { now } = callers.clock
  const errors: unknown[] = []
  const made: { identity?: Identity } = {}
  let fetches = 0
  const admin = await listen(async (req, res) => {
    if (req.url === '/jwks') fetches += 1
    const address = () => ({ protocol: 'http', host: req.headers.host, target: req.url ?? '/' })
    const request = fromNode(req, undefined, { address, body: () => undefined })
    sendNode(res, (await made.identity?.handler(request)) ?? { status: 404, headers: [] })
  })
  const signingKeys = createSigningKeys({ now })
  const config = { issuer: admin.url, claims: ['tenant'] }
  const begin = (keys: RotatingKeys): Identity =>
    (made.identity = createIdentity(
      { token: config, headers: { 'X-Auth-Subject': 'sub' } },
      { signingKeys: keys, now },
    ))
  const identity = begin(signingKeys)
  const restart = () => begin(createSigningKeys({ now }))
  const guard = () => createGuard({ issuer: admin.url, audience: orders, now })
  const upstreams = {
    express: await listen(expressUpstream(guard(), errors)),
    koa: await listen(koaUpstream(guard(), errors)),
  }
  const close = async () => {
    await Promise.all([admin, upstreams.express, upstreams.koa].map((app) => app.close()))
  }
  return {
    ...callers,
    signingKeys,
    identity,
    admin,
    upstreams,
    errors,
    fetches: () => fetches,
    restart,
    close,
  }
}

function expressUpstream(guard: Guard, errors: unknown[]): express.Express {
  const app = express()
  app.get('/', protect(guard), (req, res) => {
    const { subject, client, scopes, claims } = principal(req)
    res.json({ subject, client, scopes, claims })
  })
  app.get('/write', protect(guard, hasScope('orders:write')), (_, res) => void res.send('ok'))
  const note: ErrorRequestHandler = (error, _req, _res, next) => {
    errors.push(error)
    next(error)
  }
  return app.use(note).set('env', 'test')
}

function koaUpstream(guard: Guard, errors: unknown[]): ReturnType<Koa['callback']> {
  const app = new Koa()
  app.on('error', (error) => void errors.push(error))
  app.use(async (_, next) => {
    try {
      await next()
    } catch (error) {
      errors.push(error)
      throw error
    }
  })
  app.use((ctx, next) =>
    ctx.path === '/write'
      ? koaProtect(guard, hasScope('orders:write'))(ctx, next)
      : koaProtect(guard)(ctx, next),
  )
  app.use((ctx) => {
    const { subject, client, scopes, claims } = koaPrincipal(ctx)
    ctx.body = { subject, client, scopes, claims }
  })
  return app.callback()
}

/** Asks an upstream with what the gateway puts in place of the client's own fields. */
export async function ask(
  { url }: RunningApp,
  fields: readonly HeaderField[],
  path = '/',
): Promise<{ readonly status: number; readonly challenge: string; readonly body: string }> {
  const answer = await fetch(`${url}${path}`, { headers: Object.fromEntries(fields) })
  return {
    status: answer.status,
    challenge: answer.headers.get('www-authenticate') ?? '',
    body: await answer.text(),
  }
}
