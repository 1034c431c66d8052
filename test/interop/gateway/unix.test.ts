import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '../../support/binaries.ts'
import { gateways } from './support/gateways.ts'
import { ask } from './support/wire.ts'
import { createGatewayWorld, type GatewayWorld } from './support/world.ts'

// The snippets for these cannot speak over a Unix socket.
const overTcp = ['Traefik', 'HAProxy with Lua']

let world: GatewayWorld
let folder: string
let good: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-unix-'))
  const dialects = ['nginx', 'forward-auth', 'envoy-http', 'envoy-grpc', 'spoe'] as const
  world = await createGatewayWorld({
    listen: dialects.map((dialect) => ({ dialect, unix: join(folder, dialect) })),
  })
  good = await world.issuer.tokens.issueToken({ scope: 'orders:read' })
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true, force: true })
})

for (const under of gateways.filter(({ name }) => !overTcp.includes(name))) {
  describeWith([under.binary], under.name, (binary = '') => {
    it('asks over a Unix socket', async () => {
      const port = await world.place(under, binary)
      const send = (token: string) => ask({ port, fields: [['Authorization', `Bearer ${token}`]] })
      expect((await send(good)).status).toBe(200)
      expect((await send(`${good}x`)).status).toBe(401)
    })
  })
}
