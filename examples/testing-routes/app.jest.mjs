import { afterEach, expect, it, jest } from '@jest/globals'
import request from 'supertest'
import { createGuard } from '@portcullis/express'
import { createTokenIssuer } from '@portcullis/testkit'
import { createApp } from './app.mjs'

const issuer = createTokenIssuer()
const app = createApp(createGuard(issuer.guardOptions))
const get = (token) => request(app).get('/orders').auth(token, { type: 'bearer' })

afterEach(() => {
  jest.useRealTimers()
})

it('shows the orders to whoever may read them', async () => {
  const token = await issuer.issueToken({ sub: 'alice', scope: 'orders:read' })
  const { body } = await get(token).expect(200)
  expect(body).toEqual({ of: 'alice' })
})

it('refuses a token once its time is over', async () => {
  const token = await issuer.issueToken({ scope: 'orders:read' })
  await get(token).expect(200)
  jest.useFakeTimers({ now: Date.now() + 310_000, doNotFake: ['nextTick', 'setImmediate'] })
  expect((await get(token)).status).toBe(401)
})
