import type { Listener } from '../../listen/http.ts'
import { listenForConnections, type ConnectionOptions } from '../connections.ts'
import { createGrpcServer, type GrpcOptions } from './server.ts'

/** A listener for Envoy's ext_authz over gRPC. */
export interface GrpcListenerOptions extends GrpcOptions, ConnectionOptions {}

/** Listens for Envoy. */
export function listenGrpc(options: GrpcListenerOptions): Promise<Listener> {
  const { connections, close } = createGrpcServer(options)
  return listenForConnections(options, {
    connected: (socket) => connections.injectConnection(socket),
    close,
  })
}
