import { ConfigurationError } from '@portcullis/core'
import type { ListenerConfig } from '../config/config.ts'

/** Where to listen, as it is configured. */
export type ListenAddress = Pick<ListenerConfig, 'tcp' | 'unix' | 'mode'>

/** Where to listen, as Node wants it. */
export type Place =
  | { readonly host: string; readonly port: number }
  | { readonly path: string; readonly mode: number }

/** Reads `127.0.0.1:9101`, `[::1]:9101`, or a path with its mode. */
export function placeOf({ tcp, unix, mode = '0660' }: ListenAddress): Place {
  if (tcp === undefined && unix !== undefined) return { path: unix, mode: modeOf(mode) }
  if (tcp === undefined || unix !== undefined) {
    throw new ConfigurationError('a listener has exactly one of tcp and unix')
  }
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(tcp) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || !(port <= 65_535)) {
    throw new ConfigurationError('tcp must be an address and a port, such as 127.0.0.1:9101')
  }
  return { host, port }
}

function modeOf(mode: string): number {
  if (!/^0?[0-7]{3}$/.test(mode)) {
    throw new ConfigurationError('mode must be permissions in octal, such as 0660')
  }
  return Number.parseInt(mode, 8)
}
