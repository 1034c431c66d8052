import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A server on 127.0.0.1 that can slam its door. */
export interface Loopback {
  readonly url: string
  /** How many connections were tried, refused ones included. */
  readonly connections: number
  /** Resets every open connection. */
  disconnect(): void
  /** Stops, and ends whatever still hangs. */
  close(): Promise<void>
}

export interface LoopbackOptions {
  /** Default 0: any free port. */
  readonly port?: number | undefined
  /** Asked for every new connection: `true` resets it before a byte is read. */
  readonly refuses?: () => boolean
}

export async function listenOnLoopback(
  listener: RequestListener,
  { port = 0, refuses = () => false }: LoopbackOptions = {},
): Promise<Loopback> {
  const server = createServer(listener)
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket) => {
    connections++
    if (refuses()) return socket.resetAndDestroy()
    sockets.add(socket)
    return socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const disconnect = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    get connections() {
      return connections
    },
    disconnect,
    close: () =>
      new Promise((resolve) => {
        // A second close is no error: whoever cleans up twice meant it.
        server.close(() => resolve())
        disconnect()
      }),
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('the server does not listen on a port')
}
