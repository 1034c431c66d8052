import express from 'express'
import { createGuard, principal, protect } from '@portcullis/express'

/** The API behind the gateway: whoever comes without the gateway's own token is refused. */
export function createUpstream({ issuer }) {
  const guard = createGuard({ issuer, audience: 'https://orders.internal' })
  const app = express()
  const orders = (req, res) =>
    res.json({
      caller: principal(req).subject,
      scopes: principal(req).scopes,
      field: req.get('x-auth-subject'),
    })
  app.get('/public/hello', (req, res) =>
    res.json({ hello: 'anybody', field: req.get('x-auth-subject') ?? '' }),
  )
  app.get('/orders', protect(guard), orders)
  app.post('/orders', protect(guard), orders)
  return app
}
