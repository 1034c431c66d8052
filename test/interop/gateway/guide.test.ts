import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { createGateway } from '../../../packages/gateway/src/create.ts'
import { describeWith } from '../../support/binaries.ts'
import { freePort } from '../../support/free-port.ts'
import { gateways, startGateway } from './support/gateways.ts'
import { startIssuer } from './support/issuer-server.ts'
import { startUpstream } from './support/upstream.ts'
import { ask, valuesOf, type WireAnswer, type WireRequest } from './support/wire.ts'
import { gatewayConfig } from './support/world.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** Where each gateway has its page. */
const pages: Readonly<Record<string, string>> = {
  nginx: 'gateway-nginx',
  Caddy: 'gateway-caddy',
  Traefik: 'gateway-traefik',
  'Envoy over gRPC': 'gateway-envoy',
  'Envoy over HTTP': 'gateway-envoy',
  'HAProxy with Lua': 'gateway-haproxy',
  'HAProxy over SPOE': 'gateway-haproxy',
}

// Formatters pad the cells of a table.
const lines = (page: string): readonly string[] =>
  readFileSync(new URL(`../../../docs/guide/${page}.md`, import.meta.url), 'utf8')
    .split('\n')
    .map((line) => line.replace(/ +/g, ' ').trim())

const row = (name: string, answer: WireAnswer): string => {
  const code = (text: string): string => (text === '' ? '' : `\`${text}\``)
  const said = [
    ...valuesOf(answer, 'www-authenticate').map((value) => `WWW-Authenticate: ${value}`),
    // It grows with every attempt to reach the issuer; pages have the first.
    ...valuesOf(answer, 'retry-after').map(
      (value) => `Retry-After: ${/^[1-9]\d?$/.test(value) ? 1 : value}`,
    ),
  ]
  const cells = [name, String(answer.status), said.map(code).join(', '), code(answer.body)]
  return `| ${cells.map((cell) => cell || 'none').join(' | ')} |`
}

for (const under of gateways) {
  describeWith([under.binary], under.name, (binary = '') => {
    it('answers as its page says', async () => {
      const issuer = await startIssuer()
      const upstream = await startUpstream()
      cleanups.push(issuer.close, upstream.close)
      const config = { ...(await gatewayConfig(issuer)), deadline: 3 }
      issuer.behave('fail')
      const gateway = createGateway(config)
      await gateway.listen()
      cleanups.push(() => gateway.close())
      const port = await freePort()
      const program = await startGateway(under, { binary, port, upstream: upstream.port, config })
      cleanups.push(program.close)
      const send = (token?: string, request: Omit<WireRequest, 'port'> = {}) =>
        ask({
          ...request,
          port,
          fields: token === undefined ? [] : [['Authorization', `Bearer ${token}`]],
        })
      const good = await issuer.tokens.issueToken({ scope: 'orders:read' })
      const poor = await issuer.tokens.issueToken({ scope: 'other' })

      const issuerDown = await send(good)
      issuer.behave('well')
      for (let attempt = 0; attempt < 100 && (await send(good)).status !== 200; attempt++) {
        await sleep(100)
      }
      const rows = [
        row('no token', await send()),
        row('bad token', await send(`${good}x`)),
        row('two tokens', await send(`${good}, Bearer ${good}`)),
        row('scope missing', await send(poor)),
        row('no route', await send(good, { target: '/nowhere' })),
        row('a path with two readings', await send(good, { target: '/orders%2f1' })),
        row('issuer down, keys unknown', issuerDown),
      ]
      await gateway.close()
      // HAProxy with Lua goes by its health checks.
      await sleep(600)
      rows.push(row('gateway service down', await send(good)))
      const found = lines(pages[under.name] ?? '')
      expect(rows.filter((line) => !found.includes(line))).toEqual([])
    }, 30_000)
  })
}
