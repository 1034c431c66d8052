import { createGateway, type Gateway } from '../../../../packages/gateway/src/create.ts'
import type { GatewayConfig } from '../../../../packages/gateway/src/config/config.ts'
import { freePort } from '../../../support/free-port.ts'
import { startGateway, type GatewayUnderTest } from './gateways.ts'
import { startIssuer, type IssuerServer } from './issuer-server.ts'
import { startUpstream, type Upstream } from './upstream.ts'

/** An issuer, the service with every dialect, and an upstream; gateways are put in front one by one. */
export interface GatewayWorld {
  readonly issuer: IssuerServer
  readonly upstream: Upstream
  readonly gateway: Gateway
  readonly config: GatewayConfig
  /** Starts a gateway; the port on which it takes requests. */
  readonly place: (under: GatewayUnderTest, binary: string) => Promise<number>
  readonly close: () => Promise<void>
}

/** What the suites ask for. */
export async function gatewayConfig(issuer: IssuerServer): Promise<GatewayConfig> {
  const admin = await freePort()
  const dialects = ['nginx', 'forward-auth', 'envoy-http', 'envoy-grpc', 'spoe'] as const
  const listen = []
  for (const dialect of dialects) {
    listen.push({ dialect, tcp: `127.0.0.1:${await freePort()}` })
  }
  return {
    listen,
    admin: { tcp: `127.0.0.1:${admin}` },
    // The suites also run on machines that are busy with others.
    deadline: 1,
    issuers: [{ id: 'main', issuer: issuer.tokens.issuer, audience: issuer.tokens.audience }],
    routes: [
      { id: 'public', path: '/public/**', methods: ['GET'], allow: 'anonymous' },
      { id: 'maybe', path: '/maybe', allow: 'optional' },
      { id: 'orders', path: '/orders/{id}', rules: { scopes: ['orders:read'] } },
      { id: 'admin', host: 'admin.test', path: '/**', rules: { scopes: ['admin'] } },
    ],
    identity: {
      token: { issuer: `http://127.0.0.1:${admin}`, audience: 'https://upstream.test' },
      headers: { 'X-Auth-Subject': 'sub', 'X-Auth-Scope': 'scope' },
    },
    log: 'none',
  }
}

/** `changes` go over what the suites ask for. */
export async function createGatewayWorld(
  changes: Partial<GatewayConfig> = {},
): Promise<GatewayWorld> {
  const issuer = await startIssuer()
  const upstream = await startUpstream()
  const config = { ...(await gatewayConfig(issuer)), ...changes }
  const gateway = createGateway(config)
  await gateway.listen()
  const programs: { readonly close: () => Promise<void> }[] = []
  return {
    issuer,
    upstream,
    gateway,
    config,
    place: async (under, binary) => {
      const port = await freePort()
      programs.push(await startGateway(under, { binary, port, upstream: upstream.port, config }))
      return port
    },
    close: async () => {
      await Promise.all(programs.map((program) => program.close()))
      await gateway.close()
      await Promise.all([upstream.close(), issuer.close()])
    },
  }
}
