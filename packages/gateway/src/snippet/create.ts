import { ConfigurationError } from '@portcullis/core'
import type { DialectName, GatewayConfig, ListenerConfig } from '../config/config.ts'
import { caddy } from './caddy.ts'
import { envoy } from './envoy.ts'
import { haproxy } from './haproxy.ts'
import { nginx } from './nginx.ts'
import type { SnippetFile, SnippetFor, SnippetWish, SnippetWriter } from './snippet.ts'
import { descriptions, harmful } from './strip.ts'
import { traefik } from './traefik.ts'

interface Entry {
  readonly write: SnippetWriter
  /** The dialects that the proxy can speak, the better one first. */
  readonly dialects: readonly DialectName[]
  /** Those of them that it cannot ask in over a Unix socket. */
  readonly overTcp: readonly DialectName[]
}

const writers: Readonly<Record<SnippetFor, Entry>> = {
  nginx: { write: nginx, dialects: ['nginx'], overTcp: [] },
  caddy: { write: caddy, dialects: ['forward-auth'], overTcp: [] },
  traefik: { write: traefik, dialects: ['forward-auth'], overTcp: ['forward-auth'] },
  envoy: { write: envoy, dialects: ['envoy-grpc', 'envoy-http'], overTcp: [] },
  haproxy: { write: haproxy, dialects: ['spoe', 'forward-auth'], overTcp: ['forward-auth'] },
}

/** The names that `snippetFor` knows. */
export const snippetNames: readonly SnippetFor[] = ['nginx', 'caddy', 'traefik', 'envoy', 'haproxy']

/**
 * Writes what a proxy needs to ask for every request, and to let no client speak in our name. Throws a
 * `ConfigurationError` where the configuration has no listener in a dialect of that proxy.
 */
export function snippetFor(
  name: SnippetFor,
  config: GatewayConfig,
  wish: SnippetWish = {},
): readonly SnippetFile[] {
  const { write, dialects, overTcp } = writers[name]
  const ask = listenerFor(config, writers[name])
  if (ask === undefined) {
    const named = dialects.map((one) => (overTcp.includes(one) ? `${one} over TCP` : one))
    throw new ConfigurationError(
      `${name} asks in the dialect ${named.join(' or ')}, and listen has no such address`,
    )
  }
  const { cache = false } = wish
  if (cache && name !== 'nginx')
    throw new ConfigurationError(`${name} cannot keep answers; nginx can`)
  const identity = identityOf(config)
  return write({
    config,
    ask,
    listen: wished('listen', wish.listen ?? '127.0.0.1:8080'),
    upstream: wished('upstream', wish.upstream ?? '127.0.0.1:3000'),
    identity,
    tokenField: tokenFieldOf(config),
    stripped: [...new Set([...identity.filter(isOurs), ...descriptions, ...harmful])],
    patience: Math.ceil((config.deadline ?? 0.15) * 1000) + 100,
    cache,
  })
}

const listenerFor = (
  { listen }: GatewayConfig,
  { dialects, overTcp }: Entry,
): ListenerConfig | undefined =>
  dialects
    .map((dialect) =>
      listen.find(
        (listener) =>
          listener.dialect === dialect &&
          (listener.tcp !== undefined || !overTcp.includes(dialect)),
      ),
    )
    .find((listener) => listener !== undefined)

// Each program takes something else for an address, and what one of them makes of half of one is open.
function wished(name: keyof SnippetWish, address: string): string {
  if (/^(?:\[[\da-f:.]+\]|[\w.-]+):\d{1,5}$/i.test(address)) return address
  throw new ConfigurationError(`${name} must be an address and a port, such as 127.0.0.1:8080`)
}

const tokenFieldOf = ({ identity }: GatewayConfig): string | undefined =>
  identity?.token && (identity.token.header ?? 'Authorization')

const identityOf = (config: GatewayConfig): readonly string[] => {
  const token = tokenFieldOf(config)
  return [...(token === undefined ? [] : [token]), ...Object.keys(config.identity?.headers ?? {})]
}

// The client's own token arrives in it, and is what is to be checked.
const isOurs = (field: string): boolean => field.toLowerCase() !== 'authorization'
