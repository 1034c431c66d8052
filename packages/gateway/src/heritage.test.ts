import { Writable } from 'node:stream'
import { isPromise } from '@portcullis/core'
import { createClock, createTokenIssuer } from '@portcullis/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bearer, inquiryOf, issuerUrl, mainIssuer } from '../../../test/support/gateway-world.ts'
import type { Answer } from './check/answer.ts'
import type { GatewayConfig, IssuerConfig } from './config/config.ts'
import { createEngine, type Engine } from './operate/engine.ts'
import { createLineLog } from './operate/log.ts'

const other: IssuerConfig = { ...mainIssuer, id: 'other', issuer: 'https://other.test' }
const clock = createClock(1_800_000_000_000)
const tokens = createTokenIssuer({ issuer: issuerUrl, algorithm: 'ES256', now: clock.now })
const down = new Set<string>()
let asked: string[]
let engine: Engine
let token: string

const fetchFromIssuer: typeof fetch = (input) => {
  const { origin, pathname } = new URL(new Request(input).url)
  asked.push(`${origin}${pathname}`)
  if (down.has(origin)) return Promise.reject(new TypeError('fetch failed'))
  if (pathname === '/keys') return Promise.resolve(Response.json(tokens.jwks))
  return Promise.resolve(Response.json({ issuer: origin, jwks_uri: `${origin}/keys` }))
}

const config = (more: Partial<GatewayConfig> = {}): GatewayConfig => ({
  listen: [{ dialect: 'nginx', tcp: '127.0.0.1:0' }],
  issuers: [mainIssuer],
  routes: [{ path: '/old' }],
  ...more,
})

const equipment = { fetch: fetchFromIssuer, now: clock.now }
const silent = createLineLog({ stream: new Writable({ write: (_chunk, _, done) => done() }) })
const begin = (more: Partial<GatewayConfig> = {}): void => {
  engine = createEngine(config(more), equipment, silent)
}
const reload = (more: Partial<GatewayConfig>): Promise<void> =>
  engine.reload(config(more), equipment)
const check = (target: string): Answer | Promise<Answer> =>
  engine.check(inquiryOf({ target, fields: bearer(token) }))

beforeEach(async () => {
  asked = []
  down.clear()
  token = await tokens.issueToken()
})
afterEach(() => engine.close())

test('new routes are taken over while an issuer is down, whose keys and verified tokens stay', async () => {
  begin()
  await engine.prewarm()
  await check('/old')
  down.add(issuerUrl)
  asked = []
  await reload({ routes: [{ path: '/new' }] })
  expect(await check('/old')).toMatchObject({ code: 'route_unknown' })
  const answer = check('/new')
  // Verified before the reload, and remembered.
  expect(isPromise(answer)).toBe(false)
  expect(answer).toMatchObject({ outcome: 'allowed' })
  expect(asked).toEqual([])
})

test('an issuer that was never reached does not keep the rest from changing', async () => {
  down.add(issuerUrl)
  begin()
  await reload({ routes: [{ path: '/new' }] })
  expect(await check('/new')).toMatchObject({ outcome: 'unavailable' })
})

test('an issuer that is new must be reached; until then all goes on as it was', async () => {
  begin()
  await engine.prewarm()
  down.add(other.issuer)
  const more = { issuers: [mainIssuer, other], routes: [{ path: '/new' }] }
  await expect(reload(more)).rejects.toMatchObject({ name: 'Outage' })
  expect(await check('/old')).toMatchObject({ outcome: 'allowed' })
  down.clear()
  asked = []
  // At once: that it failed a moment ago is forgotten with the attempt.
  await reload(more)
  expect(asked.every((address) => address.startsWith(other.issuer))).toBe(true)
  expect(await check('/new')).toMatchObject({ outcome: 'allowed' })
})

test('an issuer that no route had asked for is new when one does', async () => {
  const issuers = [mainIssuer, other]
  begin({ issuers, routes: [{ path: '/old', issuers: ['main'] }] })
  await engine.prewarm()
  down.add(other.issuer)
  await expect(reload({ issuers, routes: [{ path: '/new' }] })).rejects.toThrow('other.test')
})

test('other demands on an issuer hold from now on, and its keys are still known', async () => {
  begin()
  await engine.prewarm()
  expect(await check('/old')).toMatchObject({ outcome: 'allowed' })
  down.add(issuerUrl)
  await reload({ issuers: [{ ...mainIssuer, audience: 'https://else.test' }] })
  expect(await check('/old')).toMatchObject({ code: 'token_audience_refused' })
  await reload({ issuers: [{ ...mainIssuer, timeout: 1 }] })
  expect(await check('/old')).toMatchObject({ outcome: 'allowed' })
})

test('keys that are kept do not outlive what the new configuration allows', async () => {
  begin()
  await engine.prewarm()
  down.add(issuerUrl)
  clock.advance(3601)
  token = await tokens.issueToken()
  const strict = { issuers: [{ ...mainIssuer, maxStale: 0 }] }
  await expect(reload(strict)).rejects.toMatchObject({ name: 'Outage' })
  expect(await check('/old')).toMatchObject({ outcome: 'allowed' })
})

test('keys that may have come over an insecure way are not kept where that is forbidden now', async () => {
  begin({ issuers: [{ ...mainIssuer, allowInsecureIssuer: true }] })
  await engine.prewarm()
  down.add(issuerUrl)
  await expect(reload({})).rejects.toMatchObject({ name: 'Outage' })
})

test('an issuer that is named no more is trusted no more', async () => {
  begin({ issuers: [mainIssuer, other] })
  await engine.prewarm()
  expect(await check('/old')).toMatchObject({ outcome: 'allowed' })
  await reload({ issuers: [other] })
  expect(await check('/old')).toMatchObject({ code: 'token_issuer_unknown' })
})

test('Redis that is down stops no change that is not about it', async () => {
  const redis = { url: 'redis://127.0.0.1:1', use: ['revocations'] } as const
  begin({ redis, deadline: 1 })
  await expect(engine.prewarm()).rejects.toMatchObject({ name: 'Outage' })
  await reload({ redis, deadline: 1, routes: [{ path: '/new' }] })
  expect(await check('/old')).toMatchObject({ code: 'route_unknown' })
  const moved = { ...redis, prefix: 'other' }
  await expect(reload({ redis: moved, deadline: 1 })).rejects.toMatchObject({ name: 'Outage' })
})
