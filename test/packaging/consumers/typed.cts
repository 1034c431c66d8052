import { createGuard, hasScope, principal, protect } from '@portcullis/express'
import express = require('express')

const guard = createGuard({ issuer: 'https://id.example.com', audience: 'api' })
const app = express()
app.get('/orders', protect(guard, hasScope('orders:read')), (req, res) => {
  res.json({ of: principal(req).subject })
})
