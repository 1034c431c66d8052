import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Check } from '../check/check.ts'
import type { HttpDialect } from '../dialects/dialect.ts'
import { placeOf, type ListenAddress } from './address.ts'
import { answerClientError } from './client-error.ts'
import { createDrain } from './drain.ts'
import { createLane } from './lane.ts'
import { openAt, type BoundAddress } from './open.ts'
import { forPeers, type Admission } from './peers.ts'
import { questionOf } from './question.ts'
import { keptSeconds } from './reply-text.ts'
import { sendThrough } from './send.ts'
import { createServe, type OnAnswer } from './serve.ts'

/** A dialect on a socket of its own. */
export interface HttpListenerOptions extends Admission {
  readonly dialect: HttpDialect
  readonly check: Check
  /** Exactly one of `tcp` and `unix`; `mode` is that of the Unix socket, default `0660`. */
  readonly address: ListenAddress
  /** For logs and metrics. What it throws is dropped. */
  readonly onAnswer?: OnAnswer | undefined
  /** Milliseconds of a clock that never goes back, for durations. Default: `performance.now`. */
  readonly now?: (() => number) | undefined
  /** How patient the server is. @internal */
  readonly limits?: Partial<typeof limits>
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
  const patience = { ...limits, ...options.limits }
  const server = createServer(patience)
  const drain = createDrain(server, () => lane)
  const serve = createServe({ ...options, isDraining: drain.isDraining })
  const lane = createLane({
    serve,
    handOver: takenFrom(server),
    silence: patience.headersTimeout,
  })
  // A limit would hide the fields beyond it, and a second Authorization among them; their size is limited.
  server.maxHeadersCount = 0
  const answer = (request: IncomingMessage, response: ServerResponse): void =>
    serve(questionOf(request), sendThrough(response))
  server.on('request', answer)
  // Nobody is asked to go on with a body that will be refused.
  server.on('checkContinue', answer)
  server.on('clientError', answerClientError)
  server.on('connection', forPeers(place, options, lane.connected))
  const bound = await openAt(server, place)
  return {
    address: bound,
    stopAccepting: drain.stopAccepting,
    close: drain.close,
  }
}

const limits = {
  insecureHTTPParser: false,
  requireHostHeader: true,
  maxHeaderSize: 32 * 1024,
  // Gateways keep connections for a minute or so, and must be the ones to end them: a request that
  // meets our end of it is lost.
  keepAliveTimeout: keptSeconds * 1000,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
} satisfies ServerOptions

// What the server does with a connection, which it does no more by itself.
function takenFrom(server: Server): (socket: Socket) => void {
  const listeners = server.listeners('connection')
  server.removeAllListeners('connection')
  return (socket) => {
    for (const listener of listeners) Reflect.apply(listener, server, [socket])
  }
}
