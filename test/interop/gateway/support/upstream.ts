import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What arrived behind a gateway. */
export interface Arrival {
  readonly method: string
  readonly target: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** A server behind a gateway that remembers what it got. */
export interface Upstream {
  readonly port: number
  readonly arrivals: readonly Arrival[]
  readonly last: () => Arrival | undefined
  readonly close: () => Promise<void>
}

export async function startUpstream(): Promise<Upstream> {
  const arrivals: Arrival[] = []
  // Gateways let longer fields pass than Node.js does.
  const server = createServer({ maxHeaderSize: 65_536 }, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { method = '', url = '', rawHeaders } = request
    const fields = rawHeaders.flatMap((name, at) =>
      at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : [],
    )
    arrivals.push({ method, target: url, fields, body })
    response.end('upstream')
  })
  // What Node.js cannot read has arrived all the same.
  server.on('clientError', (error: Error & { rawPacket?: Buffer }, socket) => {
    const [method = '', target = ''] =
      /^[^\r\n]*/.exec(String(error.rawPacket))?.[0].split(' ') ?? []
    if (error.rawPacket !== undefined) arrivals.push({ method, target, fields: [], body: '' })
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nupstream')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    // It listens on a TCP port.
    port: (server.address() as AddressInfo).port,
    arrivals,
    last: () => arrivals.at(-1),
    close: () => closeServer(server),
  }
}

export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections()
    server.close(() => resolve())
  })

/** The values of a field, in order, under every spelling that is the same to CGI and PHP. */
export const arrivedUnder = ({ fields }: Arrival, name: string): readonly string[] =>
  fields
    .filter(([key]) => key.toLowerCase().replace(/[^a-z\d]/g, '-') === name)
    .map(([, value]) => value)
