import { createServer, type ServerResponse } from 'node:http'
import { connect as connect2, createServer as createServer2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { appendHeaders } from './node.ts'

const closers: (() => unknown)[] = []
afterEach(() => closers.splice(0).forEach((close) => void close()))

const listen = async (
  route: (request: unknown, response: ServerResponse) => unknown,
): Promise<number> => {
  const server = createServer(route)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close().closeAllConnections())
  // A server that listens on a port has an address of this kind.
  return (server.address() as AddressInfo).port
}

const fieldsOf = async (port: number): Promise<Headers> => {
  const { headers } = await fetch(`http://127.0.0.1:${port}`)
  return headers
}

describe('a cookie that was appended is sent beside those', () => {
  const ours = [['Set-Cookie', 'session=1; Path=/']] as const
  const sent = async (route: (response: ServerResponse) => unknown): Promise<unknown> => {
    const port = await listen((_, response) => {
      appendHeaders(response, ours)
      route(response)
      response.end('x')
    })
    const headers = await fieldsOf(port)
    return [headers.getSetCookie(), headers.get('x-a')]
  }

  test.each<[string, (response: ServerResponse) => unknown]>([
    [
      'that a route sets in its place',
      (response) => response.setHeader('set-cookie', 'theirs=1').setHeader('X-A', '1'),
    ],
    [
      'with which it writes the head',
      (response) => response.writeHead(200, { 'X-A': '1', 'set-cookie': ['theirs=1'] }),
    ],
    [
      'with which it writes the head, and a word',
      (response) => response.writeHead(200, 'Fine', { 'X-A': '1', 'Set-Cookie': 'theirs=1' }),
    ],
    [
      'with which it writes the head as a list',
      (response) => response.writeHead(200, ['X-A', '1', 'Set-Cookie', 'theirs=1']),
    ],
  ])('%s', async (_how, route) => {
    expect(await sent(route)).toEqual([['theirs=1', 'session=1; Path=/'], '1'])
  })

  test('that middleware sets when the head is written', async () => {
    const late = (response: ServerResponse): unknown => {
      const writeHead = response.writeHead.bind(response)
      return Object.assign(response, {
        writeHead: (status: number) => writeHead(status, { 'X-A': '1', 'Set-Cookie': 'theirs=1' }),
      })
    }
    expect(await sent(late)).toEqual([['theirs=1', 'session=1; Path=/'], '1'])
  })

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['set', (response) => response.setHeader('Cache-Control', 'public, max-age=60')],
    [
      'written with the head',
      (response) => response.writeHead(200, { 'cache-control': 'public, max-age=60' }),
    ],
  ])('and what keeps it out of shared caches, whatever else was %s', async (_how, route) => {
    const port = await listen((_, response) => {
      appendHeaders(response, [...ours, ['Cache-Control', 'private']])
      route(response)
      response.end('x')
    })
    const headers = await fieldsOf(port)
    expect([headers.getSetCookie(), headers.get('cache-control')]).toEqual([
      ['session=1; Path=/'],
      'public, max-age=60, private',
    ])
  })

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['takes them off', (response) => response.removeHeader('Set-Cookie')],
    ['writes the head with none', (response) => response.writeHead(200, { 'Set-Cookie': [] })],
  ])('but not where a route %s', async (_how, route) => {
    expect(await sent(route)).toEqual([[], null])
  })

  const over = 'session=; path=/; Max-Age=0'
  test.each<[string, (response: ServerResponse) => unknown]>([
    ['sets', (response) => response.setHeader('Set-Cookie', ['theirs=1', over])],
    [
      'writes the head with',
      (response) => response.writeHead(200, { 'Set-Cookie': ['theirs=1', over] }),
    ],
  ])('nor where a route %s the same cookie, as to take it away', async (_how, route) => {
    expect(await sent(route)).toEqual([['theirs=1', over], null])
  })

  test.each([
    ['a field', { 'Set-Cookie': undefined }],
    ['the last of a list', ['X-A', '1', 'Set-Cookie']],
  ])('%s without a value is as wrong as it is without us', async (_what, fields) => {
    const wrong = new Promise<unknown>((resolve) => {
      void sent((response) => {
        try {
          // From JavaScript anything may come.
          response.writeHead(200, fields as string[])
        } catch (error) {
          resolve(error)
        }
      })
    })
    expect(await wrong).toMatchObject({ code: expect.stringMatching(/^ERR_.*INVALID/) })
  })

  test('also over HTTP/2', async () => {
    const server = createServer2((_, response) => {
      appendHeaders(response, ours)
      response.writeHead(200, { 'set-cookie': 'theirs=1' }).end('x')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    // A server that listens on a port has an address of this kind.
    const client = connect2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    closers.push(async () => {
      client.destroy()
      server.close()
    })
    const cookies = await new Promise((resolve, reject) => {
      client.on('error', reject)
      client.request().on('response', (headers) => resolve(headers['set-cookie']))
    })
    expect(cookies).toEqual(['theirs=1', 'session=1; Path=/'])
  })
})

test('a field that is there word for word is not sent twice', async () => {
  const port = await listen((_, response) => {
    response.setHeader('Cache-Control', 'private')
    appendHeaders(response, [['Cache-Control', 'private']])
    appendHeaders(response, [['Cache-Control', 'no-cache']])
    appendHeaders(response, [['Cache-Control', 'no-cache']])
    response.end()
  })
  expect((await fieldsOf(port)).get('cache-control')).toBe('private, no-cache')
})
