import express from 'express'
import { createGuard, hasScope, principal, protect, Refusal, stepUp } from '@portcullis/express'
import { apiIssuer, meetsAcr, oktaAcr } from '@portcullis/okta'
import { orders } from '../orders.mjs'

/** An API that trusts the custom server `default` of the org. What it is asked is on the wire as well. */
export function createOrdersApi({ server, record }) {
  const guard = createGuard({ issuer: apiIssuer(server), audience: 'api://default' })
  const app = express()
  app.use(recording(record))
  app.get('/orders', protect(guard, hasScope('orders:read')), (req, res) => {
    const { subject, client } = principal(req)
    res.json({ sub: subject, client, orders })
  })
  // What is dear wants two factors; the refusal says so.
  const strong = stepUp({ acr: oktaAcr.twoFactors, meets: meetsAcr })
  app.get('/payments', protect(guard, hasScope('orders:read'), strong), (req, res) => {
    const { subject, acr } = principal(req)
    res.json({ sub: subject, acr })
  })
  app.use((error, req, res, next) => {
    if (!Refusal.is(error)) return next(error)
    return res.status(error.status).set(error.headers).json({ error: error.message })
  })
  return app
}

const recording = (record) => (req, res, next) => {
  const { method, headers } = req
  const url = `http://${headers.host}${req.url}`
  const send = res.send.bind(res)
  res.send = (answer) => {
    // Objects pass here twice: as they are, and then as text.
    if (typeof answer === 'string') {
      const { statusCode: status } = res
      const answerHeaders = res.getHeaders()
      record({ endpoint: 'api', method, url, headers, body: '', status, answerHeaders, answer })
    }
    return send(answer)
  }
  next()
}
