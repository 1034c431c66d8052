import request from 'supertest'
import { expect, it } from 'vitest'
import { createGuard } from '@portcullis/express'
import { createTokenIssuer } from '@portcullis/testkit'
import { createApp } from './app.mjs'

const issuer = createTokenIssuer()
const app = createApp(createGuard(issuer.guardOptions))
const get = (token: string) => request(app).get('/orders').auth(token, { type: 'bearer' })

it('shows the orders to whoever may read them', async () => {
  const token = await issuer.issueToken({ sub: 'alice', scope: 'orders:read' })
  const { body } = await get(token).expect(200)
  expect(body).toEqual({ of: 'alice' })
})

it('refuses a token without the scope', async () => {
  const { headers } = await get(await issuer.issueToken({ scope: 'profile' })).expect(403)
  expect(headers['www-authenticate']).toContain('scope="orders:read"')
})

it('refuses a token that has expired', async () => {
  const token = await issuer.issueToken({ scope: 'orders:read', exp: 1_000_000_000 })
  expect((await get(token)).status).toBe(401)
})
