import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAdmin } from './admin.ts'

let server: Server
let url: string
let reasons: readonly string[]

beforeEach(async () => {
  reasons = []
  server = createAdmin({
    readiness: () => ({ ready: reasons.length === 0, reasons }),
    metrics: () =>
      reasons.includes('broken') ? Promise.reject(new Error('a secret')) : Promise.resolve('a 1\n'),
    config: () => ({ realm: 'x' }),
    handler: ({ url: asked }) =>
      Promise.resolve(
        new URL(asked).pathname === '/jwks'
          ? { status: 200, headers: [['Content-Type', 'application/json']], body: '{"keys":[]}' }
          : undefined,
      ),
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // It listens on a port.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => void server.close())

const get = async (path: string, init?: RequestInit) => {
  const response = await fetch(url + path, init)
  const { status, headers } = response
  return { status, headers, text: await response.text() }
}

test('tells whether it lives and is ready, and why not', async () => {
  expect((await get('/livez')).status).toBe(200)
  expect(await get('/readyz')).toMatchObject({ status: 200, text: '{"ready":true,"reasons":[]}\n' })
  reasons = ['draining']
  expect(await get('/readyz?x')).toMatchObject({
    status: 503,
    text: '{"ready":false,"reasons":["draining"]}\n',
  })
  expect((await get('/livez')).status).toBe(200)
})

test('serves metrics in the type that Prometheus wants, and the configuration', async () => {
  const metrics = await get('/metrics')
  expect(metrics.text).toBe('a 1\n')
  expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  expect(metrics.headers.get('cache-control')).toBe('no-store')
  expect((await get('/config')).text).toBe('{"realm":"x"}\n')
})

test('serves the keys of the internal token, and nothing else', async () => {
  expect(await get('/jwks')).toMatchObject({ status: 200, text: '{"keys":[]}' })
  expect((await get('/check')).status).toBe(404)
  expect((await get('/metrics', { method: 'POST' })).status).toBe(405)
  expect(await get('/livez', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
})

test('says nothing of what fails inside', async () => {
  reasons = ['broken']
  expect(await get('/metrics')).toMatchObject({ status: 500, text: '{"error":"internal_error"}\n' })
})
