import express from 'express'
import { createGuard, principal, protect } from '@portcullis/express'

/**
 * An API for many tenants, each with an authorization server of its own. `tenants` is asked for the
 * issuer that a token names, before anything is fetched: who is not in it is nobody.
 */
export function createApp({ tenants, ...options }) {
  const guard = createGuard({
    ...options,
    issuers: async (issuer) => {
      const tenant = await tenants.byIssuer(issuer)
      return tenant && { issuer, audience: tenant.audience, ...tenant.trust }
    },
  })
  const app = express()
  app.get('/orders', protect(guard), (req, res) => {
    res.json({ tenant: principal(req).issuer, of: principal(req).subject })
  })
  return app
}
