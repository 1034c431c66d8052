import { afterAll, beforeAll, expect, it } from 'vitest'
import { snippetFor } from '../../../packages/gateway/src/snippet/create.ts'
import { describeWith } from '../../support/binaries.ts'
import { freePort } from '../../support/free-port.ts'
import { gateways } from './support/gateways.ts'
import { startProgram } from './support/programs.ts'
import { arrivedUnder } from './support/upstream.ts'
import { ask } from './support/wire.ts'
import { createGatewayWorld, type GatewayWorld } from './support/world.ts'

const names = ['a', 'b', 'c', 'd']
let world: GatewayWorld
beforeAll(async () => {
  world = await createGatewayWorld({
    identity: {
      token: {
        issuer: 'http://127.0.0.1:9100',
        audience: 'https://upstream.test',
        claims: ['roles'],
      },
      headers: Object.fromEntries(names.map((name) => [`X-Auth-${name}`, name])),
    },
  })
})
afterAll(() => world.close())

for (const under of gateways) {
  describeWith([under.binary], under.name, (binary = '') => {
    it('hands on long identities', async () => {
      const port = await world.place(under, binary)
      const arrivedWith = async (claims: Record<string, string>) => {
        const token = await world.issuer.tokens.issueToken({ scope: 'orders:read', ...claims })
        const { status } = await ask({ port, fields: [['Authorization', `Bearer ${token}`]] })
        expect(status).toBe(200)
        const arrived = world.upstream.last()
        if (arrived === undefined) throw new Error('nothing arrived')
        return (name: string): string | undefined => arrivedUnder(arrived, name)[0]
      }
      // More than 1,024 characters are refused in a plain field, and 6,144 in the token.
      const plain = await arrivedWith(
        Object.fromEntries(names.map((name) => [name, name.repeat(1024)])),
      )
      for (const name of names) expect(plain(`x-auth-${name}`)).toBe(name.repeat(1024))
      const signed = await arrivedWith({ roles: 'r'.repeat(4100) })
      expect(signed('authorization')?.length).toBeGreaterThan(5900)
    })
  })
}

describeWith(['nginx'], 'nginx', (binary = '') => {
  it('takes bodies as long as the location of the upstream lets them be', async () => {
    const under = gateways.find(({ name }) => name === 'nginx')
    if (under === undefined) throw new Error('there is no gateway to test')
    const port = await freePort()
    const listen = world.config.listen.filter(({ dialect }) => dialect === 'nginx')
    const wish = { listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${world.upstream.port}` }
    const texts = snippetFor('nginx', { ...world.config, listen }, wish).map(({ name, text }) => [
      name,
      text.replace('location / {', 'location / {\n    client_max_body_size 8m;'),
    ])
    const setting = under.setting(Object.fromEntries(texts))
    const program = await startProgram({ binary, port, ...setting })
    try {
      const token = await world.issuer.tokens.issueToken({ scope: 'orders:read' })
      const { status } = await ask({
        port,
        method: 'POST',
        fields: [['Authorization', `Bearer ${token}`]],
        body: 'x'.repeat(3_000_000),
      })
      expect(status).toBe(200)
      expect(world.upstream.last()?.body).toHaveLength(3_000_000)
    } finally {
      await program.close()
    }
  })
})
