import express from 'express'
import { audience } from '../lib/tokens.mjs'

/** An Express application that knows its issuer by URL only. */
export async function build(subject, { issuer }) {
  const app = express()
  app.get('/orders', await guards[subject](issuer), (_req, res) => {
    res.json({ orders: ['one', 'two', 'three'] })
  })
  // The default error handler writes every error to the console outside of tests.
  app.use((error, _req, res, _next) => {
    res
      .status(error.status ?? 500)
      .set(error.headers ?? {})
      .end()
  })
  return app
}

const guards = {
  async Portcullis(issuer) {
    const { createGuard, protect } = await import('@portcullis/express')
    return protect(createGuard({ issuer, audience }))
  },
  async 'express-oauth2-jwt-bearer'(issuerBaseURL) {
    const { auth } = await import('express-oauth2-jwt-bearer')
    return auth({ issuerBaseURL, audience })
  },
}
