import type { DialectName, GatewayConfig, ListenerConfig } from './config/config.ts'
import type { HttpDialect } from './dialects/dialect.ts'
import { createEnvoyHttp } from './dialects/envoy-http.ts'
import { createForwardAuth } from './dialects/forward-auth.ts'
import { createNginx } from './dialects/nginx.ts'
import { createOauth2Proxy } from './dialects/oauth2-proxy.ts'
import { listenHttp, type HttpListenerOptions, type Listener } from './listen/http.ts'
import { addressText } from './listen/open.ts'
import type { Engine } from './operate/engine.ts'

/** An address that is answered, and in which dialect. */
export interface ListeningOn {
  readonly dialect: DialectName
  /** `127.0.0.1:9101`, or the path of a Unix socket. */
  readonly address: string
}

/** Every address of a gateway. */
export interface Listeners {
  readonly addresses: readonly ListeningOn[]
  /** Takes no new connections; those that are there are answered, and told to close. */
  stopAccepting(): void
  /** Lets what is on the way finish, for so many seconds at most, and ends. */
  close(grace: number): Promise<void>
}

/** The dialects that are spoken over HTTP. */
export type HttpDialectName = HttpDialect['name']

const httpDialects: Readonly<
  Record<HttpDialectName, (options: Pick<ListenerConfig, 'pathPrefix'>) => HttpDialect>
> = {
  nginx: createNginx,
  'forward-auth': createForwardAuth,
  'envoy-http': ({ pathPrefix }) =>
    createEnvoyHttp({ ...(pathPrefix !== undefined && { pathPrefix }) }),
  'oauth2-proxy': createOauth2Proxy,
}

/** A dialect that is spoken over HTTP. */
export const httpDialect = (
  name: HttpDialectName,
  options: Pick<ListenerConfig, 'pathPrefix'> = {},
): HttpDialect => httpDialects[name](options)

interface Open extends Listener {
  readonly on: ListeningOn
}

/** Opens every configured address; where one cannot be had, none stays open. */
export async function openListeners(
  { listen }: GatewayConfig,
  engine: Engine,
  isReady: () => boolean,
): Promise<Listeners> {
  const tried = await Promise.allSettled(listen.map((one) => open(one, engine, isReady)))
  const opened = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = tried.find((one) => one.status === 'rejected')
  if (failed !== undefined) {
    await Promise.all(opened.map((one) => one.close(0)))
    throw failed.reason
  }
  return {
    addresses: opened.map(({ on }) => on),
    stopAccepting: () => {
      for (const one of opened) one.stopAccepting()
    },
    close: async (grace) => {
      await Promise.all(opened.map((one) => one.close(grace * 1000)))
    },
  }
}

async function open(config: ListenerConfig, engine: Engine, isReady: () => boolean): Promise<Open> {
  const { dialect, peers } = config
  const common = {
    check: engine.check,
    address: config,
    peers,
    onStranger: engine.turnedAway,
    onAnswer: engine.observer(dialect),
  }
  const listener = await openIn(dialect, config, { ...common, health: isReady })
  return { ...listener, on: { dialect, address: addressText(listener.address) } }
}

type Common = Omit<HttpListenerOptions, 'dialect'> & { readonly health: () => boolean }

// gRPC and SPOE are loaded by those who use them: the one takes as long to load as all the rest.
async function openIn(
  dialect: DialectName,
  config: ListenerConfig,
  common: Common,
): Promise<Listener> {
  if (dialect === 'spoe') {
    const { listenSpoe } = await import('./dialects/spoe/listen.ts')
    return listenSpoe(common)
  }
  if (dialect === 'envoy-grpc') {
    const { listenGrpc } = await import('./dialects/envoy-grpc/listen.ts')
    return listenGrpc(common)
  }
  return listenHttp({ ...common, dialect: httpDialect(dialect, config) })
}
