// One server of an application with a login over Redis, told what to do by its parent.
import { createServer } from 'node:http'
import {
  accessToken,
  createGuard,
  createLogin,
  protect,
  routes,
  sealedSessions,
  storedSessions,
} from '@portcullis/express'
import { redisLock, redisRevocations, redisSessions } from '@portcullis/redis'
import express from 'express'
import { createClient } from 'redis'

const { issuer, baseUrl, path, kind, prefix } = JSON.parse(process.argv[2] ?? '{}')
const secrets = ['a secret of at least thirty-two characters']

let ahead = 0
const now = () => Date.now() + ahead * 1000

const redis = createClient({ socket: { path, reconnectStrategy: () => 50 } })
redis.on('error', () => undefined)
await redis.connect()
const options = { prefix, timeout: 1.5 }

const keep = ['accessToken', 'refreshToken']
const sessions =
  kind === 'sealed'
    ? sealedSessions({ secrets, keep })
    : storedSessions(redisSessions(redis, options), { secrets, now })

const app = express()
const server = createServer(app)
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}`

const login = createLogin({
  issuer,
  client: { id: 'web', secret: 'web-secret' },
  baseUrl: baseUrl ?? url,
  sessions,
  revocations: redisRevocations(redis, options),
  lock: redisLock(redis, options),
  parameters: { scope: 'openid offline_access', prompt: 'consent' },
  now,
})
const site = createGuard({ login })
app.use(routes(login.handler))
app.get('/account', protect(site), (_req, res) => res.json('account'))
app.get('/token', protect(site), (req, res, next) => {
  accessToken(req).then((token) => res.json({ token }), next)
})
// Express would print what it is handed.
app.use((error, _req, res, _next) => {
  res.status(error.status ?? 500).json({ code: error.code })
})

process.on('message', (message) => {
  ahead += message.advance
  process.send({ at: ahead })
})
process.on('disconnect', () => process.exit())
process.send({ url })
