import { request as send } from 'node:http'
import { createServer, type Server } from 'node:net'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createBrowser } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBinary } from '../support/binaries.ts'
import { startDemo, type RunningDemo } from './start-demo.ts'

// `node examples/demo/main.mjs` runs the built packages: `npm test` builds them first.

const post = (demo: RunningDemo, path: string, body: unknown) =>
  fetch(demo.url('Page') + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

/** A status as the client sees it, and the code that the guard noted. */
const outcomes = (status: number, code?: string, challenge?: string) => ({
  status,
  code,
  challenge,
})

const open = outcomes(200)
const bad = (code: string) => {
  const refused = outcomes(401, code, 'Bearer error="invalid_token"')
  return { '/public': open, '/greeting': refused, '/orders': refused, '/admin': refused }
}
const lacking = (scope: string) =>
  outcomes(403, 'scope_missing', `Bearer error="insufficient_scope", scope="${scope}"`)
const nothing = outcomes(401, 'no_credential', 'Bearer')

const table = {
  reader: { '/public': open, '/greeting': open, '/orders': open, '/admin': lacking('admin') },
  admin: { '/public': open, '/greeting': open, '/orders': open, '/admin': open },
  none: { '/public': open, '/greeting': open, '/orders': nothing, '/admin': nothing },
  'under-scoped': {
    '/public': open,
    '/greeting': open,
    '/orders': lacking('orders:read'),
    '/admin': lacking('admin'),
  },
  expired: bad('token_expired'),
  foreign: bad('token_issuer_unknown'),
  'other-audience': bad('token_audience_refused'),
  tampered: bad('token_signature_invalid'),
}

describe('the demo', () => {
  let demo: RunningDemo
  beforeAll(async () => {
    demo = await startDemo()
  })
  afterAll(() => demo.end('SIGTERM'))

  it('offers the tokens, routes and APIs that are walked below', async () => {
    const setup = await (await fetch(`${demo.url('Page')}/setup`)).json()
    expect(setup.kinds.map(({ kind }: { kind: string }) => kind)).toEqual(Object.keys(table))
    expect(setup.routes.map(({ path }: { path: string }) => path)).toEqual(
      Object.keys(table.reader),
    )
    expect(setup.apis).toEqual([
      { name: 'Express', url: demo.url('Express API') },
      { name: 'Koa', url: demo.url('Koa API') },
    ])
    expect(setup.webs).toEqual([
      { name: 'Express', url: demo.url('Express web app') },
      { name: 'Koa', url: demo.url('Koa web app') },
    ])
  })

  it.each(Object.entries(table))('shows both sides of every call: %s', async (kind, wanted) => {
    expect((await post(demo, '/token', { kind })).status).toBe(200)
    for (const api of ['Express', 'Koa']) {
      const found = await Promise.all(
        Object.keys(wanted).map(async (path) => {
          const { response, decision } = await (
            await post(demo, '/call', { api, path, kind })
          ).json()
          expect(decision.verdict === 'refused').toBe(response.status >= 400)
          expect(String(decision.reason).startsWith('The ')).toBe(response.status >= 400)
          return [path, outcomes(response.status, decision.code, response.challenge)]
        }),
      )
      expect(Object.fromEntries(found)).toEqual(wanted)
    }
  })

  it('shows tokens without their signature', async () => {
    const token = await (await post(demo, '/token', { kind: 'reader' })).json()
    expect(token.payload.scope).toBe('orders:read')
    expect(token.masked).toContain('signature hidden')
    const call = await post(demo, '/call', { api: 'Koa', path: '/orders', kind: 'reader' })
    expect(JSON.stringify([token, await call.json()])).not.toMatch(/[\w-]+\.[\w-]+\.[\w-]{40,}/)
    expect(demo.output()).not.toMatch(/[\w-]+\.[\w-]+\.[\w-]{40,}/)
  })

  it.each([
    ['', 'app.js'],
    ['/flows.html', 'flows.js'],
  ])('serves its page %s without anything from elsewhere', async (path, script) => {
    const page = await fetch(demo.url('Page') + path)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await page.text()
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '')
    expect(files).toEqual(expect.arrayContaining(['style.css', script]))
    const answers = await Promise.all(files.map((file) => fetch(`${demo.url('Page')}/${file}`)))
    expect(answers.map(({ status }) => status)).toEqual(files.map(() => 200))
  })

  it('answers its own page only', async () => {
    expect((await post(demo, '/token', { kind: 'unheard-of' })).status).toBe(400)
    expect((await post(demo, '/call', { api: 'Koa', path: '/elsewhere' })).status).toBe(400)
    expect((await fetch(`${demo.url('Page')}/main.mjs`)).status).toBe(404)
    expect((await fetch(`${demo.url('Page')}//`)).status).toBe(404)
    const form = await fetch(`${demo.url('Page')}/token`, { method: 'POST', body: '{}' })
    expect(form.status).toBe(400)
    expect(await statusFor(demo.url('Page'), 'rebound.example')).toBe(421)
    const entrance = `${demo.url('Page')}/flows/code/login`
    expect(await statusFor(entrance, 'rebound.example')).toBe(421)
  })

  it.skipIf(findBinary('curl') === undefined)('prints curl lines that work', async () => {
    const lines = /(TOKEN=\$\(curl[\s\S]+?)\n\nCtrl-C/.exec(demo.output())?.[1] ?? ''
    const { stdout } = await promisify(execFile)('sh', ['-c', lines])
    const statuses = [...stdout.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    expect(statuses).toEqual(['200', '403', '401'])
  })
})

// fetch() does not let anybody choose the Host field.
const statusFor = (url: string, host: string) =>
  new Promise((resolve, reject) => {
    const asked = send(url, { headers: { host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    asked.once('error', reject).end()
  })

describe('the demo as a process', () => {
  const occupied: Server[] = []
  afterAll(() => Promise.all(occupied.map((server) => new Promise((done) => server.close(done)))))

  it.each(['SIGINT', 'SIGTERM'] as const)('ends cleanly with %s', async (signal) => {
    const demo = await startDemo()
    // An open connection, as a browser leaves it.
    await (await fetch(demo.url('Page'))).text()
    // A flow that waits for somebody.
    await post(demo, '/flows/start', { flow: 'direct-push', user: 'alice' })
    expect(await demo.end(signal)).toEqual({ code: 0, signal: null })
    expect(demo.output()).toContain('Stopped.')
    await expect(fetch(demo.url('Page'))).rejects.toThrow('fetch failed')
  })

  it('says that ports are taken, and takes others', async () => {
    const ports = [4000, 4001, 4002, 4003, 4004, 4005, 4006]
    occupied.push(...(await Promise.all(ports.map(occupy))).flatMap((server) => server ?? []))
    const demo = await startDemo()
    try {
      for (const port of ports) expect(demo.output()).toContain(`Port ${port} is taken`)
      const call = await post(demo, '/call', { api: 'Express', path: '/orders', kind: 'reader' })
      expect((await call.json()).response.status).toBe(200)
      const page = await createBrowser().open(`${demo.url('Koa web app')}/account`)
      expect(page.url).toContain(demo.url('Authorization server'))
      const { org } = await (await fetch(`${demo.url('Page')}/flows`)).json()
      expect(org).toBe(demo.url('Okta emulator'))
    } finally {
      await demo.end('SIGTERM')
    }
  })
})

/** Takes a port, unless somebody has it already. */
const occupy = (port: number) =>
  new Promise<Server | undefined>((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
