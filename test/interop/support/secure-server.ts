import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Served } from '../../support/login-apps.ts'
import type { Certificate } from './certificate.ts'

/** Serves an application with TLS that must know its own address. */
export async function serveSecurely(
  { cert, key }: Certificate,
  name: string,
  make: (url: string) => RequestListener,
): Promise<Served> {
  const made: { listener?: RequestListener } = {}
  const server = createServer({ cert, key }, (req, res) => made.listener?.(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo
  const url = `https://${name}:${port}`
  made.listener = make(url)
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
