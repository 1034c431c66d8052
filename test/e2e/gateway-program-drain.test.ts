import { Agent, request } from 'node:http'
import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDesk, endAll, gatewayYaml, startGateway } from './support/gateway-program.ts'

let server: AuthorizationServer
let token = ''
const desk = createDesk()
beforeAll(async () => {
  server = await createAuthorizationServer({
    resources: { 'https://api.test': { scopes: ['orders:read'] } },
  })
  token = await server.issueToken({ scope: 'orders:read', resource: 'https://api.test' })
})
afterAll(async () => {
  endAll()
  desk.clear()
  await server.close()
})

type Outcome = number | 'turned away' | 'lost'

// A connection that was refused, or ended before it took a request, has lost nothing.
const askOver = (agent: Agent, [host, port]: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    let connected = false
    const asked = request(
      {
        agent,
        host,
        port,
        path: '/check',
        headers: {
          'x-forwarded-method': 'GET',
          'x-forwarded-uri': '/orders',
          'x-forwarded-host': 'api.test',
          'x-forwarded-proto': 'https',
          authorization: `Bearer ${token}`,
        },
      },
      (response) => {
        response.resume()
        response.once('end', () => resolve(response.statusCode ?? 0))
        response.once('error', () => resolve('lost'))
      },
    )
    asked.once('socket', (socket) => {
      connected = !socket.connecting
      if (socket.connecting) socket.once('connect', () => (connected = true))
    })
    asked.once('error', () => resolve(connected ? 'lost' : 'turned away'))
    asked.end()
  })

describe.each([1, 2])('with %i processes', (workers) => {
  test('ends under the load of 64 connections without losing a request', async () => {
    const config = gatewayYaml(server.issuer, `workers: ${workers}`)
    const gateway = await startGateway(desk.write(config, `drain-${workers}.yaml`))
    const to = gateway.address().split(':')
    const outcomes: Outcome[] = []
    const client = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (let last: Outcome = 204; last === 204;) {
        // oxlint-disable-next-line no-await-in-loop -- one connection carries one request at a time
        last = await askOver(agent, to)
        outcomes.push(last)
      }
      agent.destroy()
    }
    const clients = Array.from({ length: 64 }, client)
    await new Promise((resolve) => void setTimeout(resolve, 500))
    const begun = outcomes.length
    const ended = gateway.end()
    await gateway.said('draining')
    const readiness = await fetch(`${gateway.admin}/readyz`)
    expect([readiness.status, await readiness.json()]).toEqual([
      503,
      { ready: false, reasons: ['draining'] },
    ])
    await Promise.all(clients)
    expect(await ended).toEqual({ code: 0, by: null })
    const count = (outcome: Outcome): number => outcomes.filter((one) => one === outcome).length
    expect(begun).toBeGreaterThan(64)
    expect({ lost: count('lost'), away: count('turned away') }).toEqual({ lost: 0, away: 64 })
    expect(count(204)).toBe(outcomes.length - 64)
  })
})
