import { createGuard, hasScope, principal, protect, Refusal } from '@portcullis/express'
import * as onKoa from '@portcullis/koa'
import express from 'express'

createGuard({ issuer: 'https://id.example.com', audiance: 'api' }) // wrong: the option is misspelt
createGuard({ issuer: 'https://id.example.com', audience: 'api', clockTolerance: '5 s' }) // wrong
const guard = createGuard({ issuer: 'https://id.example.com', audience: 'api' })

const app = express()
app.use(protect(guard, 'orders:read')) // wrong: a scope is not a rule
app.use(onKoa.protect(guard)) // wrong: middleware of another host
app.use(protect(guard, hasScope('orders:read')), (req, res) => {
  res.json(principal(req).subjekt) // wrong
  res.json(req.auth) // wrong: nobody imported the augmentation
})
app.use((error: unknown, _req: express.Request, _res: express.Response, next: () => void) => {
  if (Refusal.is(error) && error.code === 'token_expierd') next() // wrong: there is no such code
})
