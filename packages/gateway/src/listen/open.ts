import cluster from 'node:cluster'
import { once } from 'node:events'
import type { Server } from 'node:net'
import type { Place } from './address.ts'
import { clearStale, setMode } from './unix.ts'

/** Where a listener really is. */
export type BoundAddress =
  | { readonly host: string; readonly port: number }
  | { readonly unix: string }

/** Opens the socket of a server, HTTP or not, and says where it is. */
export async function openAt(server: Server, place: Place): Promise<BoundAddress> {
  // Workers are handed a socket that the primary opened.
  if ('path' in place && !cluster.isWorker) await clearStale(place.path)
  const listening = once(server, 'listening')
  server.listen(place)
  await listening
  if ('path' in place) {
    await setMode(place.path, place.mode)
    return { unix: place.path }
  }
  const bound = server.address()
  return typeof bound === 'object' && bound !== null
    ? { host: bound.address, port: bound.port }
    : place
}

/** `127.0.0.1:9101`, `[::1]:9101`, or the path of a Unix socket. */
export function addressText(address: BoundAddress): string {
  if ('unix' in address) return address.unix
  const { host, port } = address
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
