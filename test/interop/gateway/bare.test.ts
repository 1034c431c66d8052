import { afterAll, beforeAll, expect, it } from 'vitest'
import { createGateway, type Gateway } from '../../../packages/gateway/src/create.ts'
import type { GatewayConfig } from '../../../packages/gateway/src/config/config.ts'
import { describeWith } from '../../support/binaries.ts'
import { freePort } from '../../support/free-port.ts'
import { gateways, startGateway, type GatewayUnderTest } from './support/gateways.ts'
import { startIssuer, type IssuerServer } from './support/issuer-server.ts'
import { startUpstream, type Upstream } from './support/upstream.ts'
import { ask } from './support/wire.ts'
import { gatewayConfig } from './support/world.ts'

// `identity` has no default: upstreams get to know nothing, and so there is nothing to hand on.
let issuer: IssuerServer
let upstream: Upstream
let config: GatewayConfig
let gateway: Gateway
beforeAll(async () => {
  issuer = await startIssuer()
  upstream = await startUpstream()
  const { identity: _, ...rest } = await gatewayConfig(issuer)
  config = rest
  gateway = createGateway(config)
  await gateway.listen()
})
afterAll(async () => {
  await gateway.close()
  await Promise.all([upstream.close(), issuer.close()])
})

const placed = async (
  under: GatewayUnderTest,
  binary: string,
  place: { readonly config: GatewayConfig },
  use: (port: number) => Promise<void>,
): Promise<void> => {
  const port = await freePort()
  const program = await startGateway(under, { binary, port, upstream: upstream.port, ...place })
  try {
    await use(port)
  } finally {
    await program.close()
  }
}

for (const under of gateways) {
  describeWith([under.binary], under.name, (binary = '') => {
    it('asks where upstreams are told nothing', async () => {
      const good = await issuer.tokens.issueToken({ scope: 'orders:read' })
      await placed(under, binary, { config }, async (port) => {
        const send = (token: string) =>
          ask({ port, fields: [['Authorization', `Bearer ${token}`]] })
        expect((await send(good)).status).toBe(200)
        expect((await send(`${good}x`)).status).toBe(401)
      })
    })

    it('starts with fields of the longest names', async () => {
      const headers = Object.fromEntries(
        Array.from({ length: 12 }, (_, at) => [`X-${String(at).padEnd(62, 'Y')}`, 'sub']),
      )
      const long: GatewayConfig = { ...config, identity: { headers } }
      await placed(under, binary, { config: long }, async (port) => {
        expect((await ask({ port })).status).toBe(401)
      })
    })
  })
}
