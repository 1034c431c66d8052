import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  oneof,
  record,
  string as anyText,
  tuple,
} from 'fast-check'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { rawClient, requestText } from '../../../../test/support/raw-client.ts'
import { readPlainRequest } from './plain-request.ts'
import type { RawRequest } from './question.ts'

let heard: (request: RawRequest | undefined) => void
const server = createServer((request, response) => {
  request.resume().once('end', () => heard(seenOf(request)))
  response.end()
})
server.maxHeadersCount = 0
server.on('clientError', (_, socket) => {
  heard(undefined)
  socket.destroy()
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => server.closeAllConnections())
afterAll(() => void server.close())

const seenOf = ({ method, url, rawHeaders }: IncomingMessage): RawRequest => ({
  method,
  url,
  rawHeaders,
})

/** What `node:http` makes of a text; `undefined` where it is no request, or only the beginning of one. */
async function readByNode(text: string): Promise<RawRequest | undefined> {
  // A server of this kind listens on a port.
  const { port } = server.address() as AddressInfo
  const client = await rawClient({ host: '127.0.0.1', port })
  onTestFinished(() => void client.socket.destroy())
  const answer = new Promise<RawRequest | undefined>((resolve) => (heard = resolve))
  client.write(text)
  const seen = await answer
  client.socket.destroy()
  return seen
}

test.each([
  [
    'what nginx sends',
    requestText([
      ['X-Forwarded-Uri', '/orders?x=%2F'],
      ['Authorization', 'Bearer a.b.c'],
    ]),
  ],
  ['an empty field', 'GET / HTTP/1.1\r\nHost: a\r\nX-A:\r\nX-B: \r\n\r\n'],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
  ['blanks around a value', 'GET / HTTP/1.1\r\nHost:   a  \r\nX-A:b\r\n\r\n'],
  ['colons and quotes', requestText([['X-A', 'a: "b": c']], 'GET /a:b"c<d> HTTP/1.1')],
  ['a length of nothing', requestText([['Content-Length', '0']])],
  ['a connection that is kept', requestText([['connection', 'Keep-Alive']])],
  [
    'a field that comes twice',
    requestText([
      ['Cookie', 'a=1'],
      ['cookie', 'b=2'],
    ]),
  ],
  ['two thousand fields', requestText(Array.from({ length: 2000 }, () => ['a', '']))],
])('%s is read as node:http reads it', async (_, text) => {
  const read = readPlainRequest(text)
  expect(read).toBeDefined()
  expect(read).toEqual(await readByNode(text))
})

test.each([
  ['another method', requestText([], 'POST /check HTTP/1.1')],
  ['another version', requestText([], 'GET /check HTTP/1.0')],
  ['an absolute target', requestText([], 'GET http://a/ HTTP/1.1')],
  ['a target beyond ASCII', requestText([], 'GET /\xe9 HTTP/1.1')],
  ['two blanks', requestText([], 'GET  /check HTTP/1.1')],
  ['a body that is announced', requestText([['Content-Length', '1']])],
  [
    'two lengths',
    requestText([
      ['Content-Length', '0'],
      ['content-length', '0'],
    ]),
  ],
  ['a length that is no number', requestText([['Content-Length', '00']])],
  ['pieces', requestText([['Transfer-Encoding', 'chunked']])],
  ['an upgrade', requestText([['Upgrade', 'h2c']])],
  ['a connection that ends', requestText([['Connection', 'close']])],
  ['a connection of a proxy', requestText([['Proxy-Connection', 'close']])],
  ['an expectation', requestText([['Expect', '100-continue']])],
  ['a trailer', requestText([['Trailer', 'X-A']])],
  ['no Host', 'GET /check HTTP/1.1\r\nX-A: b\r\n\r\n'],
  ['two Hosts', requestText([['host', 'gateway']])],
  ['no field', 'GET /check HTTP/1.1\r\n\r\n'],
  ['a folded field', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n'],
  ['a blank before the colon', 'GET / HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n'],
  ['a name without a value', 'GET / HTTP/1.1\r\nHost: a\r\nX-A\r\n\r\n'],
  ['no name', 'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n'],
  ['a bare line feed', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\nX-B: c\r\n\r\n'],
  ['a bare carriage return', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\rX-B: c\r\n\r\n'],
  ['a zero byte', requestText([['X-A', 'a\0b']])],
  ['a tab', requestText([['X-A', 'a\tb']])],
  ['a value beyond ASCII', requestText([['X-A', 'é']])],
  ['the beginning of a request', requestText([]).slice(0, -2)],
  ['two requests', requestText([]) + requestText([])],
  ['a request and a byte', `${requestText([])}G`],
  ['a line before the request', `\r\n${requestText([])}`],
  ['16 KiB', requestText([['X-A', 'a'.repeat(16_384)]])],
  ['nothing', ''],
])('%s is left to node:http', (_, text) => {
  expect(readPlainRequest(text)).toBeUndefined()
})

const line = constantFrom(
  'GET / HTTP/1.1',
  'GET /a?b=c HTTP/1.1',
  'GET /#a HTTP/1.1',
  'HEAD / HTTP/1.1',
)
const name = constantFrom(
  'Host',
  'host',
  'X-A',
  'x_a',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'Upgrade',
  'Expect',
  'Keep-Alive',
  'Proxy-Connection',
  'TE',
  'Trailer',
  'HTTP2-Settings',
  'X A',
  '',
  'X.A',
)
const value = oneof(
  constantFrom('', '0', '5', 'chunked', 'close', 'keep-alive', 'Upgrade', 'h2c', ' a ', 'a\tb'),
  anyText({
    unit: integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 6,
  }),
  anyText({ unit: constantFrom('\r', '\n', ' ', ':', 'a'), maxLength: 5 }),
)
const texts = record({
  line,
  fields: array(tuple(name, constantFrom(':', ': ', ' :', ''), value), { maxLength: 4 }),
  hasHost: boolean(),
  end: constantFrom('\r\n', '\r\n', '\r\n', '\n', '', '\r\nG', '\r\n\r\n'),
}).map(({ line: first, fields, hasHost, end }) => {
  const host = hasHost ? 'Host: a\r\n' : ''
  return `${first}\r\n${host}${fields.map((field) => `${field.join('')}\r\n`).join('')}${end}`
})

test('whatever is read here, node:http reads alike', async () => {
  let read = 0
  await assert(
    asyncProperty(texts, async (text) => {
      const request = readPlainRequest(text)
      if (request === undefined) return
      read += 1
      expect(await readByNode(text)).toEqual(request)
    }),
    { numRuns: 5000 },
  )
  expect(read).toBeGreaterThan(100)
})

test('no text takes long to tell apart', () => {
  // In quadratic time each of these would be a second, and the test would never end.
  for (const text of [
    `GET /${'a'.repeat(16_000)}`,
    `GET / HTTP/1.1\r\n${'a'.repeat(16_000)}`,
    `GET / HTTP/1.1\r\n${'a:\r\n'.repeat(4000)}\r`,
    `GET / HTTP/1.1\r\na:${' '.repeat(16_000)}`,
  ]) {
    for (let round = 0; round < 100; round++) expect(readPlainRequest(text)).toBeUndefined()
  }
})
