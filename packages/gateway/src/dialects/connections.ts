import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { placeOf, type ListenAddress, type Place } from '../listen/address.ts'
import type { BoundAddress, Listener } from '../listen/http.ts'
import { createPeers } from '../listen/peers.ts'
import { clearStale, setMode } from '../listen/unix.ts'

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
  await open(server, place)
  const stopAccepting = (): void => {
    if (server.listening) server.close()
  }
  return {
    address: boundAt(server, place),
    stopAccepting,
    close: async (graceMs) => {
      stopAccepting()
      await close(graceMs)
    },
  }
}

async function open(server: Server, place: Place): Promise<void> {
  // Workers are handed a socket that the primary opened.
  if ('path' in place && !cluster.isWorker) await clearStale(place.path)
  const listening = once(server, 'listening')
  server.listen(place)
  await listening
  if ('path' in place) await setMode(place.path, place.mode)
}

function boundAt(server: Server, place: Place): BoundAddress {
  if ('path' in place) return { unix: place.path }
  const bound = server.address()
  return typeof bound === 'object' && bound !== null
    ? { host: bound.address, port: bound.port }
    : place
}
