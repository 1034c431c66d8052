import express from 'express'
import { createGuard, hasScope, optionalPrincipal, principal, protect } from '@portcullis/express'

/** An API with an open route, one for tokens with a scope, and one that a token only makes friendlier. */
export function createApp(options) {
  const guard = createGuard(options)
  const app = express()
  app.get('/', (req, res) => res.json({ message: 'Everybody may read this.' }))
  app.get('/orders', protect(guard, hasScope('orders:read')), (req, res) => {
    res.json({ of: principal(req).subject, orders: [1001, 1002] })
  })
  app.get('/greeting', protect(guard.optional()), (req, res) => {
    res.json({ hello: optionalPrincipal(req)?.subject ?? 'stranger' })
  })
  return app
}
