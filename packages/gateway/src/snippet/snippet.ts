import type { GatewayConfig, ListenerConfig } from '../config/config.ts'

/** The proxies that a configuration is written for. */
export type SnippetFor = 'nginx' | 'caddy' | 'traefik' | 'envoy' | 'haproxy'

/** Where the proxy itself listens, and what stands behind it. */
export interface SnippetWish {
  /** `host:port` where the proxy takes requests. Default `127.0.0.1:8080`. */
  readonly listen?: string
  /** `host:port` of the upstream. Default `127.0.0.1:3000`. */
  readonly upstream?: string
  /** nginx only: has it keep answers for as long as the gateway says, which needs its module for JavaScript. Default false. */
  readonly cache?: boolean
}

/** One file of a proxy's configuration. */
export interface SnippetFile {
  readonly name: string
  readonly text: string
}

/** What every snippet is made of. */
export interface SnippetParts {
  readonly config: GatewayConfig
  /** The listener of ours that the proxy asks. */
  readonly ask: ListenerConfig
  readonly listen: string
  readonly upstream: string
  /** Fields that tell the upstream who is calling, as they are written. */
  readonly identity: readonly string[]
  /** The field of the internal token, where there is one. */
  readonly tokenField: string | undefined
  /** Fields that no client may bring in, identity included. */
  readonly stripped: readonly string[]
  /** Milliseconds that the proxy should wait for an answer: a little more than our deadline. */
  readonly patience: number
  readonly cache: boolean
}

/** Writes the configuration of one proxy. */
export type SnippetWriter = (parts: SnippetParts) => readonly SnippetFile[]
