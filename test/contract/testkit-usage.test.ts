import express from 'express'
import request from 'supertest'
import { createGuard, hasScope, principal, protect, type Guard } from '@portcullis/express'
import { createAuthorizationServer, createClock, createTokenIssuer } from '@portcullis/testkit'
import { afterEach, expect, test, vi } from 'vitest'

const createApp = (guard: Guard) => {
  const app = express()
  app.get('/orders', protect(guard, hasScope('orders:read')), (req, res) => {
    res.json({ of: principal(req).subject })
  })
  return app
}

afterEach(() => vi.useRealTimers())

test('three lines test a guarded route', async () => {
  const issuer = createTokenIssuer()
  const token = await issuer.issueToken({ sub: 'alice', scope: 'orders:read' })
  const call = request(createApp(createGuard(issuer.guardOptions))).get('/orders')
  expect((await call.auth(token, { type: 'bearer' })).body).toEqual({ of: 'alice' })
})

const statusWith = async (guard: Guard, token: string) =>
  (await request(createApp(guard)).get('/orders').auth(token, { type: 'bearer' })).status

test('fake timers make a token expire', async () => {
  // Not setImmediate: Express itself waits for it before it answers an error.
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'setInterval'] })
  const issuer = createTokenIssuer()
  const guard = createGuard(issuer.guardOptions)
  const token = await issuer.issueToken({ scope: 'orders:read' })
  expect(await statusWith(guard, token)).toBe(200)
  vi.advanceTimersByTime(306_000)
  expect(await statusWith(guard, token)).toBe(401)
})

test('so does a clock', async () => {
  const clock = createClock()
  const issuer = createTokenIssuer({ now: clock.now, lifetime: 60 })
  const guard = createGuard(issuer.guardOptions)
  const token = await issuer.issueToken({ scope: 'orders:read' })
  expect(await statusWith(guard, token)).toBe(200)
  clock.advance(66)
  expect(await statusWith(guard, token)).toBe(401)
})

test('tokens of another issuer are refused, as are those of a key that came later', async () => {
  const issuer = createTokenIssuer({ algorithm: 'ES256' })
  const guard = createGuard(issuer.guardOptions)
  const foreign = await createTokenIssuer({ algorithm: 'ES256' }).issueToken({
    scope: 'orders:read',
  })
  expect(await statusWith(guard, foreign)).toBe(401)
  issuer.rotate()
  const late = await issuer.issueToken({ scope: 'orders:read' })
  expect(await statusWith(guard, late)).toBe(401)
  expect(await statusWith(createGuard(issuer.guardOptions), late)).toBe(200)
})

test('a real authorization server, found by its issuer alone', async () => {
  const server = await createAuthorizationServer()
  try {
    const app = createApp(createGuard({ issuer: server.issuer, audience: 'https://api.test' }))
    const token = await server.issueToken({ scope: 'orders:read' })
    await request(app).get('/orders').auth(token, { type: 'bearer' }).expect(200, { of: 'machine' })
    const poor = await server.issueToken({ scope: 'orders:write' })
    await request(app).get('/orders').auth(poor, { type: 'bearer' }).expect(403)
    expect([server.requests.of('discovery'), server.requests.of('jwks')]).toEqual([1, 1])
  } finally {
    await server.close()
  }
})

test('an outage of it is an outage, and no 401', async () => {
  const server = await createAuthorizationServer()
  try {
    const app = createApp(createGuard({ issuer: server.issuer, audience: 'https://api.test' }))
    const token = await server.issueToken({ scope: 'orders:read' })
    server.faults.set('all', { kind: 'down' })
    const { status, headers } = await request(app).get('/orders').auth(token, { type: 'bearer' })
    expect(status).toBe(503)
    expect(headers['retry-after']).toMatch(/^\d+$/)
  } finally {
    await server.close()
  }
})
