import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTokenIssuer, type TokenIssuer } from '@portcullis/testkit'
import {
  createLoginClient,
  type LoginClient,
  type ClientParts,
} from '../../../packages/core/src/client/client.ts'
import { createIssuer } from '../../../packages/core/src/issuer/create.ts'
import { createSignedReader } from '../../../packages/core/src/standards/jwt/signed.ts'

/** A request as it came over the socket. */
export interface Asked {
  readonly path: string
  readonly query: string
  readonly method: string
  readonly headers: IncomingMessage['headers']
  readonly form: URLSearchParams
}

/** An answer: JSON unless it is text. `undefined` never answers. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Endpoints {
  readonly url: string
  readonly asked: readonly Asked[]
  readonly last: () => Asked
  readonly answer: (path: string, reply: Reply | 'never' | 'reset') => void
  readonly close: () => Promise<void>
}

/** An authorization server over a real socket that says whatever a test wants it to say. */
export async function createEndpoints(): Promise<Endpoints> {
  const asked: Asked[] = []
  const replies = new Map<string, Reply | 'never' | 'reset'>()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const { method = '', headers, url = '' } = request
    const [path = '', query = ''] = url.split('?')
    asked.push({
      path,
      query,
      method,
      headers,
      form: new URLSearchParams(Buffer.concat(chunks).toString()),
    })
    const reply = replies.get(path) ?? { status: 404, body: 'there is nothing here' }
    if (reply === 'never') return
    if (reply === 'reset') {
      request.socket.resetAndDestroy()
      return
    }
    send(response, reply)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    last: () => {
      const last = asked.at(-1)
      if (last === undefined) throw new Error('nobody asked')
      return last
    },
    answer: (path, reply) => replies.set(path, reply),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function send(response: ServerResponse, { status = 200, body, headers }: Reply): void {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/html' : 'application/json'
  response.writeHead(status, { 'content-type': type, ...headers }).end(text)
}

export interface ClientScene {
  readonly tokens: TokenIssuer
  readonly client: LoginClient
}

type Metadata = Readonly<Record<string, unknown>>

/** A client of such a server; the metadata can lie as well. */
export function createClientScene(
  url: string,
  options: ClientParts['options'],
  more: Partial<ClientParts> & { readonly metadata?: Metadata } = {},
): ClientScene {
  const { metadata, ...parts } = more
  const tokens = createTokenIssuer({
    issuer: url,
    algorithm: 'ES256',
    ...(more.now && { now: more.now }),
  })
  const issuer = createIssuer({
    issuer: url,
    jwks: tokens.jwks,
    metadata: {
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      userinfo_endpoint: `${url}/userinfo`,
      revocation_endpoint: `${url}/revoke`,
      pushed_authorization_request_endpoint: `${url}/par`,
      ...metadata,
    },
  })
  const readSigned = createSignedReader({ issuer })
  return { tokens, client: createLoginClient({ issuer, options, readSigned, ...parts }) }
}

/** What a promise was rejected with. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('it was not rejected')
    },
    (error: unknown) => error,
  )
