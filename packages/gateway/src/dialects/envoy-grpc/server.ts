import {
  Server,
  ServerCredentials,
  type ConnectionInjector,
  type sendUnaryData,
  type ServerUnaryCall,
} from '@grpc/grpc-js'
import { createAsk, type AskOptions } from '../ask.ts'
import { loadDefinitions } from './definition.ts'
import type { CheckRequest, CheckResponse } from './messages.ts'
import { readCheckRequest } from './read.ts'
import { writeCheckResponse } from './write.ts'

/** What the gRPC side of Envoy is answered with. */
export interface GrpcOptions extends AskOptions {
  /** Whether the gateway is ready. Default: always. */
  readonly health?: (() => boolean) | undefined
}

/** Speaks gRPC over connections that somebody else has accepted. */
export interface GrpcServer {
  readonly connections: ConnectionInjector
  /** Lets calls on the way end, and ends them after so many milliseconds. */
  readonly close: (graceMs: number) => Promise<void>
}

/** Serves `Authorization/Check` and `Health/Check`. */
export function createGrpcServer(options: GrpcOptions): GrpcServer {
  const { health = () => true } = options
  const definitions = loadDefinitions()
  const ask = createAsk(readCheckRequest, options)
  const server = new Server({
    'grpc.max_receive_message_length': largestMessage,
    'grpc.enable_channelz': 0,
  })
  server.addService(definitions.authorization, {
    Check: (
      { request }: ServerUnaryCall<CheckRequest, CheckResponse>,
      callback: sendUnaryData<CheckResponse>,
    ) =>
      ask(request, (answer) => {
        callback(null, writeCheckResponse(answer))
        return answer
      }),
  })
  server.addService(definitions.health, {
    Check: (_: unknown, callback: sendUnaryData<{ readonly status: number }>) =>
      callback(null, { status: health() ? serving : notServing }),
  })
  const connections = server.createConnectionInjector(ServerCredentials.createInsecure())
  return { connections, close: (graceMs) => shutDown(server, graceMs) }
}

// Sends GOAWAY on every connection, and waits for the calls on them.
async function shutDown(server: Server, graceMs: number): Promise<void> {
  const force = setTimeout(() => server.forceShutdown(), graceMs)
  await new Promise<void>((resolve) => {
    server.tryShutdown(() => resolve())
  })
  clearTimeout(force)
}

// A message holds the fields of one request, which Envoy limits to 60 KiB unless it is told otherwise.
const largestMessage = 256 * 1024
const serving = 1
const notServing = 2
