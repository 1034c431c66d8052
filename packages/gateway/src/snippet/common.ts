import { printable } from '@portcullis/core'
import type { ListenerConfig } from '../config/config.ts'
import type { SnippetParts } from './snippet.ts'

/** The first lines of every file. */
export const banner = ({ config }: SnippetParts, use: string, mark = '#'): string =>
  [
    `Written by portcullis-gateway: ${use}.`,
    'Every request is asked about; the routes of the gateway decide:',
    ...config.routes.map(
      ({ host, path, methods, allow }) =>
        `  ${[methods?.join(' ') ?? 'any method', [host ?? 'any host'].flat().join(' '), path, allow ?? 'with a token'].join(', ')}`,
    ),
  ]
    // A line of a comment must stay one, whatever a route is called.
    .map((line) => `${mark} ${printable(line)}`)
    .join('\n')

/** An address as the proxy writes it, with its own word before the path of a socket. */
export const socketOf = ({ tcp, unix }: ListenerConfig, unixWord: string): string =>
  unix === undefined ? (tcp ?? '') : `${unixWord}${unix}`

/** Host and port of `host:port`, the brackets of IPv6 taken off. */
export const hostAndPort = (address: string): readonly [host: string, port: string] => {
  const at = address.lastIndexOf(':')
  return [address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), address.slice(at + 1)]
}
