import {
  createServer,
  request as send,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createGuard } from '../guard/create.ts'
import { readAccessToken } from '../guard/token.ts'
import { Refusal } from '../errors/refusal.ts'
import { appendHeaders, fromNode, sendNode } from './node.ts'
import type { HttpRequest } from './request.ts'

const closers: (() => Promise<unknown>)[] = []

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

type Route = (request: IncomingMessage, response: ServerResponse) => unknown

// A failing route answers 500 with its message, so that a test sees what it was.
const listen = async (route: Route): Promise<number> => {
  const server = createServer((request, response) => {
    Promise.resolve()
      .then(() => route(request, response))
      .catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  // A server that listens on a port has an address of this kind.
  return (server.address() as AddressInfo).port
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

const ask = (port: number, options: RequestOptions = {}, body?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = send({ port, host: '127.0.0.1', agent: false, ...options }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const { statusCode: status = 0, headers } = incoming
        resolve({ status, headers, body: Buffer.concat(chunks).toString() })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })

const plain = {
  address: () => ({ protocol: 'https', host: 'api.test', target: '/' }),
  body: () => undefined,
}
const formType = { 'content-type': 'application/x-www-form-urlencoded' }

// Answers with what the port makes of the request.
const viewing = (look: (request: HttpRequest) => unknown, body?: unknown): Promise<number> =>
  listen(async (request, response) => {
    const seen = await look(fromNode(request, undefined, { ...plain, body: () => body }))
    response.end(JSON.stringify(seen))
  })

describe('a view of a Node request', () => {
  test('has the method, and what the host makes of the URL, computed when it is read', async () => {
    const address = vi.fn((host: { readonly name: string }) => ({
      protocol: 'https',
      host: host.name,
      target: '/orders?a=1',
    }))
    const port = await listen((request, response) => {
      const view = fromNode(request, { name: 'api.test' }, { address, body: () => undefined })
      response.end(JSON.stringify([address.mock.calls.length, view.method, view.url]))
    })
    const { body } = await ask(port, { method: 'PATCH' })
    expect(JSON.parse(body)).toEqual([0, 'PATCH', 'https://api.test/orders?a=1'])
  })

  test.each([
    ['api.test', '/admin', 'https://api.test/admin'],
    ['api.test:8443', '/admin?a=1', 'https://api.test:8443/admin?a=1'],
    ['[::1]:8443', '/admin', 'https://[::1]:8443/admin'],
    ['client.test, proxy.test', '/admin', 'https://client.test/admin'],
    ['api.test/public?', '/admin', 'https://unknown.invalid/admin'],
    ['api.test#', '/admin', 'https://unknown.invalid/admin'],
    ['user@evil.test', '/admin', 'https://unknown.invalid/admin'],
    ['x:y', '/admin', 'https://unknown.invalid/admin'],
    ['a:99999', '/admin', 'https://unknown.invalid/admin'],
    [undefined, '/admin', 'https://unknown.invalid/admin'],
    ['api.test', 'http://evil.test/admin', 'https://api.test/admin'],
    ['api.test', '*', 'https://api.test/*'],
    ['api.test', '/admin/../public', 'https://api.test/admin/%252E%252E/public'],
    ['api.test', '/admin/%2e%2E/public', 'https://api.test/admin/%252E%252E/public'],
    ['api.test', '/admin/./..', 'https://api.test/admin/%252E/%252E%252E'],
    ['api.test', '/admin/..\\public', 'https://api.test/admin/..%5Cpublic'],
    ['api.test', '/a..b/...?x=/../y?z', 'https://api.test/a..b/...?x=/../y?z'],
  ])('keeps host (%s) and target (%s) in their places', async (host, target, url) => {
    const view = { address: () => ({ protocol: 'https', host, target }), body: () => undefined }
    const port = await listen((request, response) =>
      response.end(fromNode(request, undefined, view).url),
    )
    const { body } = await ask(port, {})
    expect(body).toBe(url)
    expect(new URL(body).href).toBe(url)
  })

  test('takes no protocol from a client but the two there are', async () => {
    const address = () => ({ protocol: 'javascript:alert(1)//', host: 'api.test', target: '/' })
    const port = await listen((request, response) =>
      response.end(fromNode(request, undefined, { address, body: () => undefined }).url),
    )
    expect((await ask(port, {})).body).toBe('http://api.test/')
  })

  test('reads the parsed fields of a request that was made up, not received', () => {
    const made = { rawHeaders: [], headers: { authorization: 'Bearer a', via: ['a', 'b'] } }
    const view = fromNode(made as unknown as IncomingMessage, undefined, plain)
    expect([view.header('authorization'), view.header('via'), view.header('x-none')]).toEqual([
      'Bearer a',
      'a, b',
      undefined,
    ])
  })

  test('of a message without a method takes it for a GET', () => {
    // What a client receives is an IncomingMessage too, and has none.
    const bare = { rawHeaders: [] } as unknown as IncomingMessage
    expect(fromNode(bare, undefined, plain).method).toBe('GET')
  })

  test('has the fields by their lower-case names, and undefined for those that are not there', async () => {
    const port = await viewing((request) => [
      request.header('x-one'),
      request.header('x-two') ?? 'absent',
      request.header('x-empty'),
    ])
    const { body } = await ask(port, { headers: { 'X-ONE': 'One', 'x-empty': '' } })
    expect(JSON.parse(body)).toEqual(['One', 'absent', ''])
  })

  test('does not take a field for another whose name begins alike', async () => {
    const port = await viewing((request) => request.header('authorization') ?? 'absent')
    const headers = { 'authorization-x': 'a', 'x-authorization': 'b', authorizatiom: 'c' }
    expect(JSON.parse((await ask(port, { headers })).body)).toBe('absent')
  })

  test('shows a repeated Authorization field, of which Node itself drops the second', async () => {
    const port = await listen((request, response) => {
      const seen = fromNode(request, undefined, plain).header('authorization')
      response.end(JSON.stringify([request.headers.authorization, seen]))
    })
    const headers = ['Host', 'a', 'Authorization', 'Bearer a', 'authorization', 'Bearer b']
    // Node takes a flat list of names and values for a request too; the types do not know yet.
    const { body } = await ask(port, { headers: headers as unknown as Record<string, string> })
    expect(JSON.parse(body)).toEqual(['Bearer a', 'Bearer a, Bearer b'])
  })

  test('shows the same field three times as three values', async () => {
    const port = await viewing((request) => request.header('x-a'))
    const { body } = await ask(port, { headers: { 'x-a': ['1', '2', '1'] } })
    expect(JSON.parse(body)).toBe('1, 2, 1')
  })

  test('has no certificate without TLS', async () => {
    const port = await viewing((request) => request.certificate?.() ?? 'none')
    expect(JSON.parse((await ask(port)).body)).toBe('none')
  })
})

describe('a form', () => {
  const post = (port: number, body: string) =>
    ask(port, { method: 'POST', headers: formType }, body)
  const all = async (request: HttpRequest) => [...(await request.form())]

  test('is read from the body', async () => {
    const port = await viewing(all)
    const { body } = await post(port, 'a=1&a=2&b=x+y%26z')
    expect(JSON.parse(body)).toEqual([
      ['a', '1'],
      ['a', '2'],
      ['b', 'x y&z'],
    ])
  })

  test('is read by characters, however the bytes were cut', async () => {
    const port = await viewing(all)
    const outgoing = 'a=%C3%BC&b=ü€'
    expect(JSON.parse((await post(port, outgoing)).body)).toEqual([
      ['a', 'ü'],
      ['b', 'ü€'],
    ])
  })

  test('is read once for all guards before a route', async () => {
    const port = await listen(async (request, response) => {
      const [first, second] = [
        fromNode(request, undefined, plain),
        fromNode(request, undefined, plain),
      ]
      const forms = await Promise.all([first.form(), second.form()])
      const later = await fromNode(request, undefined, plain).form()
      response.end(JSON.stringify([...forms, later].map((form) => form.get('a'))))
    })
    expect(JSON.parse((await post(port, 'a=1')).body)).toEqual(['1', '1', '1'])
  })

  test.each([
    [
      'an object',
      { a: '1', b: ['2', '3'], n: 4, o: { p: 'q' }, z: null },
      [
        ['a', '1'],
        ['b', '2'],
        ['b', '3'],
      ],
    ],
    [
      'a text',
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
  ])('that the host has parsed is taken from there: %s', async (_, parsed, fields) => {
    const port = await viewing(all, parsed)
    expect(JSON.parse((await post(port, 'a=from-the-body')).body)).toEqual(fields)
  })

  test('that the host has read as bytes is taken from there', async () => {
    const port = await viewing(all, Buffer.from('a=1'))
    expect(JSON.parse((await post(port, 'a=from-the-body')).body)).toEqual([['a', '1']])
  })

  test.each([undefined, null, false])(
    'that the host has not parsed (%s) is read',
    async (parsed) => {
      const port = await viewing(all, parsed)
      expect(JSON.parse((await post(port, 'a=1')).body)).toEqual([['a', '1']])
    },
  )

  test('may have 64 KiB', async () => {
    const port = await viewing(async (request) => (await request.form()).get('a')?.length)
    expect((await post(port, `a=${'x'.repeat(64 * 1024 - 2)}`)).body).toBe(String(64 * 1024 - 2))
  })

  test.each([
    ['a little', 64 * 1024],
    ['a lot, and still on its way', 8 * 1024 * 1024],
  ])('that is larger (%s) is refused, with an answer that arrives', async (_, size) => {
    const verifier = {
      verify: () => readAccessToken({}, {}, { issuer: 'https://id.test', expiresAt: 1 }, []),
    }
    const guard = createGuard({ verifier, form: true })
    const port = await listen(async (request, response) => {
      const verdict = await guard.check(fromNode(request, undefined, plain))
      if (verdict.granted) return response.end('granted')
      const { status, headers, code, reason } = verdict.refusal
      return response.writeHead(status, headers).end(`${code}: ${reason}`)
    })
    const answer = await post(port, `access_token=${'x'.repeat(size)}`)
    expect(answer).toMatchObject({
      status: 400,
      headers: { 'www-authenticate': 'Bearer error="invalid_request"' },
      body: 'malformed_credential: The body is larger than 65536 bytes.',
    })
  })

  test('that is larger is answered while it is still on its way', async () => {
    const port = await listen(async (request, response) => {
      const refused = await fromNode(request, undefined, plain)
        .form()
        .catch((error: unknown) => error)
      response.statusCode = Refusal.is(refused) ? refused.status : 500
      response.end()
    })
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', reject).on('close', () => resolve('closed without an answer'))
      socket.once('data', (data) => resolve(data.toString().slice(0, 12)))
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n')
      socket.write('x'.repeat(100_000))
    })
    expect(answer).toBe('HTTP/1.1 400')
  })

  test('that is larger is refused for every guard that asks', async () => {
    const port = await listen(async (request, response) => {
      const asked = [1, 2].map(() => fromNode(request, undefined, plain).form())
      const refused = await Promise.allSettled(asked)
      response.end(
        JSON.stringify(refused.map((one) => one.status === 'rejected' && Refusal.is(one.reason))),
      )
    })
    expect(JSON.parse((await post(port, 'x'.repeat(70_000))).body)).toEqual([true, true])
  })

  test('whose client goes away is a bad request, and no failure of ours', async () => {
    const outcome = new Promise<unknown>((resolve) => {
      void listen((request) => {
        fromNode(request, undefined, plain).form().then(resolve, resolve)
      }).then((port) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\na=1', () =>
            setTimeout(() => socket.destroy(), 20),
          )
        })
      })
    })
    const error = await outcome
    expect(error).toMatchObject({ code: 'malformed_credential', status: 400 })
    expect(Refusal.is(error)).toBe(true)
  })
})

describe('a JSON body', () => {
  const post = async (port: number, body: string) =>
    JSON.parse((await ask(port, { method: 'POST' }, body)).body) as unknown
  const read = (request: HttpRequest) => request.json?.()

  test('is read, also after somebody has asked for a form', async () => {
    const port = await viewing(async (request) => [await request.form(), await read(request)][1])
    expect(await post(port, '{"a":"x+y"}')).toEqual({ a: 'x+y' })
  })

  test.each([
    ['an object', { a: 1 }],
    ['a text', '{"a":1}'],
    ['bytes', Buffer.from('{"a":1}')],
  ])('that the host has parsed or read is taken from there: %s', async (_, parsed) => {
    const port = await viewing(read, parsed)
    expect(await post(port, '{"a":"from-the-body"}')).toEqual({ a: 1 })
  })
})

describe('a reply', () => {
  const sending = (reply: Parameters<typeof sendNode>[1]) =>
    listen((_, response) => sendNode(response, reply))

  test('is sent with status, fields and body', async () => {
    const port = await sending({ status: 418, headers: [['X-A', '1']], body: 'short and stout' })
    expect(await ask(port)).toMatchObject({
      status: 418,
      headers: { 'x-a': '1' },
      body: 'short and stout',
    })
  })

  test('without a body is sent without one', async () => {
    const port = await sending({ status: 303, headers: [['Location', '/x']] })
    expect(await ask(port)).toMatchObject({ status: 303, headers: { location: '/x' }, body: '' })
  })

  test('keeps several Set-Cookie fields apart', async () => {
    const headers = [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2; Expires=Thu, 01 Jan 1970'],
    ] as const
    const port = await sending({ status: 200, headers })
    expect((await ask(port)).headers['set-cookie']).toEqual([
      'a=1',
      'b=2; Expires=Thu, 01 Jan 1970',
    ])
  })

  test('to HEAD has the fields and no body', async () => {
    const port = await sending({ status: 200, headers: [['X-A', '1']], body: 'long' })
    expect(await ask(port, { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'x-a': '1' },
      body: '',
    })
  })
})

test('fields that are appended leave those that are there already', async () => {
  const port = await listen((_, response) => {
    response.setHeader('Set-Cookie', 'mine=1')
    response.setHeader('Vary', 'Accept')
    appendHeaders(response, [
      ['Set-Cookie', 'yours=2'],
      ['X-A', '1'],
      ['Vary', 'Cookie'],
    ])
    response.end()
  })
  const { headers } = await ask(port)
  expect(headers['set-cookie']).toEqual(['mine=1', 'yours=2'])
  expect(headers['x-a']).toBe('1')
  expect(headers['vary']).toBe('Accept, Cookie')
})

test('a cookie that is appended again is sent once, and those of others stay as they are', async () => {
  const port = await listen((_, response) => {
    response.setHeader('Set-Cookie', ['session=theirs; Path=/shop', 'lang=en; Path=/'])
    appendHeaders(response, [
      ['Set-Cookie', 'session=1; Path=/'],
      ['Set-Cookie', 'session=elsewhere; Path=/; Domain=example.test'],
      ['X-A', '1'],
    ])
    appendHeaders(response, [['X-A', '2']])
    appendHeaders(response, [['Set-Cookie', 'session=2; Path=/']])
    appendHeaders(response, [['Set-Cookie', 'session=3; Path=/']])
    response.end()
  })
  const { headers } = await ask(port)
  expect(headers['set-cookie']).toEqual([
    'session=theirs; Path=/shop',
    'lang=en; Path=/',
    'session=elsewhere; Path=/; Domain=example.test',
    'session=3; Path=/',
  ])
  expect(headers['x-a']).toBe('1, 2')
})

test('a cookie that was appended can be taken back, and no other', async () => {
  const set = (...cookies: string[]) =>
    cookies.map((one) => ['Set-Cookie', `${one}; Path=/`] as const)
  const address = () => ({ protocol: 'http', host: undefined, target: '/' })
  const port = await listen((request, response) => {
    response.setHeader('Set-Cookie', ['session=theirs; Path=/shop', 'lang=en; Path=/'])
    const view = { address, body: () => undefined, response: () => response }
    const lent = fromNode(request, undefined, view).response
    lent?.append(set('session=1', 'tried=1'))
    lent?.takeBack?.(set('session=', 'lang='))
    response.end()
  })
  const { headers } = await ask(port)
  const left = ['session=theirs; Path=/shop', 'lang=en; Path=/', 'tried=1; Path=/']
  expect(headers['set-cookie']).toEqual(left)
})
