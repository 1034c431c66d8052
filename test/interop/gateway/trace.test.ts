import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createGateway, type Gateway } from '../../../packages/gateway/src/create.ts'
import type { GatewayConfig } from '../../../packages/gateway/src/config/config.ts'
import { describeWith } from '../../support/binaries.ts'
import { freePort } from '../../support/free-port.ts'
import { gateways, startGateway } from './support/gateways.ts'
import { startIssuer, type IssuerServer } from './support/issuer-server.ts'
import type { Program } from './support/programs.ts'
import { startUpstream, type Upstream } from './support/upstream.ts'
import { ask } from './support/wire.ts'
import { gatewayConfig } from './support/world.ts'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const requestId = '9f2c7a61-52a1-4a0c-8e5f-0c6a6f7b1d11'
let issuer: IssuerServer
let upstream: Upstream
let config: GatewayConfig
let gateway: Gateway
let log = ''

beforeAll(async () => {
  issuer = await startIssuer()
  upstream = await startUpstream()
  config = { ...(await gatewayConfig(issuer)), log: 'all' }
  const output = new Writable({
    write: (chunk, _encoding, done) => {
      log += String(chunk)
      done()
    },
  })
  gateway = createGateway(config, { output })
  await gateway.listen()
})
afterAll(async () => {
  await gateway.close()
  await Promise.all([upstream.close(), issuer.close()])
})

for (const under of gateways) {
  describeWith([under.binary], under.name, (binary = '') => {
    let port = 0
    let program: Program
    beforeAll(async () => {
      port = await freePort()
      program = await startGateway(under, { binary, port, upstream: upstream.port, config })
    })
    afterAll(() => program.close())

    it('hands the trace and the name of a request to the upstream, and to the log', async () => {
      const token = await issuer.tokens.issueToken({ scope: 'orders:read' })
      log = ''
      const { status } = await ask({
        port,
        fields: [
          ['Authorization', `Bearer ${token}`],
          ['Traceparent', traceparent],
          ['X-Request-Id', requestId],
        ],
      })
      expect(status).toBe(200)
      const arrived = new Map(
        upstream.last()?.fields.map(([name, value]) => [name.toLowerCase(), value]),
      )
      expect(arrived.get('traceparent')).toBe(traceparent)
      // Envoy gives requests names of its own at the edge; all must speak of the same.
      const named = under.snippet === 'envoy' ? arrived.get('x-request-id') : requestId
      expect([typeof named, arrived.get('x-request-id')]).toEqual(['string', named])
      await new Promise(setImmediate)
      const line: unknown = JSON.parse(log.trim().split('\n').at(-1) || '{}')
      expect(line).toMatchObject({ event: 'decision', traceparent, requestId: named })
    })
  })
}
