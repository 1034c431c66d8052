import { createServer, type Server, type ServerOptions } from 'node:http'
import type { Check } from '../check/check.ts'
import type { HttpDialect } from '../dialects/dialect.ts'
import { placeOf, type ListenAddress } from './address.ts'
import { answerClientError } from './client-error.ts'
import { createDrain } from './drain.ts'
import { openAt, type BoundAddress } from './open.ts'
import { createPeers, type PeerCheck } from './peers.ts'
import { createServe, type OnAnswer } from './serve.ts'

/** A dialect on a socket of its own. */
export interface HttpListenerOptions {
  readonly dialect: HttpDialect
  readonly check: Check
  /** Exactly one of `tcp` and `unix`; `mode` is that of the Unix socket, default `0660`. */
  readonly address: ListenAddress
  /** Addresses or networks that may ask over TCP. Default: loopback. */
  readonly peers?: readonly string[] | undefined
  /** For logs and metrics. What it throws is dropped. */
  readonly onAnswer?: OnAnswer | undefined
  /** Told of every connection that was turned away because its address is not among the peers. */
  readonly onStranger?: (() => void) | undefined
  /** Milliseconds of a clock that never goes back, for durations. Default: `performance.now`. */
  readonly now?: (() => number) | undefined
  /** How patient the server is. @internal */
  readonly limits?: ServerOptions
}

/** A socket that is open. */
export interface Listener {
  readonly address: BoundAddress
  /** Takes no new connections; those that are there are answered, and told to close. */
  stopAccepting(): void
  /** Stops accepting, and waits for what is on the way, but not longer than some milliseconds. */
  close(graceMs: number): Promise<void>
}

/** Opens a socket and answers on it in one dialect. */
export async function listenHttp(options: HttpListenerOptions): Promise<Listener> {
  const place = placeOf(options.address)
  const isPeer = 'host' in place ? createPeers(options.peers) : undefined
  const server = createServer({ ...limits, ...options.limits })
  const drain = createDrain(server)
  const serve = createServe({ ...options, isDraining: drain.isDraining })
  // A limit would hide the fields beyond it, and a second Authorization among them; their size is limited.
  server.maxHeadersCount = 0
  server.on('request', serve)
  // Nobody is asked to go on with a body that will be refused.
  server.on('checkContinue', serve)
  server.on('clientError', answerClientError)
  if (isPeer) turnAway(server, isPeer, options.onStranger)
  const bound = await openAt(server, place)
  return {
    address: bound,
    stopAccepting: drain.stopAccepting,
    close: drain.close,
  }
}

const limits: ServerOptions = {
  insecureHTTPParser: false,
  requireHostHeader: true,
  maxHeaderSize: 32 * 1024,
  // Gateways keep connections for a minute or so, and must be the ones to end them: a request that
  // meets our end of it is lost.
  keepAliveTimeout: 75_000,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
}

function turnAway(server: Server, isPeer: PeerCheck, onStranger: (() => void) | undefined): void {
  server.on('connection', (socket) => {
    if (isPeer(socket.remoteAddress)) return
    socket.destroy()
    onStranger?.()
  })
}
