import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createAuthorizationServer, createTokenIssuer } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp as createExpressApp } from '../../examples/express-api/app.mjs'
import { createApp as createFetchApp } from '../../examples/fetch-api/app.mjs'
import { serve } from '../../examples/fetch-api/serve.mjs'
import { createApp as createKoaApp } from '../../examples/koa-api/app.mjs'
import { createApp as createTenantsApp } from '../../examples/tenants/app.mjs'

const issuer = createTokenIssuer()
const running: Server[] = []
afterAll(() => {
  for (const server of running) server.close()
})

/** Calls a server that listens on any free port. */
async function callerOf(server: Server) {
  running.push(server)
  if (!server.listening) await once(server, 'listening')
  // A TCP server that listens has an address of this form.
  const { port } = server.address() as AddressInfo
  return async (path: string, token?: string, init: RequestInit = {}) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers })
    const type = response.headers.get('content-type') ?? ''
    const body: unknown = await (type.includes('json') ? response.json() : response.text())
    return [response.status, body]
  }
}

const orders = { of: 'user-1', orders: [1001, 1002] }

it('express-api', async () => {
  const app = createExpressApp(issuer.guardOptions)
  const call = await callerOf(app.listen(0, '127.0.0.1'))
  const token = await issuer.issueToken({ scope: 'orders:read' })
  expect(await call('/')).toEqual([200, { message: 'Everybody may read this.' }])
  expect(await call('/orders', token)).toEqual([200, orders])
  expect((await call('/orders'))[0]).toBe(401)
  expect((await call('/orders', await issuer.issueToken()))[0]).toBe(403)
  expect(await call('/greeting')).toEqual([200, { hello: 'stranger' }])
  expect(await call('/greeting', token)).toEqual([200, { hello: 'user-1' }])
  expect((await call('/greeting', `${token}x`))[0]).toBe(401)
})

it('koa-api', async () => {
  const app = createKoaApp(issuer.guardOptions)
  const call = await callerOf(app.listen(0, '127.0.0.1'))
  const reader = await issuer.issueToken({ scope: 'orders:read' })
  const writer = await issuer.issueToken({ scope: 'orders:read orders:write' })
  expect(await call('/')).toEqual([200, { message: 'Everybody may read this.' }])
  expect(await call('/orders', reader)).toEqual([200, orders])
  expect((await call('/orders'))[0]).toBe(401)
  expect((await call('/orders', reader, { method: 'POST' }))[0]).toBe(403)
  expect(await call('/orders', writer, { method: 'POST' })).toEqual([200, orders])
})

it('fetch-api', async () => {
  const call = await callerOf(serve(createFetchApp(issuer.guardOptions)).listen(0, '127.0.0.1'))
  const token = await issuer.issueToken({ scope: 'orders:read' })
  const staff = await issuer.issueToken({ groups: ['staff'] })
  expect(await call('/')).toEqual([200, { message: 'Everybody may read this.' }])
  expect(await call('/orders', token)).toEqual([200, orders])
  expect((await call('/orders', token, { method: 'POST', body: 'x' }))[0]).toBe(200)
  expect((await call('/orders'))[0]).toBe(401)
  expect((await call('/staff', token))[0]).toBe(403)
  expect((await call('/staff', staff))[0]).toBe(200)
  expect((await call('/elsewhere'))[0]).toBe(404)
})

it('tenants', async () => {
  const acme = createTokenIssuer({ issuer: 'https://acme.test' })
  const globex = createTokenIssuer({ issuer: 'https://globex.test' })
  const stranger = createTokenIssuer({ issuer: 'https://stranger.test' })
  const known = new Map(
    [acme, globex].map(({ issuer: name, audience, jwks }) => [name, { audience, trust: { jwks } }]),
  )
  const tenants = { byIssuer: async (name: string) => known.get(name) }
  const call = await callerOf(createTenantsApp({ tenants }).listen(0, '127.0.0.1'))
  const answer = (tenant: string) => [200, { tenant, of: 'user-1' }]
  expect(await call('/orders', await acme.issueToken())).toEqual(answer(acme.issuer))
  expect(await call('/orders', await globex.issueToken())).toEqual(answer(globex.issuer))
  expect((await call('/orders', await stranger.issueToken()))[0]).toBe(401)
  // The name of one tenant with the key of another.
  const forged = await globex.issueToken({ iss: acme.issuer })
  expect((await call('/orders', forged))[0]).toBe(401)
})

describe('as programs', () => {
  let authorizationServer: Awaited<ReturnType<typeof createAuthorizationServer>>
  beforeAll(async () => {
    authorizationServer = await createAuthorizationServer()
  })
  afterAll(() => authorizationServer.close())

  it.each(['express-api', 'koa-api', 'fetch-api'])('%s', async (name) => {
    const main = fileURLToPath(new URL(`../../examples/${name}/main.mjs`, import.meta.url))
    const { issuer: ISSUER } = authorizationServer
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, ISSUER, AUDIENCE: 'https://api.test', PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(15_000) })
      const token = await authorizationServer.issueToken({ scope: 'orders:read' })
      const url = `${String(line).trim()}/orders`
      const headers = { authorization: `Bearer ${token}` }
      expect((await fetch(url, { headers })).status).toBe(200)
      expect((await fetch(url)).status).toBe(401)
    } finally {
      child.kill()
      await once(child, 'exit')
    }
  })
})

it('tests of routes run under Jest too, fake timers included', async () => {
  const cwd = fileURLToPath(new URL('../../examples/testing-routes/', import.meta.url))
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--ci']
  const child = spawn(process.execPath, jest, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => (said += String(text)))
  const [code] = await once(child, 'exit')
  expect(said).toContain('2 passed, 2 total')
  expect(code).toBe(0)
}, 30_000)
