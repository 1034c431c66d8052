import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '../../support/binaries.ts'
import { forgeryCases } from './support/forgery-cases.ts'
import { gateways } from './support/gateways.ts'
import type { TokenCase } from './support/token-case.ts'
import { tokenCases } from './support/token-cases.ts'
import { arrivedUnder, type Arrival } from './support/upstream.ts'
import { isUserOne, verdictOf } from './support/verdict.ts'
import { ask, type WireRequest } from './support/wire.ts'
import { createGatewayWorld, type GatewayWorld } from './support/world.ts'

let world: GatewayWorld
let cases: readonly TokenCase[]
let good: string

beforeAll(async () => {
  world = await createGatewayWorld()
  cases = await tokenCases(world.issuer.tokens)
  good = await world.issuer.tokens.issueToken({ scope: 'orders:read' })
})
afterAll(() => world.close())

// To refuse is safe too: a gateway may not be able to take a field off.
const refusals = [400, 401, 403]

// nginx refuses a second Authorization field by itself, before it asks anybody.
const answersItself = (gateway: string, name: string): boolean =>
  gateway === 'nginx' && name.startsWith('two fields')

for (const under of gateways) {
  describeWith([under.binary], under.name, (binary = '') => {
    let port = 0
    beforeAll(async () => {
      port = await world.place(under, binary)
    })

    const send = async (request: Omit<WireRequest, 'port'>) => {
      const before = world.upstream.arrivals.length
      const answer = await ask({ ...request, port })
      return { answer, arrived: world.upstream.arrivals.slice(before) }
    }

    it('comes to the same verdict on every credential', async () => {
      expect(cases.length).toBeGreaterThanOrEqual(60)
      const wrong: string[] = []
      for (const expected of cases) {
        const { answer, arrived } = await send(expected.request)
        const found = verdictOf(answer, arrived, isUserOne)
        const wanted = answersItself(under.name, expected.name)
          ? '400'
          : [expected.status, expected.error].filter((word) => word !== undefined).join(' ')
        if (found !== wanted) wrong.push(`${expected.name}: ${found}, not ${wanted}`)
      }
      expect(wrong).toEqual([])
    })

    it('tells the upstream who is calling, and nothing of what the client brought', async () => {
      const { answer, arrived } = await send({ fields: [['Authorization', `Bearer ${good}`]] })
      expect(answer.status).toBe(200)
      expect(arrived).toHaveLength(1)
      arrived.forEach(expectIdentity)
      expect(JSON.stringify(arrived)).not.toContain(good)
    })

    it.each(forgeryCases)('lets no client forge: $name', async ({ request }) => {
      const fields = [...(request.fields ?? []), ['Authorization', `Bearer ${good}`] as const]
      const { answer, arrived } = await send({ ...request, fields })
      expect([200, ...refusals]).toContain(answer.status)
      expect(arrived).toHaveLength(answer.status === 200 ? 1 : 0)
      arrived.forEach(expectIdentity)
    })

    it.each(forgeryCases)('grants nothing for it without a token: $name', async ({ request }) => {
      const { answer, arrived } = await send(request)
      expect(refusals).toContain(answer.status)
      expect(arrived).toEqual([])
    })

    it.each(forgeryCases)('says nothing of a client that nobody knows: $name', async (forged) => {
      const { answer, arrived } = await send({ ...forged.request, target: '/public/x' })
      expect([200, 400, 403]).toContain(answer.status)
      expect(arrived).toHaveLength(answer.status === 200 ? 1 : 0)
      const told = arrived.flatMap((arrival) =>
        ['x-auth-subject', 'x-auth-scope', 'authorization'].flatMap((name) =>
          arrivedUnder(arrival, name),
        ),
      )
      expect(told.join('')).toBe('')
    })

    it('hands on nothing that a client says of where it was', async () => {
      const names = ['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Port', 'X-Forwarded-Prefix']
      const { answer, arrived } = await send({
        fields: [
          ...names.map((name) => [name, 'forged'] as const),
          ['Authorization', `Bearer ${good}`],
        ],
      })
      expect(answer.status).toBe(200)
      expect(JSON.stringify(arrived)).not.toContain('forged')
    })

    it('opens no other protocol past the check', async () => {
      const { answer, arrived } = await send({
        fields: [
          ['Connection', 'Upgrade, HTTP2-Settings'],
          ['Upgrade', 'h2c'],
          ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
          ['Proxy', 'http://admin.test/'],
          ['Authorization', `Bearer ${good}`],
        ],
      })
      expect([200, 400, 403]).toContain(answer.status)
      const told = arrived.flatMap((arrival) =>
        ['upgrade', 'http2-settings', 'proxy'].flatMap((name) => arrivedUnder(arrival, name)),
      )
      expect(told.join('')).toBe('')
    })

    it.each([
      ['in one field', [['Upgrade', 'h2c, websocket']]],
      ['behind it', [['Upgrade', 'websocket, h2c']]],
      [
        'in a field before it',
        [
          ['Upgrade', 'h2c'],
          ['Upgrade', 'websocket'],
        ],
      ],
      [
        'in a field behind it',
        [
          ['Upgrade', 'websocket'],
          ['Upgrade', 'h2c'],
        ],
      ],
      ['with a version', [['Upgrade', 'websocket/13']]],
      ['in its place', [['Upgrade', 'TLS/1.3']]],
    ] as const)('lets no other protocol through than WebSocket, %s', async (_, upgrade) => {
      const { arrived } = await send({
        fields: [
          ['Connection', 'Upgrade'],
          ...upgrade,
          ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
          ['Sec-WebSocket-Version', '13'],
          ['Authorization', `Bearer ${good}`],
        ],
      })
      const told = arrived.flatMap((arrival) => arrivedUnder(arrival, 'upgrade'))
      expect(['', 'websocket']).toContain(told.join(', ').toLowerCase())
    })

    it('lets a WebSocket through', async () => {
      const { arrived } = await send({
        fields: [
          ['Connection', 'keep-alive, Upgrade'],
          ['Upgrade', 'WebSocket'],
          ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
          ['Sec-WebSocket-Version', '13'],
          ['Authorization', `Bearer ${good}`],
        ],
      })
      const told = (name: string): readonly string[] =>
        arrived.flatMap((arrival) => arrivedUnder(arrival, name)).map((one) => one.toLowerCase())
      expect(told('upgrade')).toEqual(['websocket'])
      expect(told('connection').join()).toContain('upgrade')
    })

    it('takes no list of hosts for one of them', async () => {
      const { answer, arrived } = await send({
        host: 'admin.test,api.test',
        fields: [['Authorization', `Bearer ${good}`]],
      })
      expect([400, 403]).toContain(answer.status)
      expect(arrived).toEqual([])
    })

    it('hands bodies to the upstream and to nobody else', async () => {
      const { answer, arrived } = await send({
        method: 'POST',
        fields: [['Authorization', `Bearer ${good}`]],
        body: 'a=1',
      })
      expect(answer.status).toBe(200)
      expect(arrived[0]?.body).toBe('a=1')
    })
  })
}

function expectIdentity(arrival: Arrival): void {
  expect(arrivedUnder(arrival, 'x-auth-subject')).toEqual(['user-1'])
  expect(arrivedUnder(arrival, 'x-auth-scope')).toEqual(['orders:read'])
  const [authorization = '', ...more] = arrivedUnder(arrival, 'authorization')
  expect(more).toEqual([])
  const claims = decodeJwt(authorization.replace(/^Bearer /, ''))
  expect(claims).toMatchObject({ sub: 'user-1', aud: 'https://upstream.test' })
  expect(claims.iss).toBe(world.config.identity?.token?.issuer)
}
