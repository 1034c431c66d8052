import { createServer, IncomingMessage, request as ask } from 'node:http'
import {
  connect,
  createServer as createServer2,
  type Http2ServerRequest,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { Socket, type AddressInfo, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { Refusal } from '../errors/refusal.ts'
import { bodyOf, formOf, jsonOf, type NodeBody } from './node-body.ts'

const closers: (() => void)[] = []
afterEach(() => closers.splice(0).forEach((close) => close()))

const portOf = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  // A server that listens on a port has an address of this kind.
  return (server.address() as AddressInfo).port
}

interface Posted {
  readonly body?: string
  readonly headers?: OutgoingHttpHeaders
}

type Look<Request> = (request: Request) => unknown

// What a look at a received request comes to.
const receive = (look: Look<IncomingMessage>, { body, headers = {} }: Posted): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      Promise.resolve(request)
        .then(look)
        .then(resolve, reject)
        .finally(() => response.end())
    })
    portOf(server).then((port) => {
      const options = { port, host: '127.0.0.1', method: 'POST', agent: false, headers }
      const outgoing = ask(options, (incoming) => incoming.resume())
      outgoing.on('error', reject).end(body)
    }, reject)
  })

const receive2 = (look: Look<Http2ServerRequest>, body?: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const server = createServer2((request, response) => {
      Promise.resolve(request)
        .then(look)
        .then(resolve, reject)
        .finally(() => response.end())
    })
    portOf(server).then((port) => {
      const client = connect(`http://127.0.0.1:${port}`)
      closers.unshift(() => client.destroy())
      const sent = client.request({ ':method': 'POST' }, { endStream: body === undefined })
      if (body !== undefined) sent.end(body)
    }, reject)
  })

const formIn = async (request: NodeBody, parsed: unknown) => [
  ...formOf(await bodyOf(request, parsed)),
]
const jsonIn = async (request: NodeBody, parsed: unknown) => jsonOf(await bodyOf(request, parsed))
const chunked = { 'transfer-encoding': 'chunked' }

describe('an empty object where the body was left alone', () => {
  test.each([
    ['as an object', {}],
    ['without a prototype', Object.create(null) as object],
  ])('%s hides no body', async (_how, parsed) => {
    const posted = { body: 'a=1' }
    expect(await receive((request) => formIn(request, parsed), posted)).toEqual([['a', '1']])
    const json = { body: '{"a":1}' }
    expect(await receive((request) => jsonIn(request, parsed), json)).toEqual({ a: 1 })
  })

  test('hides none whose length nobody announced, nor one in HTTP/2', async () => {
    const look = (request: NodeBody) => formIn(request, {})
    expect(await receive(look, { body: 'a=1', headers: chunked })).toEqual([['a', '1']])
    expect(await receive2(look, 'a=1')).toEqual([['a', '1']])
  })

  test('hides none that has arrived long before somebody asks', async () => {
    const late = async (request: IncomingMessage) => {
      while (!request.complete) await new Promise(setImmediate)
      return formIn(request, {})
    }
    expect(await receive(late, { body: 'a=1' })).toEqual([['a', '1']])
  })

  test('lets every guard before a route see the same form', async () => {
    const twice = async (request: IncomingMessage) => [
      await formIn(request, {}),
      await formIn(request, {}),
    ]
    expect(await receive(twice, { body: 'a=1' })).toEqual([[['a', '1']], [['a', '1']]])
  })

  test('opens no way around the bound, and the log is told which check it was', async () => {
    const refused = (request: IncomingMessage) =>
      formIn(request, {}).catch((error: unknown) => Refusal.is(error) && error.trail)
    expect(await receive(refused, { body: 'a'.repeat(65_537) })).toEqual({ check: 'body' })
  })
})

describe('an empty object stays what the host says the body is', () => {
  const json = (request: NodeBody) => jsonIn(request, {})

  test.each([
    ['there is none', {}],
    ['its length is 0', { headers: { 'content-length': 0 } }],
  ])('where %s', async (_why, posted: Posted) => {
    expect(await receive(json, posted)).toEqual({})
  })

  test('where there is none in HTTP/2', async () => {
    expect(await receive2(json)).toEqual({})
  })

  test.each(['{}', ''])('where somebody has read it: %j', async (body) => {
    const parsed = async (request: IncomingMessage) => {
      await text(request)
      return jsonIn(request, {})
    }
    expect(await receive(parsed, { body, headers: chunked })).toEqual({})
  })

  // Whoever reads from one of these waits for ever.
  test.each([
    ['an unconnected socket', new Socket()],
    ['what passes for a socket', { remoteAddress: '127.0.0.1' }],
    ['no socket', null],
  ])('where the request was made up around %s', async (_what, socket) => {
    // Type definitions do not know what tests and serverless hosts put there.
    const made = new IncomingMessage(socket as Socket)
    Object.assign(made, { method: 'POST', headers: { 'content-length': '2' } })
    expect(await json(made)).toEqual({})
  })

  test('where the request is no stream at all', async () => {
    const made = { headers: { 'content-length': '2' } } as unknown as IncomingMessage
    expect(await json(made)).toEqual({})
  })
})

test('a request that a serverless host hands over whole is read', async () => {
  const made = new IncomingMessage(new Socket())
  Object.assign(made, { complete: true, headers: { 'content-length': '3' } })
  made.push('a=1')
  made.push(null)
  expect(await formIn(made, {})).toEqual([['a', '1']])
})

test.each([
  ['no bytes', Buffer.alloc(0)],
  ['no text', ''],
  ['an empty list', []],
  ['something of a parser’s own', new Map()],
])('%s is what the host has parsed, whatever is in the request', async (_what, parsed) => {
  expect(await receive((request) => formIn(request, parsed), { body: 'a=1' })).toEqual([])
})
