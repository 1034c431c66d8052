import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request as send, type IncomingMessage, type RequestListener } from 'node:http'
import express from 'express'
import Koa from 'koa'
import { afterAll, describe, expect, test } from 'vitest'
import * as onExpress from '@portcullis/express'
import * as onKoa from '@portcullis/koa'
import { createAuthorizationServer } from '@portcullis/testkit'
import { listen } from './support/app.ts'

// Both applications, 32 connections each, while the issuer rotates, withdraws and goes away.
const connections = 32
const audience = 'https://api.test'
const servers: { close: () => Promise<void> }[] = []

afterAll(async () => {
  for (const server of servers) await server.close()
})

interface Answer {
  readonly status: number
  readonly body: string
  readonly retryAfter: string | undefined
  readonly challenge: string | undefined
}

const call = (url: string, agent: Agent, token: string | undefined): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const asked = send(url, { agent, headers }, (response: IncomingMessage) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body,
          retryAfter: response.headers['retry-after'],
          challenge: response.headers['www-authenticate'],
        }),
      )
    })
    asked.on('error', reject)
    asked.end()
  })

type GuardOptions = onExpress.OneIssuer
type Host = (options: GuardOptions) => RequestListener

const hosts: readonly (readonly [string, Host])[] = [
  [
    'Express',
    (options) => {
      const app = express()
      app.set('env', 'test')
      const guard = onExpress.createGuard(options)
      app.get('/', onExpress.protect(guard, onExpress.hasScope('orders:read')), (req, res) => {
        res.send(onExpress.principal(req).client)
      })
      return app
    },
  ],
  [
    'Koa',
    (options) => {
      const app = new Koa()
      app.silent = true
      const guard = onKoa.createGuard(options)
      app.use(onKoa.protect(guard, onKoa.hasScope('orders:read')))
      app.use((ctx) => {
        ctx.body = onKoa.principal(ctx).client
      })
      return app.callback()
    },
  ],
]

/** A token, and the statuses that are right for it from now on. */
interface Sample {
  readonly token: string | undefined
  readonly right: readonly number[]
}

async function scene(host: Host) {
  const server = await createAuthorizationServer({ algorithms: [] })
  const app = await listen(
    host({ issuer: server.issuer, audience, keys: { timeout: 1, cooldown: 0.2 } }),
  )
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  servers.push(app, server)
  const wrong: unknown[] = []
  const seen = new Map<number, number>()
  let samples: readonly Sample[] = []
  const halt = new AbortController()

  const connection = async (index: number) => {
    for (let turn = index; !halt.signal.aborted; turn++) {
      const sample = samples[turn % samples.length]
      if (sample === undefined) throw new Error('there is nothing to send')
      const answer = await call(app.url, agent, sample.token)
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
      if (!fits(sample, answer)) wrong.push({ right: sample.right, answer })
    }
  }
  return {
    server,
    wrong,
    seen,
    send: (...next: readonly Sample[]) => (samples = next),
    start: () => Array.from({ length: connections }, (_, index) => connection(index)),
    stop: async (all: readonly Promise<void>[]) => {
      halt.abort()
      await Promise.all(all)
      agent.destroy()
    },
  }
}

/** An announced 503 says when to come back and accuses nobody; a 200 names the client. */
function fits({ right }: Sample, { status, body, retryAfter, challenge }: Answer): boolean {
  if (!right.includes(status)) return false
  if (status === 200) return body === 'machine' && challenge === undefined
  if (status === 503) return Number(retryAfter) >= 1 && challenge === undefined
  return challenge !== undefined && retryAfter === undefined
}

const forge = (token: string): string => `${token.slice(0, -12)}AAAAAAAAAAAA`
const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

describe.each(hosts)('%s under load', (_name, host) => {
  test('keys rotate and the issuer goes away: no wrong verdict, no 5xx but the announced 503', async () => {
    const at = await scene(host)
    const { server } = at
    const issue = (scope: string) => server.issueToken({ scope })
    const good = { token: await issue('orders:read'), right: [200] }
    const narrow = { token: await issue('orders:write'), right: [403] }
    const never = [
      { token: undefined, right: [401] },
      { token: 'not.a.token', right: [401] },
      { token: forge(good.token), right: [401] },
    ]
    at.send(good, narrow, good, ...never)
    const all = at.start()
    await delay(300)

    // New keys: whoever holds a new token gets in at once, or hears within the cool-down that he may.
    const tokens: Sample[] = [good]
    for (let round = 0; round < 3; round++) {
      await server.rotateKeys()
      const young = { token: await issue('orders:read'), right: [200] }
      tokens.push(young)
      at.send(...tokens, narrow, ...never)
      await delay(250)
    }
    expect(at.wrong).toEqual([])
    expect(at.seen.get(503)).toBeUndefined()

    // The issuer is away: known keys go on, and what only the issuer could tell is an announced 503.
    await server.rotateKeys()
    const unseen = { token: await issue('orders:read'), right: [503] }
    server.faults.set('all', { kind: 'down' })
    at.send(...tokens, unseen, narrow, ...never)
    await delay(500)
    expect(at.wrong).toEqual([])
    expect(at.seen.get(503)).toBeGreaterThan(0)

    // It comes back: the new token gets in after the next probe.
    at.send(...tokens, { ...unseen, right: [200, 503] }, narrow, ...never)
    await delay(100)
    server.faults.clear()
    await delay(2500)
    at.send(...tokens, { ...unseen, right: [200] }, narrow, ...never)
    await delay(300)
    expect(at.wrong).toEqual([])

    // A key is withdrawn: after the next fetch its tokens are refused, and no others.
    at.send(...tokens.slice(1), { ...good, right: [200, 401] }, ...never)
    await delay(100)
    await server.withdrawKey(kidOf(good.token))
    await server.rotateKeys()
    const last = { token: await issue('orders:read'), right: [200] }
    const others = [...tokens.slice(1), last]
    at.send(...others, { ...good, right: [200, 401] }, ...never)
    await delay(400)
    at.send(...others, { ...good, right: [401] }, ...never)
    await delay(300)
    await at.stop(all)

    expect(at.wrong).toEqual([])
    expect([...at.seen.keys()].toSorted((a, b) => a - b)).toEqual([200, 401, 403, 503])
    expect(at.seen.get(200)).toBeGreaterThan(200)
  })

  test('a cold start under load costs one discovery and one key set', async () => {
    const at = await scene(host)
    const good = { token: await at.server.issueToken({ scope: 'orders:read' }), right: [200] }
    at.server.requests.reset()
    at.send(good)
    const all = at.start()
    await delay(300)
    await at.stop(all)
    expect(at.wrong).toEqual([])
    expect(at.server.requests.of('discovery')).toBe(1)
    expect(at.server.requests.of('jwks')).toBe(1)
  })
})
