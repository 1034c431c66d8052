import express from 'express'
import {
  createGuard,
  hasScope,
  optionalPrincipal,
  principal,
  protect,
  Refusal,
} from '@portcullis/express'
import { orders } from './orders.mjs'

/** The orders API on Express, with an error handler of its own: refusals become JSON. */
export function createExpressApi(options) {
  const guard = createGuard(options)
  const app = express()

  app.get('/public', (req, res) => {
    res.json({ message: 'This route has no guard.' })
  })
  app.get('/greeting', protect(guard.optional()), (req, res) => {
    res.json({ message: `Hello, ${optionalPrincipal(req)?.client ?? 'whoever you are'}.` })
  })
  app.get('/orders', protect(guard, hasScope('orders:read')), (req, res) => {
    res.json({ client: principal(req).client, orders })
  })
  app.get('/admin', protect(guard, hasScope('admin')), (req, res) => {
    res.json({ message: `${principal(req).client} may change everything.` })
  })

  app.use((error, req, res, next) => {
    if (!Refusal.is(error)) return next(error)
    return res.status(error.status).set(error.headers).json({ error: error.message })
  })
  return app
}
