import { Writable } from 'node:stream'
import { ConfigurationError, type HttpRequest } from '@portcullis/core'
import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { GatewayConfig } from './config/config.ts'
import { createGateway, type Gateway } from './create.ts'

const audience = 'https://api.test'
let server: AuthorizationServer
let token = ''
let gateway: Gateway
let log = ''
const output = () =>
  new Writable({
    write: (chunk, _, done) => {
      log += String(chunk)
      done()
    },
  })

beforeAll(async () => {
  server = await createAuthorizationServer({ resources: { [audience]: { scopes: ['a'] } } })
  token = await server.issueToken({ scope: 'a', resource: audience })
})
afterEach(() => gateway.close())
afterAll(() => server.close())

const config = (more: Partial<GatewayConfig> = {}): GatewayConfig => ({
  listen: [{ dialect: 'forward-auth', tcp: '127.0.0.1:0' }],
  admin: { tcp: '127.0.0.1:0' },
  issuers: [{ id: 'main', issuer: server.issuer, audience }],
  routes: [{ id: 'a', path: '/a', rules: { scopes: ['a'] } }],
  ...more,
})

const create = (more: Partial<GatewayConfig> = {}): Gateway => {
  log = ''
  gateway = createGateway(config(more), { output: output() })
  return gateway
}

const fields = (authorization?: string): Record<string, string> => ({
  'x-forwarded-method': 'GET',
  'x-forwarded-uri': '/a',
  'x-forwarded-host': 'api.test',
  'x-forwarded-proto': 'https',
  ...(authorization !== undefined && { authorization }),
})

test('listens on every address, and answers there', async () => {
  create()
  const [on] = await gateway.listen()
  const response = await fetch(`http://${on?.address}/`, { headers: fields(`Bearer ${token}`) })
  expect([on?.dialect, response.status]).toEqual(['forward-auth', 200])
  const ready = await fetch(`http://${gateway.adminAddress}/readyz`)
  expect([ready.status, gateway.health().ok]).toEqual([200, true])
})

test('answers as a handler of another server, counted under its dialect', async () => {
  create()
  const handler = gateway.handler('nginx')
  const headers = fields()
  const request: HttpRequest = {
    method: 'GET',
    url: 'http://gateway.internal/check',
    header: (name) => headers[name],
    form: () => Promise.resolve(new URLSearchParams()),
  }
  expect((await handler(request))?.status).toBe(401)
  const labels = 'route="a",dialect="nginx",reason="no_credential",outcome="refused"'
  expect(await gateway.metrics()).toContain(`portcullis_decisions_total{${labels}} 1`)
})

test('takes over another configuration as a whole, or none of it', async () => {
  create()
  const [on] = await gateway.listen()
  const ask = async () =>
    (await fetch(`http://${on?.address}/`, { headers: fields(`Bearer ${token}`) })).status
  await gateway.reload(config({ routes: [{ path: '/other' }] }))
  expect(await ask()).toBe(403)
  // Wrong on purpose.
  const broken = config({ routes: [{ path: 'no-slash' }] })
  await expect(gateway.reload(broken)).rejects.toThrow(ConfigurationError)
  const unreachable = { id: 'main', issuer: 'http://127.0.0.1:1', audience }
  await expect(gateway.reload(config({ issuers: [unreachable] }))).rejects.toThrow('metadata')
  expect(await ask()).toBe(403)
  await gateway.reload(config())
  expect(await ask()).toBe(200)
  expect(await gateway.metrics()).toContain('portcullis_config_reload_failures_total 2')
})

test('says what is wrong with a configuration at once', () => {
  create()
  expect(() => createGateway(config({ routes: [{ path: 'no-slash' }] }))).toThrow('routes[0].path')
})

test('answers while it drains, is not ready, and then takes nobody any more', async () => {
  create({ drain: { delay: 0.1, grace: 1 } })
  const [on] = await gateway.listen()
  const drained = gateway.drain()
  expect(gateway.health().reasons).toEqual(['draining'])
  const during = await fetch(`http://${on?.address}/`, { headers: fields() })
  expect(during.status).toBe(401)
  await drained
  await expect(fetch(`http://${on?.address}/`, { headers: fields() })).rejects.toThrow(
    'fetch failed',
  )
  expect(log).toContain('"event":"drained"')
})

test('logs refusals and outages unless it is told otherwise, and never the token', async () => {
  for (const level of ['none', 'refusals', 'all'] as const) {
    create({ log: level })
    // oxlint-disable-next-line no-await-in-loop -- each has a log of its own
    const [on] = await gateway.listen()
    for (const authorization of [`Bearer ${token}`, `Bearer ${token}x`]) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await fetch(`http://${on?.address}/`, { headers: fields(authorization) })
    }
    // oxlint-disable-next-line no-await-in-loop -- flushes the log
    await gateway.close()
    const outcomes = [...log.matchAll(/"outcome":"(\w+)"/g)].map(([, outcome]) => outcome)
    const wanted = { none: [], refusals: ['refused'], all: ['allowed', 'refused'] }
    expect(outcomes).toEqual(wanted[level])
    expect(log).not.toContain(token.slice(0, 20))
  }
})

test('counts a handler’s questions that cannot be read', async () => {
  create()
  const reply = await gateway.handler('nginx')({
    method: 'GET',
    url: 'http://gateway.internal/check',
    header: () => undefined,
    form: () => Promise.resolve(new URLSearchParams()),
  })
  expect(reply?.status).toBe(403)
  const labels = 'route="none",dialect="nginx",reason="inquiry_malformed",outcome="refused"'
  expect(await gateway.metrics()).toContain(`portcullis_decisions_total{${labels}} 1`)
  expect(await gateway.metrics()).toContain('portcullis_decision_seconds_count{dialect="nginx"} 1')
})

test('tells how old keys are, and how many connections it turned away', async () => {
  create({ listen: [{ dialect: 'forward-auth', tcp: '127.0.0.1:0', peers: ['10.0.0.0/8'] }] })
  await gateway.prewarm()
  const [on] = await gateway.listen()
  await expect(fetch(`http://${on?.address}/`)).rejects.toThrow('fetch failed')
  const text = await gateway.metrics()
  expect(text).toMatch(new RegExp(`portcullis_jwks_age_seconds\\{issuer="${server.issuer}"\\} \\d`))
  expect(text).toMatch(/portcullis_strangers_total [1-9]/)
})

test('an option that it does not know is a mistake that shows at once', () => {
  create()
  const wrong = (options: object) => () => createGateway(config(), options)
  expect(wrong({ constraint: [] })).toThrow('did you mean constraints?')
  expect(wrong({ rules: { mine: true } })).toThrow('gateway.rules')
  expect(wrong({ output: 'stdout' })).toThrow('gateway.output')
})

test('takes configurations over one after the other, the last for good', async () => {
  const slow = await createAuthorizationServer()
  create()
  slow.faults.set('all', { kind: 'slow', seconds: 0.1 })
  const first = gateway.reload(
    config({ issuers: [{ id: 'slow', issuer: slow.issuer, audience }], routes: [{ path: '/1' }] }),
  )
  await gateway.reload(config({ routes: [{ path: '/2', allow: 'anonymous' }] }))
  await first
  const answer = await gateway.check({
    method: 'GET',
    scheme: 'https',
    host: 'api.test',
    target: '/2',
    header: () => undefined,
  })
  expect(answer.outcome).toBe('allowed')
  await slow.close()
})

test('answers as a handler behind the prefix that Envoy puts before paths', async () => {
  create()
  const headers: Record<string, string> = { host: 'api.test', authorization: `Bearer ${token}` }
  const ask = (url: string) =>
    gateway.handler('envoy-http', { pathPrefix: '/check' })({
      method: 'GET',
      url,
      header: (name) => headers[name],
      form: () => Promise.resolve(new URLSearchParams()),
    })
  expect((await ask('http://gateway.internal/check/a'))?.status).toBe(200)
  expect((await ask('http://gateway.internal/check/b'))?.status).toBe(403)
})
