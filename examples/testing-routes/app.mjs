import express from 'express'
import { hasScope, principal, protect } from '@portcullis/express'

/** Takes the guard from outside, so that a test can hand in one with keys of its own. */
export function createApp(guard) {
  const app = express()
  app.get('/orders', protect(guard, hasScope('orders:read')), (req, res) => {
    res.json({ of: principal(req).subject })
  })
  return app
}
