import { createServer, type Socket } from 'node:net'
import { placeOf, type ListenAddress } from '../listen/address.ts'
import type { Listener } from '../listen/http.ts'
import { openAt } from '../listen/open.ts'
import { forPeers, type Admission } from '../listen/peers.ts'

/** Where connections are taken, and whose. */
export interface ConnectionOptions extends Admission {
  /** Exactly one of `tcp` and `unix`; `mode` is that of the Unix socket, default `0660`. */
  readonly address: ListenAddress
}

/** What is done with connections. */
export interface Connections {
  readonly connected: (socket: Socket) => void
  readonly close: (graceMs: number) => Promise<void>
}

/** Takes connections for the dialects that are not HTTP. */
export async function listenForConnections(
  options: ConnectionOptions,
  { connected, close }: Connections,
): Promise<Listener> {
  const place = placeOf(options.address)
  const server = createServer({ noDelay: true }, forPeers(place, options, connected))
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
