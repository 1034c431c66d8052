import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTokenIssuer, type TokenIssuer } from '@portcullis/testkit'
import { closeServer } from './upstream.ts'

/** An issuer whose keys are fetched over HTTP, and that can fail in the ways issuers do. */
export interface IssuerServer {
  readonly tokens: TokenIssuer
  /** Requests so far. */
  readonly asked: () => number
  readonly behave: (manner: Manner) => void
  readonly close: () => Promise<void>
}

export type Manner = 'well' | 'hang' | 'fail'

export async function startIssuer(): Promise<IssuerServer> {
  let manner: Manner = 'well'
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    if (manner === 'hang') return
    if (manner === 'fail') {
      response.writeHead(500).end()
      return
    }
    const { issuer, jwks } = tokens
    const isMetadata = request.url?.startsWith('/.well-known/') === true
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isMetadata ? { issuer, jwks_uri: `${issuer}/jwks` } : jwks))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // It listens on a TCP port.
  const { port } = server.address() as AddressInfo
  const tokens = createTokenIssuer({ issuer: `http://127.0.0.1:${port}` })
  return {
    tokens,
    asked: () => asked,
    behave: (next) => {
      manner = next
    },
    close: () => closeServer(server),
  }
}
