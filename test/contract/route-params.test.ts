import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { expect, expectTypeOf, test } from 'vitest'
import { createGuard, principal, protect } from '@portcullis/express'
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
