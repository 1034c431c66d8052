import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '../../support/binaries.ts'
import { freePort } from '../../support/free-port.ts'
import type { Program } from './support/programs.ts'
import { tokenCases } from './support/token-cases.ts'
import { startTrafficServer } from './support/traffic-server.ts'
import { verdictOf } from './support/verdict.ts'
import { ask } from './support/wire.ts'
import { createGatewayWorld, type GatewayWorld } from './support/world.ts'

describeWith(['traffic_server'], 'Apache Traffic Server', (binary = '') => {
  let world: GatewayWorld
  let program: Program
  let port = 0
  beforeAll(async () => {
    world = await createGatewayWorld()
    port = await freePort()
    const asked = world.config.listen.find(({ dialect }) => dialect === 'envoy-http')?.tcp ?? ''
    const place = { binary, port, upstream: world.upstream.port, ask: asked }
    program = await startTrafficServer(place)
  })
  afterAll(async () => {
    await program.close()
    await world.close()
  })

  it('comes to the same verdict on every credential', async () => {
    const wrong: string[] = []
    for (const { name, request, status, error } of await tokenCases(world.issuer.tokens)) {
      const before = world.upstream.arrivals.length
      const answer = await ask({ ...request, port })
      const found = verdictOf(answer, world.upstream.arrivals.slice(before), () => true)
      const wanted = error === undefined ? String(status) : `${status} ${error}`
      if (found !== wanted) wrong.push(`${name}: ${found}, not ${wanted}`)
    }
    expect(wrong).toEqual([])
  })
})
