import type { JSONWebKeySet } from 'jose'
import { createDesk } from './desk.ts'
import type { Endpoint } from './endpoints.ts'
import { createFaults, type Faults } from './faults.ts'
import { createFront } from './front.ts'
import { createKeyRing } from './key-ring.ts'
import { listenOnLoopback, type Loopback } from './loopback.ts'
import {
  settle,
  type AuthorizationServerOptions,
  type ClientMetadata,
  type SignIn,
} from './options.ts'
import { createRequestCounter, type RequestCounts } from './requests.ts'
import { createTokenClient, type TokenClient } from './token-client.ts'

/** A real authorization server (oidc-provider) in your process, with levers. */
export interface AuthorizationServer extends TokenClient {
  /** What to trust: the `issuer` of `createGuard`. */
  readonly issuer: string
  /** Origin of the server: the issuer without its path. */
  readonly url: string
  /** The keys as they are published now. */
  readonly jwks: JSONWebKeySet
  readonly requests: RequestCounts
  /** How many connections were tried, refused ones included. */
  readonly connections: number
  readonly faults: Faults
  /** Who answers when a browser comes to sign in. */
  readonly signIn: SignIn
  /** Signs with new keys from now on; the old ones stay published. Tokens, grants and sessions survive. */
  readonly rotateKeys: () => Promise<void>
  /** Takes a key out of the published set; the last one for its algorithm is replaced by a new one. */
  readonly withdrawKey: (kid: string) => Promise<void>
  /** Fields to send with an endpoint's answers, for example `Cache-Control` with `jwks`. */
  readonly setHeaders: (endpoint: Endpoint, headers: Readonly<Record<string, string>>) => void
  /** Registers one more client, or replaces one that was added so before. */
  readonly addClient: (client: ClientMetadata) => void
  /** What failed inside: the causes of its 500s, and of logout calls that did not arrive. */
  readonly errors: readonly unknown[]
  /** Stops; whatever hangs is ended. */
  readonly close: () => Promise<void>
}

/**
 * Starts an authorization server on 127.0.0.1.
 *
 * @example
 * const server = await createAuthorizationServer()
 * const guard = createGuard({ issuer: server.issuer, audience: 'https://api.test' })
 * const token = await server.issueToken({ scope: 'orders:read' })
 */
export async function createAuthorizationServer(
  options: AuthorizationServerOptions = {},
): Promise<AuthorizationServer> {
  const settings = settle(options)
  const errors: unknown[] = []
  const desk = createDesk(settings, await createKeyRing(settings.algorithms), errors)
  const requests = createRequestCounter()
  const headers = new Map<Endpoint, Readonly<Record<string, string>>>()
  const faults = createFaults(() => loopback.disconnect())
  const { interactions, endpoints } = desk
  const front = createFront({
    settings,
    requests,
    faults,
    headers,
    interactions,
    endpoints,
    errors,
  })
  const loopback: Loopback = await listenOnLoopback(front, {
    port: settings.port,
    refuses: faults.down,
  })
  const issuer = `${loopback.url}${settings.path}`
  desk.open(issuer)
  return {
    ...createTokenClient(issuer, desk.clients),
    ...desk.levers,
    issuer,
    url: loopback.url,
    get jwks() {
      return desk.ring.published()
    },
    get connections() {
      return loopback.connections
    },
    requests,
    faults,
    errors,
    setHeaders: (endpoint, fields) => headers.set(endpoint, fields),
    close: loopback.close,
  }
}
