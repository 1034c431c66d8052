import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Outage, Refusal, type HttpRequest, type Principal } from '@portcullis/core'
import { appendHeaders, fromNode, sendNode } from '@portcullis/core/node'
import { describe, expect, test } from 'vitest'
import { testAdapter, type AdapterUnderTest, type Setup } from '../contract.ts'
import { listenOnLoopback } from '../server/loopback.ts'
import { exchange } from './exchange.ts'

/** The joints of a small adapter for plain `node:http`, to be broken one by one. */
const sound = {
  view: (req: IncomingMessage): HttpRequest =>
    fromNode(req, req, {
      address: () => ({ protocol: 'http', host: req.headers.host, target: req.url ?? '/' }),
      body: () => undefined,
    }),
  fail: (res: ServerResponse, error: unknown) => {
    const known = Refusal.is(error) || Outage.is(error)
    res.writeHead(known ? error.status : 500, known ? error.headers : {}).end()
  },
  append: appendHeaders,
  send: sendNode,
  decide: (verdict: Awaited<ReturnType<Setup['guard']['check']>>) => verdict,
}

type Joints = typeof sound

const createAdapter = (broken: Partial<Joints> = {}): AdapterUnderTest => ({
  name: 'node:http',
  lacks: ['mounting', 'proxy', 'parsedBody', 'sendFirst', 'errorHandler', 'http2'],
  createApp: (setup) => createListener(setup, { ...sound, ...broken }),
})

function createListener({ guard, rules, answer, handler }: Setup, joints: Joints): RequestListener {
  const ruled = guard.with(...rules)
  const respond = (res: ServerResponse, principal: Principal | undefined) => {
    const required = () => principal ?? assert.fail('anonymous')
    res.end(JSON.stringify(answer({ principal: required, optionalPrincipal: () => principal })))
  }
  const serve = async (req: IncomingMessage, res: ServerResponse) => {
    const view = joints.view(req)
    const reply = await handler?.(view)
    if (reply) return joints.send(res, reply)
    if (req.url?.startsWith('/unguarded')) return respond(res, undefined)
    const verdict = joints.decide(await ruled.check(view))
    if (!verdict.granted) {
      if (verdict.reply) return joints.send(res, verdict.reply)
      throw verdict.refusal
    }
    joints.append(res, verdict.headers)
    return respond(res, verdict.principal)
  }
  return (req, res) => {
    serve(req, res).catch((error: unknown) => joints.fail(res, error))
  }
}

/** Runs the suite with a runner of a few lines, and answers with the names of the properties that fail. */
async function failing(adapter: AdapterUnderTest): Promise<readonly string[]> {
  const properties: (readonly [name: string, body: () => Promise<void>])[] = []
  testAdapter(adapter, {
    describe: (_, body) => body(),
    it: (name, body) => properties.push([name, body]),
  })
  const failed: string[] = []
  for (const [name, body] of properties) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as runners do
    await body().catch(() => failed.push(name))
  }
  expect(properties.length).toBeGreaterThan(30)
  return failed
}

test('a sound adapter has every property', async () => {
  expect(await failing(createAdapter())).toEqual([])
})

const fieldOf = (req: IncomingMessage, name: string) => req.headersDistinct[name]?.[0]
const glued = (req: IncomingMessage) => `http://${req.headers.host}${req.url}`
const everybody = { granted: true, principal: undefined, headers: [] } as const

describe('an adapter is found out that', () => {
  test.each<[flaw: string, broken: Partial<Joints>, property: RegExp]>([
    ['lets everybody in', { decide: () => everybody }, /without a credential: 401/],
    [
      'sends no challenge',
      { fail: (res, error) => res.writeHead(Refusal.is(error) ? error.status : 503).end() },
      /naming the scope/,
    ],
    [
      'takes every error for a 401',
      { fail: (res) => res.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end() },
      /a rule that throws, or rejects: 500/,
    ],
    ['drops the fields of the verdict', { append: () => {} }, /what a verdict wants sent is sent/],
    [
      'reads the first of two Authorization fields',
      { view: (req) => ({ ...sound.view(req), header: (name) => fieldOf(req, name) }) },
      /two Authorization fields/,
    ],
    [
      'believes X-Forwarded-Host',
      {
        view: (req) =>
          fromNode(req, req, {
            address: () => ({
              protocol: 'http',
              host: fieldOf(req, 'x-forwarded-host') ?? req.headers.host,
              target: req.url ?? '/',
            }),
            body: () => undefined,
          }),
      },
      /not believed unasked/,
    ],
    [
      'lets the Host reach into the path',
      { view: (req) => ({ ...sound.view(req), url: glued(req) }) },
      /the Host 'a\.test\/public\?' does not forge/,
    ],
    [
      'falls over a Host that is no name',
      { view: (req) => ({ ...sound.view(req), url: glued(req) }) },
      /the Host 'x:y' does not forge/,
    ],
    [
      'takes a target of the absolute form for a path',
      { view: (req) => ({ ...sound.view(req), url: glued(req) }) },
      /absolute form, of a\.test,/,
    ],
    [
      'loses a repeated field of a reply',
      {
        send: (res, { status, headers, body }) =>
          void res.writeHead(status, Object.fromEntries<string>(headers)).end(body ?? ''),
      },
      /a reply is sent as it is/,
    ],
    [
      'says why a token is bad',
      {
        fail: (res, error) =>
          Refusal.is(error)
            ? res.writeHead(error.status, error.headers).end(error.code)
            : sound.fail(res, error),
      },
      /not a word about why/,
    ],
  ])('%s', async (_, broken, property) => {
    const failed = await failing(createAdapter(broken))
    expect(failed.filter((name) => property.test(name))).toHaveLength(1)
  })
})

describe('the client of the suite', () => {
  test('sends repeated fields as they are given', async () => {
    const { url, close } = await listenOnLoopback((req, res) =>
      res.end(JSON.stringify(req.rawHeaders)),
    )
    const fields = [
      ['Authorization', 'one'],
      ['authorization', 'two'],
      ['Host', 'public.test'],
    ] as const
    const sent = (await exchange(url, { fields })).json()
    expect(sent).toEqual(expect.arrayContaining(['Authorization', 'one', 'authorization', 'two']))
    expect(JSON.stringify(sent).match(/host/gi)).toHaveLength(1)
    await close()
  })

  test('gives up on a response that does not end, and says so', async () => {
    const { url, close } = await listenOnLoopback((_, res) => void res.write('early'))
    const received = await exchange(url, { patience: 50 })
    expect([received.status, received.text, received.complete]).toEqual([200, 'early', false])
    await close()
  })

  test('rejects where nobody listens', async () => {
    await expect(exchange('http://127.0.0.1:1', {})).rejects.toThrow('ECONNREFUSED')
  })
})
