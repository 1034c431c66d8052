import { Agent, request as send } from 'node:http'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { createGuard, hasScope } from '@portcullis/core'
import { createTokenIssuer } from '@portcullis/testkit'
import {
  allowed,
  challenge,
  forwardedText as asked,
  forwardedWith,
  identity,
  refused,
  unavailable,
  type Fields,
} from '../../../../test/support/gateway-question.ts'
import { rawClient, requestText } from '../../../../test/support/raw-client.ts'
import type { Answer } from '../check/answer.ts'
import type { Check } from '../check/check.ts'
import { refusedBy } from '../check/conclude.ts'
import { requestOf } from '../check/request.ts'
import { createForwardAuth } from '../dialects/forward-auth.ts'
import { createNginx } from '../dialects/nginx.ts'
import { listenHttp, type HttpListenerOptions, type Listener } from './http.ts'

const open: Listener[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close(0)))
})

async function listen(check: Check, more: Partial<HttpListenerOptions> = {}) {
  const listener = await listenHttp({
    dialect: createNginx(),
    check,
    address: { tcp: '127.0.0.1:0' },
    ...more,
  })
  open.push(listener)
  return listener
}

const portOf = ({ address }: Listener): number => ('port' in address ? address.port : 0)
const connectTo = (listener: Listener) => rawClient({ host: '127.0.0.1', port: portOf(listener) })

/** Writes a request and gives what comes until the connection ends. */
async function lastWords(listener: Listener, text: string): Promise<string> {
  const client = await connectTo(listener)
  client.write(text)
  return client.all
}

const statusLines = (text: string): readonly string[] => text.match(/^HTTP\/1\.1 \d+/gm) ?? []

test('relays what was asked to the check, and its answer to the gateway', async () => {
  const seen: unknown[] = []
  const listener = await listen((inquiry) => {
    seen.push(inquiry.method, inquiry.target, inquiry.header('authorization'))
    return allowed({ identity })
  })
  const text = await lastWords(
    listener,
    asked([
      ['Authorization', 'Bearer t'],
      ['Connection', 'close'],
    ]),
  )
  expect(seen).toEqual(['GET', '/orders?x=1', 'Bearer t'])
  expect(text).toMatch(/^HTTP\/1\.1 204 No Content\r\n/)
  expect(text).toContain('\r\nAuthorization: Bearer internal\r\nX-Auth-Subject: alice\r\n')
  expect(text).toMatch(/\r\nX-Auth-Scope: ?\r\n/)
  expect(text).not.toMatch(/content-length|transfer-encoding|etag/i)
})

const outcomes: Readonly<Record<string, () => ReturnType<Check>>> = {
  allowed: () => allowed({ identity }),
  bare: () => allowed(),
  'allowed later': () => Promise.resolve(allowed()),
  400: () => refused(400),
  401: () => refused(401, [challenge]),
  '401 later': () => Promise.resolve(refused(401)),
  403: () => refused(403),
  503: () => unavailable(),
  'a mistake': () => {
    throw new Error('a mistake')
  },
  'a mistake later': () => Promise.reject(new Error('a mistake')),
}

describe.each([createNginx(), createForwardAuth()])('$name', (dialect) => {
  test('keeps one connection for 1,000 requests, whatever the answers', async () => {
    const kinds = Object.values(outcomes)
    let count = 0
    const listener = await listen(() => kinds[count++ % kinds.length]?.() ?? unavailable(), {
      dialect,
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const ports = new Set<number | undefined>()
    for (let round = 0; round < 1000; round++) {
      await new Promise<void>((resolve, reject) => {
        const headers = round % 20 === 19 ? {} : Object.fromEntries(forwardedWith())
        const options = { host: '127.0.0.1', port: portOf(listener), agent, headers }
        const request = send(options, (response) => {
          ports.add(response.socket.localPort)
          response.resume().once('end', resolve)
        })
        request.once('error', reject).end()
      })
    }
    expect(count).toBe(950)
    expect(ports.size).toBe(1)
  })
})

test('answers pipelined requests in their order', async () => {
  const waiting: (() => void)[] = []
  const listener = await listen(({ method }) => {
    if (method === 'GET') return allowed()
    return new Promise((resolve) => waiting.push(() => resolve(refused(401))))
  })
  const client = await connectTo(listener)
  const slow = requestText(forwardedWith({ 'X-Forwarded-Method': 'PUT' }))
  client.write(slow + asked() + asked([], 'GET /x HTTP/1.1') + slow)
  await expect.poll(() => waiting.length).toBe(2)
  for (const go of waiting) go()
  const text = await client.until(/401[^]*204[^]*204[^]*401/)
  expect(statusLines(text)).toEqual(['401', '204', '204', '401'].map((code) => `HTTP/1.1 ${code}`))
  client.socket.destroy()
})

test('refuses a body at once, without waiting for it, and ends the connection', async () => {
  let isAsked = false
  const listener = await listen(() => {
    isAsked = true
    return allowed()
  })
  for (const announced of [
    [['Content-Length', '10']],
    [['Transfer-Encoding', 'chunked']],
    [
      ['Content-Length', '10'],
      ['Expect', '100-continue'],
    ],
  ] as const) {
    const text = await lastWords(listener, asked(announced, 'POST /check HTTP/1.1'))
    expect(statusLines(text)).toEqual(['HTTP/1.1 403'])
    expect(text).toContain('X-Portcullis-Status: 400')
    expect(text).toMatch(/\r\nConnection: close\r\n/i)
  }
  expect(isAsked).toBe(false)
})

test('a request hidden in a body is never read', async () => {
  const listener = await listen(() => allowed())
  const hidden = asked()
  const text = await lastWords(
    listener,
    asked([['Content-Length', String(hidden.length)]], 'POST /check HTTP/1.1') + hidden,
  )
  expect(statusLines(text)).toEqual(['HTTP/1.1 403'])
})

test.each<[string, string]>([
  [
    'two lengths',
    asked([
      ['Content-Length', '0'],
      ['Content-Length', '5'],
    ]),
  ],
  [
    'a length and pieces',
    asked([
      ['Content-Length', '5'],
      ['Transfer-Encoding', 'chunked'],
    ]),
  ],
  ['no Host', 'GET /check HTTP/1.1\r\n\r\n'],
  ['a folded field', `GET /check HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n`],
  ['a blank before the colon', 'GET /check HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n'],
  ['a bare line feed', 'GET /check HTTP/1.1\r\nHost: a\r\nX-A: b\nX-B: c\r\n\r\n'],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\r\n\r\n'],
])('%s is answered 4xx, and the connection ended', async (_, text) => {
  const listener = await listen(() => allowed())
  const [line, ...more] = statusLines(await lastWords(listener, text))
  expect(line).toMatch(/^HTTP\/1\.1 40[03]$/)
  expect(more).toEqual([])
})

test('fields of more than 32 KiB are answered 431', async () => {
  const listener = await listen(() => allowed())
  const text = await lastWords(listener, asked([['X-Long', 'x'.repeat(33 * 1024)]]))
  expect(statusLines(text)).toEqual(['HTTP/1.1 431'])
})

test('no field is overlooked because of how many there are', async () => {
  const listener = await listen(() => allowed())
  const many = Array.from({ length: 4000 }, (): [string, string] => ['a', '1'])
  const hidden: Fields = [...many, ['X-Original-URI', '/'], ['Connection', 'close']]
  const text = await lastWords(listener, asked(hidden))
  expect(statusLines(text)).toEqual(['HTTP/1.1 403'])
})

test('an upgrade is checked like any request, and never made', async () => {
  const listener = await listen(() => allowed())
  const upgrade: Fields = [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
  ]
  const client = await connectTo(listener)
  client.write(asked(upgrade))
  expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 204/)
  client.socket.destroy()
})

test('CONNECT is refused', async () => {
  const listener = await listen(() => allowed())
  expect(await lastWords(listener, asked([], 'CONNECT a.example:443 HTTP/1.1'))).not.toMatch(
    / 2\d\d /,
  )
})

test('two Authorization fields reach the guard, which refuses them', async () => {
  const issuer = createTokenIssuer()
  const guard = createGuard(issuer.guardOptions).with(hasScope('a'))
  const check: Check = async (inquiry) => {
    const verdict = await guard.check(requestOf(inquiry, []))
    return verdict.granted ? allowed() : refusedBy(undefined, verdict.refusal)
  }
  const answers: Answer[] = []
  const listener = await listen(check, {
    dialect: createForwardAuth(),
    onAnswer: (answer) => answers.push(answer),
  })
  const bearer = ['Authorization', `Bearer ${await issuer.issueToken({ scope: 'a' })}`] as const
  const close = ['Connection', 'close'] as const
  const once = await lastWords(listener, asked([bearer, close]))
  const twice = await lastWords(listener, asked([bearer, bearer, close]))
  expect([...statusLines(once), ...statusLines(twice)]).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400'])
  expect(answers.map((answer) => ('code' in answer ? answer.code : answer.outcome))).toEqual([
    'allowed',
    'credential_repeated',
  ])
})

test('a mistake of the program is a 503, never a 2xx', async () => {
  const answers: Answer[] = []
  const onAnswer = (answer: Answer): unknown => answers.push(answer)
  const close = asked([['Connection', 'close']])
  const splitting = allowed({ identity: [['X-Auth-Subject', 'a\r\nX-Admin: 1']] })
  for (const check of [outcomes['a mistake'], outcomes['a mistake later'], () => splitting]) {
    const listener = await listen(() => check?.() ?? allowed(), { onAnswer })
    const text = await lastWords(listener, close)
    expect(text).toMatch(/^HTTP\/1\.1 503/)
    expect(text).toContain('Retry-After: 1')
    expect(text).not.toContain('X-Admin')
  }
  expect(answers.map(({ outcome }) => outcome)).toEqual(Array(3).fill('unavailable'))
})

test('tells what was answered, to what, and how long it took', async () => {
  const seen: unknown[] = []
  let time = 0
  const listener = await listen(() => allowed(), {
    now: () => (time += 250),
    onAnswer: (answer, inquiry, seconds) => seen.push([answer.outcome, inquiry?.target, seconds]),
  })
  await lastWords(listener, asked([['Connection', 'close']]))
  await lastWords(listener, requestText([['Connection', 'close']]))
  expect(seen).toEqual([
    ['allowed', '/orders?x=1', 0.25],
    ['refused', undefined, 0.25],
  ])
})

test('a log that fails fails alone', async () => {
  const listener = await listen(() => allowed(), {
    onAnswer: () => {
      throw new Error('disk full')
    },
  })
  const client = await connectTo(listener)
  client.write(asked() + asked())
  expect(statusLines(await client.until(/204[^]*204/))).toHaveLength(2)
  client.socket.destroy()
})

test('addresses that are no peers are turned away before they are heard', async () => {
  let strangers = 0
  const check: Check = () => allowed()
  const listener = await listen(check, {
    peers: ['127.0.0.9'],
    onStranger: () => strangers++,
  })
  expect(await lastWords(listener, asked())).toBe('')
  expect(strangers).toBe(1)
  const friend = await rawClient({
    host: '127.0.0.1',
    port: portOf(listener),
    localAddress: '127.0.0.9',
  })
  friend.write(asked([['Connection', 'close']]))
  expect(await friend.all).toMatch(/^HTTP\/1\.1 204/)
  expect(strangers).toBe(1)
})

test('an address that is taken is an error', async () => {
  const first = await listen(() => allowed())
  const address = { tcp: `127.0.0.1:${portOf(first)}` }
  await expect(listen(() => allowed(), { address })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
