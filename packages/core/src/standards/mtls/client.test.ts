import { createServer, request as send, type RequestOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { createAuthorizationServer } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selfSigned } from '../../../../../test/e2e/support/certificate.ts'
import { rejection } from '../../../../../test/e2e/support/endpoints.ts'
import { registeredAt, signIn } from '../../../../../test/e2e/support/sign-in.ts'
import type { IssuerMetadata } from '../../issuer/discovery.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { mutualTls, type MutualTlsOptions } from './client.ts'

const host = selfSigned('localhost', 1)
const ours = selfSigned('web', 2)
const others = selfSigned('other', 3)

// A `fetch` over node:https, as an application would write one that has no undici.
const certifiedFetch =
  (tls: RequestOptions): typeof fetch =>
  async (input, init) => {
    const request = new Request(input, init)
    const { method, signal, headers } = request
    const body = Buffer.from(await request.arrayBuffer())
    return new Promise((resolve, reject) => {
      const fields = { ...Object.fromEntries(headers), 'content-length': String(body.length) }
      send(request.url, { ...tls, method, signal, headers: fields }, (answer) => {
        const { statusCode: status = 502, headersDistinct } = answer
        const pairs = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        )
        // A body of Node is one of the web, chunks of bytes.
        const stream = Readable.toWeb(answer) as ReadableStream<Uint8Array>
        resolve(new Response(stream, { status, headers: pairs }))
      })
        .on('error', reject)
        .end(body)
    })
  }

const server = await createAuthorizationServer({ algorithms: [] })
const asked: string[] = []

// What stands before the server in production: it ends TLS and hands the certificate on.
const proxy = createServer(
  { key: host.key, cert: host.cert, requestCert: true, rejectUnauthorized: false },
  (request, response) => {
    asked.push(request.url ?? '')
    // Every socket of an HTTPS server is one of TLS.
    const { raw } = (request.socket as TLSSocket).getPeerCertificate()
    const pem = `-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----`
    const pass = async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(Buffer.from(chunk))
      const { authorization, 'content-type': type } = request.headers
      const answer = await fetch(`${server.url}${request.url}`, {
        method: request.method ?? 'GET',
        headers: {
          'x-client-certificate': encodeURIComponent(pem),
          ...(type && { 'content-type': type }),
          ...(authorization && { authorization }),
        },
        ...(request.method === 'POST' && { body: Buffer.concat(chunks) }),
      })
      response.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? '',
      })
      response.end(await answer.text())
    }
    pass().catch(() => response.destroy())
  },
)

let metadata: IssuerMetadata

beforeAll(async () => {
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this kind.
  const { port } = proxy.address() as AddressInfo
  const alias = `https://127.0.0.1:${port}`
  const answer = await fetch(`${server.issuer}/.well-known/openid-configuration`)
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- the server's own document
  const published: IssuerMetadata = await answer.json()
  metadata = {
    ...published,
    mtls_endpoint_aliases: {
      token_endpoint: `${alias}/token`,
      userinfo_endpoint: `${alias}/userinfo`,
      revocation_endpoint: `${alias}/revoke`,
    },
  }
  server.addClient({
    client_id: 'certified',
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: 'CN=web',
  })
})
afterAll(async () => {
  proxy.closeAllConnections()
  await new Promise((resolve) => proxy.close(resolve))
  await server.close()
})

// The name of the server is not what is tested.
const trusting = { ca: host.cert, checkServerIdentity: () => undefined }
const certified = (certificate: RequestOptions) => {
  const authentication = mutualTls({ fetch: certifiedFetch({ ...trusting, ...certificate }) })
  return registeredAt(server, { id: 'certified', authentication }, [], {
    metadata,
    jwks: server.jwks,
  })
}

describe('a certificate', () => {
  test('proves who asks, at the addresses for that', async () => {
    asked.length = 0
    const at = certified(ours)
    const { tokens, claims } = await signIn(at)
    expect(claims).toMatchObject({ sub: 'alice', aud: 'certified' })
    expect(await at.client.userinfo(tokens.accessToken, 'alice')).toHaveProperty('email')
    await at.client.revoke(tokens.refreshToken ?? '', 'refresh_token')
    expect(asked).toEqual(['/token', '/userinfo', '/revoke'])
  })

  test('of somebody else does not', async () => {
    const error = await rejection(certified(others).client.refresh('r'))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toContain('tls_client_auth')
  })
})

test.each([{}, { fetch: 'x' }, { key: 'x' }])('%j is a mistake', (options) => {
  // From JavaScript anything may come.
  expect(() => mutualTls(options as MutualTlsOptions)).toThrow(ConfigurationError)
})
