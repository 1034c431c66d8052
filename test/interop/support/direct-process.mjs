// One process of a web application with a direct login, told by its parent which org and Redis to use.
import { once } from 'node:events'
import { createServer } from 'node:http'
import express from 'express'
import { createLogin, memorySessions, routes, storedSessions } from '@portcullis/express'
import {
  createDirectAuthentication,
  createDirectLogin,
  limitAttempts,
  okta,
} from '@portcullis/okta'
import { redisAttempts } from '@portcullis/redis'
import { createClient } from 'redis'

const { domain, clientId, path, prefix } = JSON.parse(process.argv[2] ?? '{}')

const redis = createClient({ socket: { path } })
redis.on('error', () => undefined)
await redis.connect()

const app = express()
const listening = createServer(app).listen(0, '127.0.0.1')
await once(listening, 'listening')
const baseUrl = `http://127.0.0.1:${listening.address().port}`

const secrets = ['a secret of the tests, long enough to seal']
const server = okta({ domain, authorizationServer: 'default' })
const client = { id: clientId }
const sessions = storedSessions(memorySessions(), { secrets })
const login = createLogin({ issuer: server.issuer, client, baseUrl, sessions })
const limiter = limitAttempts({ store: redisAttempts(redis, { prefix }) })
const direct = createDirectAuthentication({ server, client, secrets, limiter })
app.use(routes(createDirectLogin({ login, direct, baseUrl })))

process.on('disconnect', () => process.exit())
process.send(baseUrl)
