import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '../../support/binaries.ts'
import { caseRoutes } from '../../support/gateway-cases.ts'
import { gateways } from './support/gateways.ts'
import { sentCases, type SentCase } from './support/request-cases.ts'
import { createJudge, outcomeOf, type Judge, type Outcome } from './support/sent.ts'
import { createGatewayWorld, type GatewayWorld } from './support/world.ts'

let world: GatewayWorld
let judge: Judge
beforeAll(async () => {
  world = await createGatewayWorld({ routes: caseRoutes })
  judge = await createJudge(world.config)
})
afterAll(async () => {
  await judge.close()
  await world.close()
})

// What a gateway refuses although we would not.
const declined: Readonly<Record<string, readonly string[]>> = {
  'a host in HTTP/1.0': ['Envoy over gRPC', 'Envoy over HTTP'],
  'an absolute target': ['HAProxy with Lua'],
  'a target of 20,000 characters': ['nginx', 'HAProxy with Lua', 'HAProxy over SPOE'],
  'a field of 20,000 characters': ['nginx', 'HAProxy with Lua', 'HAProxy over SPOE'],
}

// Go answers it by itself, and nothing arrives.
const answeredByGo = 'OPTIONS of the whole server'

/** Whether a gateway did what is right, or what is safe and its own. */
function isRight(gateway: string, { name, status, request }: SentCase, found: Outcome): boolean {
  if (found.status === status) return found.arrived.length === (status === 200 ? 1 : 0)
  if (found.status !== 200) {
    return status === 200 ? declined[name]?.includes(gateway) === true : found.status !== 503
  }
  if (found.arrived.length === 0) return name === answeredByGo
  // It was cleaned before anybody was asked.
  return gateway === 'Traefik' && found.arrived[0]?.target !== request.target
}

for (const under of gateways) {
  describeWith([under.binary], under.name, (binary = '') => {
    it('asks for what it passes on, and comes to the right verdict on every request', async () => {
      expect(sentCases.length).toBeGreaterThanOrEqual(40)
      const port = await world.place(under, binary)
      const wrong: string[] = []
      for (const sent of sentCases) {
        const found = await outcomeOf(sent, { world, judge, port })
        const faults = [...found.faults, ...(isRight(under.name, sent, found) ? [] : ['not right'])]
        if (faults.length > 0) wrong.push(`${sent.name}: ${found.status}, ${faults.join(', ')}`)
      }
      expect(wrong).toEqual([])
    }, 60_000)
  })
}
