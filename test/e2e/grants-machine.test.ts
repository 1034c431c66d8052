import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  ConfigurationError,
  createClient,
  createGuard,
  hasScope,
  Outage,
  principal,
  protect,
} from '@portcullis/express'
import { createAuthorizationServer } from '@portcullis/testkit'
import express from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rejection } from './support/endpoints.ts'

const server = await createAuthorizationServer()
const audience = 'https://api.test'
const revoked = new Set<string>()
const guard = createGuard({
  issuer: server.issuer,
  audience,
  revoked: ({ claims }) => revoked.has(String(claims['jti'])),
})

// Two services: one calls the other.
const seen: string[] = []
const app = express()
app.get('/orders', protect(guard, hasScope('orders:read')), (req, res) => {
  seen.push(String(principal(req).claims['jti']))
  res.json({ client: principal(req).client })
})
app.post('/orders', protect(guard), express.text(), (req, res) => {
  res.json({ got: req.body })
})
app.get('/away', (_req, res) => res.redirect('http://localhost:9/take'))
const api = app.listen(0, '127.0.0.1')
let url = ''

beforeAll(async () => {
  if (!api.listening) await once(api, 'listening')
  // A server that listens on a port has an address of this kind.
  url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
})
afterAll(async () => {
  api.closeAllConnections()
  api.close()
  await server.close()
})

const settings = { issuer: server.issuer, client: { id: 'machine', secret: 'machine-secret' } }
const wish = { scope: 'orders:read', resource: audience }
const tokensAsked = () => server.requests.of('token')

describe('one service calls another', () => {
  test('with a token that is fetched once', async () => {
    const before = tokensAsked()
    const orders = createClient(settings).fetch({ ...wish, origins: [url] })
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => (await orders(`${url}/orders`)).json()),
    )
    expect(answers).toEqual(answers.map(() => ({ client: 'machine' })))
    expect(tokensAsked() - before).toBe(1)
  })

  test('and once more where the API no longer takes it', async () => {
    const before = tokensAsked()
    const orders = createClient(settings).fetch({ ...wish, origins: [url] })
    await orders(`${url}/orders`)
    revoked.add(seen.at(-1) ?? '')
    const again = await orders(`${url}/orders`, {})
    expect(again.status).toBe(200)
    revoked.add(seen.at(-1) ?? '')
    const posted = await orders(`${url}/orders`, {
      method: 'POST',
      body: 'one more',
      headers: { 'Content-Type': 'text/plain' },
    })
    // The second replacement within a moment is not fetched, and the API's answer is given back.
    expect(posted.status).toBe(401)
    expect(tokensAsked() - before).toBe(2)
  })

  test('and a body is sent again with the new token', async () => {
    const client = createClient(settings)
    const orders = client.fetch({ ...wish, origins: [url] })
    await orders(`${url}/orders`)
    revoked.add(seen.at(-1) ?? '')
    const posted = await orders(`${url}/orders`, {
      method: 'POST',
      body: 'one more',
      headers: { 'Content-Type': 'text/plain' },
    })
    expect(await posted.json()).toEqual({ got: 'one more' })
  })

  test('and does not follow it elsewhere', async () => {
    const orders = createClient(settings).fetch({ ...wish, origins: [url] })
    expect((await orders(`${url}/away`)).status).toBe(302)
  })
})

describe('the token', () => {
  test('holds what was asked for, and is renewed when its time comes', async () => {
    let now = Date.now()
    const client = createClient({ ...settings, now: () => now })
    const first = await client.clientCredentials(wish)
    expect(first).toMatchObject({ tokenType: 'bearer', expiresIn: 300, scope: 'orders:read' })
    now += 239_000
    expect((await client.clientCredentials(wish)).accessToken).toBe(first.accessToken)
    now += 1000
    expect((await client.clientCredentials(wish)).accessToken).not.toBe(first.accessToken)
  })

  test('can be introspected and revoked', async () => {
    const machine = createClient(settings)
    const asApi = createClient({ ...settings, client: { id: 'api', secret: 'api-secret' } })
    // Without a resource server of its own a token is opaque, and the server can take it back.
    const opaque = await createAuthorizationServer({
      resources: { 'https://opaque.test': { scopes: ['a', 'b'], format: 'opaque' } },
    })
    try {
      const there = { issuer: opaque.issuer }
      const owner = createClient({ ...settings, ...there })
      const other = createClient({ ...there, client: { id: 'api', secret: 'api-secret' } })
      const { accessToken } = await owner.clientCredentials({ scope: 'a b' })
      expect(await other.introspect(accessToken, 'access_token')).toMatchObject({
        active: true,
        client: 'machine',
        scopes: ['a', 'b'],
      })
      await owner.revoke(accessToken, 'access_token')
      expect(await other.introspect(accessToken)).toEqual({ active: false })
    } finally {
      await opaque.close()
    }
    expect(await asApi.introspect('unknown')).toEqual({ active: false })
    await expect(machine.revoke('unknown')).resolves.toBeUndefined()
  })
})

describe('mistakes and outages', () => {
  test.each([
    [{ id: 'machine', secret: 'mistyped' }, {}, 'machine'],
    [{ id: 'web', secret: 'web-secret' }, {}, 'grant type'],
    [settings.client, { resource: 'https://unknown.test' }, 'resource'],
  ])('%j asking for %j', async (client, other, text) => {
    const error = await rejection(createClient({ ...settings, client }).clientCredentials(other))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toContain(text)
    expect(String(error)).not.toContain(client.secret)
  })

  test('a token survives the issuer; without one it is an outage', async () => {
    let now = Date.now()
    const client = createClient({ ...settings, now: () => now })
    const { accessToken } = await client.clientCredentials(wish)
    server.faults.set('all', { kind: 'down' })
    try {
      now += 290_000
      expect((await client.clientCredentials(wish)).accessToken).toBe(accessToken)
      expect(Outage.is(await rejection(client.clientCredentials({})))).toBe(true)
    } finally {
      server.faults.clear()
    }
  })
})

test('nothing failed inside', () => {
  expect(server.errors).toEqual([])
})
