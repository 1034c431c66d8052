import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express5 from 'express'
import express4 from 'express4'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import { describe, expect, test } from 'vitest'
import * as onExpress from '@portcullis/express'
import * as onKoa from '@portcullis/koa'
import { createTokenIssuer } from '@portcullis/testkit'

const issuer = createTokenIssuer({ algorithm: 'EdDSA' })
const token = await issuer.issueToken({ sub: 'alice' })

/** What a route finds where the users of its host look for it, and whether `principal()` gives the same object. */
const found = (auth: unknown, principal: unknown) => ({
  subject: Object(auth).subject ?? 'nobody',
  same: auth === principal,
})

const onExpressOf =
  (express: typeof express5) =>
  (guard: onExpress.Guard): RequestListener => {
    const app = express()
    app.get('/', onExpress.protect(guard), (req, res) => {
      res.json(found(Reflect.get(req, 'auth'), onExpress.optionalPrincipal(req)))
    })
    return app
  }

const onKoaOf =
  (Koa: typeof Koa3) =>
  (guard: onKoa.Guard): RequestListener => {
    const app = new Koa()
    app.use(onKoa.protect(guard))
    app.use((ctx) => {
      ctx.body = found(ctx.state['auth'], onKoa.optionalPrincipal(ctx))
    })
    return app.callback()
  }

async function get(listener: RequestListener, headers: Record<string, string>): Promise<unknown> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    return await (await fetch(`http://127.0.0.1:${port}/`, { headers })).json()
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

describe.each([
  ['req.auth of Express 4', onExpressOf(express4)],
  ['req.auth of Express 5', onExpressOf(express5)],
  ['ctx.state.auth of Koa 2', onKoaOf(Koa2)],
  ['ctx.state.auth of Koa 3', onKoaOf(Koa3)],
])('%s', (_name, listenerOf) => {
  const guard = onExpress.createGuard(issuer.guardOptions)

  test('is the very object that principal() gives', async () => {
    const headers = { authorization: `Bearer ${token}` }
    expect(await get(listenerOf(guard), headers)).toEqual({ subject: 'alice', same: true })
  })

  test('is undefined for an anonymous request that an optional guard let in', async () => {
    expect(await get(listenerOf(guard.optional()), {})).toEqual({ subject: 'nobody', same: true })
  })
})
