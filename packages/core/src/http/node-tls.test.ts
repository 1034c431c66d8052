import { connect as connect2, createSecureServer } from 'node:http2'
import { createServer, request as send } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selfSigned } from '../../../../test/e2e/support/certificate.ts'
import { fromNode, sendNode } from './node.ts'

const host = selfSigned('localhost', 1)
const client = selfSigned('client', 2)

const tls = { key: host.key, cert: host.cert, requestCert: true, rejectUnauthorized: false }
// The name of the server is not what is tested.
const trusting = { ca: host.cert, checkServerIdentity: () => undefined }
const view = {
  address: () => ({ protocol: 'https', host: 'api.test', target: '/' }),
  body: () => undefined,
}

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this kind.
  return (server.address() as AddressInfo).port
}

const hex = (certificate: Uint8Array | undefined): string =>
  certificate === undefined ? 'none' : Buffer.from(certificate).toString('hex')

const presenting = [
  [
    'of a client that has one is there, in DER',
    { cert: client.cert, key: client.key },
    hex(client.raw),
  ],
  ['of a client that has none is absent', {}, 'none'],
] as const

describe('the certificate over HTTP/1.1 and TLS', () => {
  const server = createServer(tls, (request, response) => {
    const certificate = fromNode(request, undefined, view).certificate?.()
    sendNode(response, { status: 200, headers: [], body: hex(certificate) })
  })
  let port = 0
  beforeAll(async () => {
    port = await listening(server)
  })
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })

  test.each(presenting)('%s', async (_, pair, expected) => {
    const body = await new Promise<string>((resolve, reject) => {
      send({ port, host: '127.0.0.1', agent: false, ...trusting, ...pair }, (incoming) => {
        let text = ''
        incoming.on('data', (chunk: Buffer) => (text += chunk.toString()))
        incoming.on('end', () => resolve(text))
      })
        .on('error', reject)
        .end()
    })
    expect(body).toBe(expected)
  })
})

describe('over HTTP/2 and TLS', () => {
  const server = createSecureServer(tls, (request, response) => {
    const port = fromNode(request, undefined, view)
    void port.form().then((form) => {
      sendNode(response, {
        status: 201,
        headers: [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
        ],
        body: JSON.stringify({
          method: port.method,
          certificate: hex(port.certificate?.()),
          authorization: port.header('authorization'),
          twice: port.header('x-twice'),
          absent: port.header('x-absent') ?? 'absent',
          form: [...form],
        }),
      })
    })
  })
  const opened: TLSSocket[] = []
  server.on('secureConnection', (socket: TLSSocket) => opened.push(socket))
  let port = 0
  beforeAll(async () => {
    port = await listening(server)
  })
  afterAll(() => {
    server.close()
    for (const socket of opened) socket.destroy()
  })

  const ask = (
    pair: object,
    headers: Readonly<Record<string, string | string[]>>,
    body?: string,
  ): Promise<{ readonly headers: object; readonly body: string }> =>
    new Promise((resolve, reject) => {
      const session = connect2(`https://127.0.0.1:${port}`, { ...trusting, ...pair })
      session.on('error', reject)
      const stream = session.request({ ...headers }, { endStream: body === undefined })
      let answered: object = {}
      let text = ''
      stream.on('response', (fields) => (answered = fields))
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
      stream.on('end', () => {
        session.close()
        resolve({ headers: answered, body: text })
      })
      stream.on('error', reject)
      if (body !== undefined) stream.end(body)
    })

  test.each(presenting)('the certificate %s', async (_, pair, expected) => {
    const { body } = await ask(pair, {})
    expect(JSON.parse(body)).toMatchObject({ certificate: expected })
  })

  test('method, fields and form are read as over HTTP/1.1', async () => {
    const headers = {
      ':method': 'POST',
      authorization: 'Bearer a',
      'x-twice': ['1', '2'],
      'content-type': 'application/x-www-form-urlencoded',
    }
    const { body } = await ask({}, headers, 'a=1&b=2')
    expect(JSON.parse(body)).toMatchObject({
      method: 'POST',
      authorization: 'Bearer a',
      twice: '1, 2',
      absent: 'absent',
      form: [
        ['a', '1'],
        ['b', '2'],
      ],
    })
  })

  test('a reply is sent with status and several fields of one name', async () => {
    const { headers } = await ask({}, {})
    expect(headers).toMatchObject({ ':status': 201, 'set-cookie': ['a=1', 'b=2'] })
  })

  test('a reply to HEAD has its fields and no body', async () => {
    const { headers, body } = await ask({}, { ':method': 'HEAD' })
    expect(headers).toMatchObject({ ':status': 201 })
    expect(body).toBe('')
  })
})
