import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa3, { type Middleware } from 'koa'
import Koa2 from 'koa2'
import { afterAll, describe, expect, test } from 'vitest'
import { createGuard, protect } from '@portcullis/koa'

// What @koa/cors does with an error, so that a page of another origin may read the answer.
const cors: Middleware = async (ctx, next) => {
  const origin = ctx.get('origin')
  if (origin === '') return next()
  try {
    return await next()
  } catch (error) {
    const { headers } = Object(error)
    Object(error).headers = { ...headers, 'access-control-allow-origin': origin, vary: 'Origin' }
    throw error
  }
}

const origins = ['https://a.example', undefined, 'https://b.example', undefined]
const token = [
  { alg: 'ES256', kid: 'a' },
  { iss: 'https://id.test', aud: 'api', exp: 4_000_000_000 },
  'signature',
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.')

describe.each([
  ['2', Koa2],
  ['3', Koa3],
])('behind middleware that adds fields to errors in Koa %s', async (_version, Koa) => {
  const app = new Koa()
  app.silent = true
  app.use(cors)
  const arrivals = new EventEmitter()
  app.use((_ctx, next) => {
    const answer = next()
    arrivals.emit('arrival')
    return answer
  })
  // Fails when all of them wait for it.
  const fetch = async () => {
    for (const _ of origins) await once(arrivals, 'arrival')
    throw new Error('no way there')
  }
  app.use(protect(createGuard({ issuer: 'https://id.test', audience: 'api', fetch })))
  const server = createServer(app.callback()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has this kind of address.
  const { port } = server.address() as AddressInfo
  afterAll(() => void server.close())

  const ask = async (headers: Record<string, string>) => {
    const answer = await globalThis.fetch(`http://127.0.0.1:${port}/`, { headers })
    return {
      status: answer.status,
      origin: answer.headers.get('access-control-allow-origin'),
      challenge: answer.headers.get('www-authenticate'),
      retry: answer.headers.get('retry-after'),
    }
  }

  test('a refusal is sent with them, and with its challenge', async () => {
    const refused = { status: 401, origin: 'https://a.example', challenge: 'Bearer', retry: null }
    expect(await ask({ origin: 'https://a.example' })).toEqual(refused)
    expect(await ask({})).toEqual({ ...refused, origin: null })
  })

  test('an outage that many met is sent to each with its own', async () => {
    const authorization = `Bearer ${token}`
    const answers = await Promise.all(
      origins.map((origin) => ask({ authorization, ...(origin && { origin }) })),
    )
    expect(answers).toEqual(
      origins.map((origin) => ({
        status: 503,
        origin: origin ?? null,
        challenge: null,
        retry: '1',
      })),
    )
  })
})
