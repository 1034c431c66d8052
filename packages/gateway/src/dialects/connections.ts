import { createServer, type Socket } from 'node:net'
import { placeOf, type ListenAddress } from '../listen/address.ts'
import type { Listener } from '../listen/http.ts'
import { openAt } from '../listen/open.ts'
import { createPeers } from '../listen/peers.ts'

/** Where connections are taken, and whose. */
export interface ConnectionOptions {
  /** Exactly one of `tcp` and `unix`; `mode` is that of the Unix socket, default `0660`. */
  readonly address: ListenAddress
  /** Addresses or networks that may ask over TCP. Default: loopback. */
  readonly peers?: readonly string[] | undefined
  /** Told of every connection that was turned away because its address is not among the peers. */
  readonly onStranger?: (() => void) | undefined
}

/** What is done with connections. */
export interface Connections {
  readonly connected: (socket: Socket) => void
  readonly close: (graceMs: number) => Promise<void>
}

/** Takes connections for the dialects that are not HTTP. */
export async function listenForConnections(
  { address, peers, onStranger }: ConnectionOptions,
  { connected, close }: Connections,
): Promise<Listener> {
  const place = placeOf(address)
  const isPeer = 'host' in place ? createPeers(peers) : () => true
  const server = createServer({ noDelay: true }, (socket) => {
    if (isPeer(socket.remoteAddress)) return connected(socket)
    socket.destroy()
    onStranger?.()
  })
  const bound = await openAt(server, place)
  const stopAccepting = (): void => {
    if (server.listening) server.close()
  }
  return {
    address: bound,
    stopAccepting,
    close: async (graceMs) => {
      stopAccepting()
      await close(graceMs)
    },
  }
}
