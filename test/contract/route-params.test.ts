import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import { expect, expectTypeOf, test } from 'vitest'
import { createGuard, optionalPrincipal, principal, protect } from '@portcullis/express'
import { createTokenIssuer } from '@portcullis/testkit'

// Express reads the names of a route's parameters from its path; a guard before the route must not lose them.
test('a guarded Express route keeps the types of its parameters', async () => {
  const issuer = createTokenIssuer({ algorithm: 'EdDSA' })
  const guard = createGuard(issuer.guardOptions)
  const app = express()
  app.get('/orders/:id', protect(guard), (req, res) => {
    expectTypeOf(req.params).toEqualTypeOf<{ id: string }>()
    res.json({ id: req.params.id, of: principal(req).subject })
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const authorization = `Bearer ${await issuer.issueToken({ sub: 'alice' })}`
    const answer = await fetch(`http://127.0.0.1:${port}/orders/7`, { headers: { authorization } })
    expect(await answer.json()).toEqual({ id: '7', of: 'alice' })
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

interface Params {
  id: string
}
interface Body {
  name: string
}
interface Query {
  page: string
}
interface Locals {
  tenant: string
}

// Interfaces, which TypeScript lets nobody index: what a route says of its request need not be a dictionary.
test('a guarded Express route may type its parameters, body, query and locals by interfaces', () => {
  const guard = createGuard(createTokenIssuer({ algorithm: 'EdDSA' }).guardOptions)
  const app = express()
  app.post<Params, string, Body, Query, Locals>('/a/:id', protect(guard), (req, res) => {
    expectTypeOf(req.params).toEqualTypeOf<Params>()
    expectTypeOf(req.query).toEqualTypeOf<Query>()
    expectTypeOf(req.body).toEqualTypeOf<Body>()
    expectTypeOf(res.locals.tenant).toEqualTypeOf<string>()
    res.send(principal(req).subject ?? optionalPrincipal(req)?.issuer)
  })
  const guarded: RequestHandler<Params, string, Body, Query, Locals> = protect(guard)
  const handler = (
    req: Request<Params, string, Body, Query, Locals>,
    res: Response<string, Locals>,
    next: NextFunction,
  ): void => {
    protect(guard)(req, res, next)
  }
  const all: readonly RequestHandler[] = [protect(guard), protect(guard.optional())]
  app.use([...all])
  app.post('/b/:id', guarded, handler)
  // @ts-expect-error a request of Node alone is none that Express has seen
  expect(() => principal({} as IncomingMessage)).toThrow('no protect()')
})
