import express, { type ErrorRequestHandler } from 'express'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createGuard,
  createIssuer,
  Outage,
  principal,
  protect,
  type Guard,
  type GuardEvent,
  type KeyOptions,
} from '@portcullis/express'
import { createAuthorizationServer, createClock, type Clock, type Fault } from '@portcullis/testkit'
import { call, listen, type RunningApp } from './support/app.ts'

const server = await createAuthorizationServer({
  algorithms: [],
  resources: { 'https://api.test': { scopes: ['orders:read'], lifetime: 200_000 } },
})
const audience = 'https://api.test'

interface Scene extends RunningApp {
  readonly clock: Clock
  readonly guard: Guard
  readonly events: GuardEvent[]
  readonly outages: Outage[]
}
const running: Scene[] = []

/** An API of its own with a guard that knows nothing yet, and a clock that the test turns. */
async function scene(keys: KeyOptions = {}, more: object = {}, env = 'test'): Promise<Scene> {
  const clock = createClock()
  const events: GuardEvent[] = []
  const outages: Outage[] = []
  const guard = createGuard({
    issuer: server.issuer,
    audience,
    keys: { timeout: 0.4, ...keys },
    cache: false,
    now: clock.now,
    observe: (event) => {
      events.push(event)
      if (event.type === 'outage') outages.push(event.outage)
    },
    ...more,
  })
  const app = express()
  // Express answers errors by itself; in the environment 'test' without its log.
  app.set('env', env)
  app.get('/orders', protect(guard), (req, res) => void res.send(principal(req).client))
  const made = { ...(await listen(app)), clock, guard, events, outages }
  running.push(made)
  return made
}
const orders = ({ url }: Scene, token?: string) => call(`${url}/orders`, token)

let token = ''
beforeEach(async () => {
  token = await server.issueToken({ scope: 'orders:read' })
  server.requests.reset()
})
afterEach(async () => {
  server.faults.clear()
  server.setHeaders('jwks', {})
  for (const app of running.splice(0)) await app.close()
})
afterAll(() => server.close())

const granted = { status: 200, body: 'machine', challenge: null }
const outage = { status: 503, challenge: null, retryAfter: expect.stringMatching(/^[1-9]\d*$/) }

const faults: readonly (readonly [string, Fault])[] = [
  ['down', { kind: 'down' }],
  ['hanging', { kind: 'hang' }],
  ['stalling in its answer', { kind: 'stall' }],
  ['too slow', { kind: 'slow', seconds: 3 }],
  ['answering 500', { kind: 'status', status: 500 }],
  ['answering 503', { kind: 'status', status: 503 }],
  ['answering 429', { kind: 'status', status: 429 }],
  ['answering 404', { kind: 'status', status: 404 }],
  [
    'sending elsewhere',
    { kind: 'status', status: 302, headers: { location: 'http://127.0.0.2:1/' } },
  ],
  ['answering HTML', { kind: 'garbage', as: 'html' }],
  ['answering the wrong JSON', { kind: 'garbage', as: 'wrong-json' }],
  ['answering half a JSON', { kind: 'garbage', as: 'broken-json' }],
  ['answering nothing', { kind: 'garbage', as: 'empty' }],
  ['breaking off', { kind: 'garbage', as: 'truncated' }],
  ['answering 8 MB', { kind: 'garbage', as: 'huge' }],
  ['answering a gzip bomb', { kind: 'garbage', as: 'gzip-bomb' }],
]

describe.each(faults)('an issuer that is %s', (_what, fault) => {
  test.each(['discovery', 'jwks', 'all'] as const)(
    'at %s, before a key is known: 503 with Retry-After, never 401, and 200 once it is well',
    async (where) => {
      const app = await scene()
      server.faults.set(where, fault)
      const seen = await orders(app, token)
      expect(seen).toMatchObject(outage)
      expect(seen.milliseconds).toBeLessThan(3000)
      expect(await orders(app, token)).toMatchObject(outage)
      expect(app.outages[0]).toMatchObject({ status: 503 })
      expect(app.outages[0]?.message).toContain(server.url)
      expect(app.guard.health().ok).toBe(false)
      server.faults.clear()
      app.clock.advance(30)
      expect(await orders(app, token)).toMatchObject(granted)
      expect(app.guard.health().ok).toBe(true)
    },
  )

  test('after its keys are known: nobody notices, for as long as staleFor', async () => {
    const app = await scene()
    expect(await orders(app, token)).toMatchObject(granted)
    server.faults.set('all', fault)
    app.clock.advance(700)
    for (let request = 0; request < 3; request++) {
      expect(await orders(app, token)).toMatchObject(granted)
      app.clock.advance(40)
    }
    expect(app.guard.health()).toMatchObject({ ok: true, issuers: [{ status: 'stale' }] })
    app.clock.advance(86_400)
    expect(await orders(app, token)).toMatchObject(outage)
    expect(app.guard.health()).toMatchObject({ ok: false, issuers: [{ status: 'down' }] })
    server.faults.clear()
    app.clock.advance(30)
    expect(await orders(app, token)).toMatchObject(granted)
  })
})

describe('while the issuer is down', () => {
  test('what can be told without it is told: no credential, a bad token, an old one', async () => {
    const app = await scene()
    server.faults.set('all', { kind: 'down' })
    expect(await orders(app)).toMatchObject({ status: 401, challenge: 'Bearer' })
    const invalid = { status: 401, challenge: expect.stringContaining('error="invalid_token"') }
    expect(await orders(app, 'not.a.token')).toMatchObject(invalid)
    app.clock.advance(200_100)
    expect(await orders(app, token)).toMatchObject(invalid)
    expect(server.requests.total()).toBe(0)
    expect(app.outages).toEqual([])
  })

  test('probes grow rare: a second, two, four, and nobody waits in between', async () => {
    const app = await scene()
    server.faults.set('discovery', { kind: 'hang' })
    const counts: number[] = []
    for (let second = 0; second < 8; second++) {
      await orders(app, token)
      const between = await orders(app, token)
      expect(between).toMatchObject(outage)
      expect(between.milliseconds).toBeLessThan(300)
      counts.push(server.requests.of('discovery'))
      app.clock.advance(1)
    }
    expect(counts).toEqual([1, 2, 2, 3, 3, 3, 3, 4])
  })

  test('Retry-After says when the next probe is due', async () => {
    const app = await scene()
    server.faults.set('discovery', { kind: 'status', status: 500 })
    for (const wait of [1, 2, 4, 8]) {
      await orders(app, token)
      expect(await orders(app, token)).toMatchObject({ retryAfter: String(wait) })
      app.clock.advance(wait)
    }
  })

  test('50 who come at once cost one probe and hear of it together', async () => {
    const app = await scene()
    server.faults.set('all', { kind: 'hang' })
    const all = await Promise.all(Array.from({ length: 50 }, () => orders(app, token)))
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([503]))
    expect(server.requests.total()).toBe(1)
  })

  test('with staleFor 0 nothing is served past its time', async () => {
    const app = await scene({ staleFor: 0 })
    expect(await orders(app, token)).toMatchObject(granted)
    server.faults.set('all', { kind: 'down' })
    app.clock.advance(599)
    expect(await orders(app, token)).toMatchObject(granted)
    app.clock.advance(60)
    expect(await orders(app, token)).toMatchObject(outage)
  })

  test('a new key is a 503: nobody can tell whether it is the issuer’s', async () => {
    const app = await scene()
    expect(await orders(app, token)).toMatchObject(granted)
    await server.rotateKeys()
    const young = await server.issueToken({ scope: 'orders:read' })
    server.faults.set('all', { kind: 'down' })
    expect(await orders(app, young)).toMatchObject(outage)
    expect(await orders(app, token)).toMatchObject(granted)
    server.faults.clear()
    app.clock.advance(30)
    expect(await orders(app, young)).toMatchObject(granted)
  })

  test('the client learns nothing about where and why', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const app = await scene({}, {}, 'production')
    server.faults.set('all', { kind: 'down' })
    const { body } = await orders(app, token)
    expect(body).toContain('Service Unavailable')
    expect(body).not.toMatch(/127\.0\.0\.1|ECONN|portcullis|issuer/i)
    await expect.poll(() => log.mock.calls.join()).toContain(server.url)
    log.mockRestore()
  })

  test('an error handler of one’s own sees the Outage, and every decision is observed', async () => {
    const app = await scene()
    const own = express()
    const seen: unknown[] = []
    const handle: ErrorRequestHandler = (error, _req, res, _next) => {
      seen.push(error)
      res.status(Outage.is(error) ? error.status : 500).json({ trouble: true })
    }
    own.get('/orders', protect(app.guard), (_req, res) => void res.end())
    own.use(handle)
    const behind = await listen(own)
    server.faults.set('all', { kind: 'down' })
    expect(await call(`${behind.url}/orders`, token)).toMatchObject({ status: 503 })
    expect(seen).toMatchObject([{ code: 'issuer_unreachable', phase: 'connect', expose: false }])
    expect(app.events.map(({ type }) => type)).toEqual(['outage'])
    await behind.close()
  })
})

describe('slow, but not too slow', () => {
  test('the first waits, and those after it do not', async () => {
    const app = await scene({ timeout: 5 })
    server.faults.set('jwks', { kind: 'slow', seconds: 0.3 })
    const first = await orders(app, token)
    expect(first).toMatchObject(granted)
    expect(first.milliseconds).toBeGreaterThan(250)
    server.faults.set('jwks', { kind: 'hang' })
    app.clock.advance(400)
    const later = await orders(app, token)
    expect(later).toMatchObject(granted)
    expect(later.milliseconds).toBeLessThan(250)
  })
})

describe('rotation and withdrawal', () => {
  test('a new key works at once, and the old one beside it', async () => {
    const app = await scene()
    expect(await orders(app, token)).toMatchObject(granted)
    await server.rotateKeys()
    const young = await server.issueToken({ scope: 'orders:read' })
    expect(await orders(app, young)).toMatchObject(granted)
    expect(await orders(app, token)).toMatchObject(granted)
    expect(server.requests.of('jwks')).toBe(2)
  })

  test('a withdrawn key is refused after the next fetch, cached verdicts included', async () => {
    const app = await scene({}, { cache: { maxAge: 86_400 } })
    expect(await orders(app, token)).toMatchObject(granted)
    const { kid } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
    await server.withdrawKey(kid)
    await server.rotateKeys()
    expect(await orders(app, token)).toMatchObject(granted)
    const young = await server.issueToken({ scope: 'orders:read' })
    expect(await orders(app, young)).toMatchObject(granted)
    expect(await orders(app, token)).toMatchObject({
      status: 401,
      challenge: expect.stringContaining('error="invalid_token"'),
    })
  })

  test('the issuer’s Cache-Control decides when keys are renewed', async () => {
    server.setHeaders('jwks', { 'Cache-Control': 'max-age=120' })
    const app = await scene()
    await orders(app, token)
    app.clock.advance(59)
    await orders(app, token)
    expect(server.requests.of('jwks')).toBe(1)
    app.clock.advance(1)
    await orders(app, token)
    await expect.poll(() => server.requests.of('jwks')).toBe(2)
  })
})

describe('clocks that differ', () => {
  test('by less than the tolerance nobody notices; by more it is a 401, never a 503', async () => {
    const app = await scene()
    app.clock.advance(-4)
    expect(await orders(app, token)).toMatchObject(granted)
    app.clock.advance(-60)
    expect(await orders(app, token)).toMatchObject({ status: 401 })
    const last = app.events.at(-1)
    expect(last).toMatchObject({ type: 'refused', refusal: { code: 'token_not_yet_valid' } })
    expect(app.outages).toEqual([])
  })

  test('a clock that jumps a year ahead ends tokens, and renews keys', async () => {
    const app = await scene()
    expect(await orders(app, token)).toMatchObject(granted)
    app.clock.advance(365 * 86_400)
    expect(await orders(app, token)).toMatchObject({ status: 401 })
    expect(app.events.at(-1)).toMatchObject({ refusal: { code: 'token_expired' } })
  })
})

test('a snapshot lets a process start while its issuer is down', async () => {
  const first = await scene()
  await first.guard.prewarm()
  const snapshot = await createIssuer({ issuer: server.issuer }).snapshot()
  server.faults.set('all', { kind: 'down' })
  const app = await scene({}, { snapshot: JSON.parse(JSON.stringify(snapshot)) })
  expect(await orders(app, token)).toMatchObject(granted)
  expect(await orders(await scene(), token)).toMatchObject(outage)
})

test('metadata that name another issuer are an outage, whoever sends them', async () => {
  const app = await scene()
  const body = JSON.stringify({ issuer: 'https://evil.test', jwks_uri: `${server.url}/jwks` })
  server.faults.set('discovery', { kind: 'status', status: 200, body })
  expect(await orders(app, token)).toMatchObject(outage)
  expect(app.outages).toMatchObject([{ code: 'issuer_invalid', phase: 'content' }])
  expect(server.requests.of('jwks')).toBe(0)
})
