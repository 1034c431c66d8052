import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { createGateway } from '../../../packages/gateway/src/create.ts'
import type { GatewayConfig } from '../../../packages/gateway/src/config/config.ts'
import { describeWith } from '../../support/binaries.ts'
import { freePort } from '../../support/free-port.ts'
import { startRedis } from '../support/redis-server.ts'
import { gateways, nginxScripts, startGateway } from './support/gateways.ts'
import { startIssuer } from './support/issuer-server.ts'
import { closeServer, startUpstream } from './support/upstream.ts'
import { ask, valuesOf, type WireRequest } from './support/wire.ts'
import { gatewayConfig } from './support/world.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

// What became of the question is told to the client, and answers lie where the suite can look.
const observed = (snippet: string): string =>
  snippet
    .replace(
      'auth_request /_portcullis;',
      'auth_request /_portcullis; auth_request_set $seen $upstream_cache_status; add_header X-Seen $seen always;',
    )
    .replace('/run/portcullis-nginx', '{folder}/kept')

type Change = (config: GatewayConfig) => Partial<GatewayConfig>

const scene = async (binary: string, change: Change = () => ({})) => {
  const [nginx] = gateways
  if (nginx === undefined) throw new Error('there is no gateway to test')
  const issuer = await startIssuer()
  const upstream = await startUpstream()
  cleanups.push(issuer.close, upstream.close)
  const plain = await gatewayConfig(issuer)
  const config = { ...plain, ...change(plain) }
  const gateway = createGateway(config)
  cleanups.push(() => gateway.close())
  await gateway.listen()
  // What the program does before it calls itself ready: a check of a busy machine may take a second.
  await gateway.prewarm()
  const port = await freePort()
  const program = await startGateway(
    {
      ...nginx,
      setting: (snippet) =>
        nginx.setting({
          ...snippet,
          'portcullis.conf': observed(snippet['portcullis.conf'] ?? ''),
        }),
    },
    { binary, port, upstream: upstream.port, config, cache: true },
  )
  cleanups.push(program.close)
  const tokens = issuer.tokens
  /** Whether it was a HIT, a MISS, … or the status where it did not pass. */
  const send = async (token: string | undefined, request: Omit<WireRequest, 'port'> = {}) => {
    const authorization = token === undefined ? [] : [['Authorization', `Bearer ${token}`] as const]
    const answer = await ask({
      ...request,
      port,
      fields: [...(request.fields ?? []), ...authorization],
    })
    return answer.status === 200 ? valuesOf(answer, 'x-seen').join() : String(answer.status)
  }
  const kept = (): readonly string[] =>
    readdirSync(join(program.folder, 'kept'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.length > 32)
      .map((name) => readFileSync(join(program.folder, 'kept', name), 'latin1'))
  const good = await tokens.issueToken({ scope: 'orders:read' })
  return { upstream, gateway, good, tokens, send, kept }
}

describe('the cache of nginx', () => {
  describeWith(['nginx', nginxScripts], 'answers that nginx keeps', (binary = '') => {
    it('serve the same request again, with the same identity, and no other request', async () => {
      const { good, tokens, send, upstream, gateway } = await scene(binary)
      expect(await send(good)).toBe('MISS')
      expect(await send(good)).toBe('HIT')
      const [first, second] = upstream.arrivals.slice(-2)
      expect(second).toEqual(first)
      expect(await send(good, { target: '/orders/1?page=2' })).toBe('HIT')
      expect(await send(good, { target: '/orders/2' })).toBe('MISS')
      expect(await send(good, { method: 'DELETE' })).toBe('MISS')
      expect(await send(good, { host: 'other.test' })).toBe('MISS')
      const another = await tokens.issueToken({ scope: 'orders:read', sub: 'user-2' })
      expect(await send(another)).toBe('MISS')
      expect(JSON.stringify(upstream.last()?.fields)).toContain('user-2')
      expect(await send(undefined)).toBe('401')
      expect(await send(good, { target: '/orders/1?#x' })).toBe('400')
      await gateway.close()
      expect(await send(good)).toBe('HIT')
      expect(await send(another, { target: '/orders/2' })).toBe('503')
    })

    it('are not used where a proof of possession is sent', async () => {
      const { good, send } = await scene(binary)
      await send(good)
      expect(await send(good)).toBe('HIT')
      expect(await send(good, { fields: [['DPoP', 'a.b.c']] })).not.toBe('HIT')
    })

    it('end when the gateway has said', async () => {
      const { tokens, send, gateway } = await scene(binary)
      const short = await tokens.issueToken({
        scope: 'orders:read',
        exp: Math.floor(Date.now() / 1000) + 3,
      })
      expect(await send(short)).toBe('MISS')
      expect(await send(short)).toBe('HIT')
      await gateway.close()
      await sleep(4500)
      expect(await send(short)).toBe('503')
    })

    it('are no refusals, and none for everybody', async () => {
      const { tokens, send, kept } = await scene(binary)
      const poor = await tokens.issueToken({ scope: 'other' })
      for (let turn = 0; turn < 2; turn++) {
        expect(await send(poor)).toBe('403')
        expect(await send('no.such.token')).toBe('401')
        expect(await send(undefined)).toBe('401')
        expect(await send(undefined, { target: '/public/../orders/1' })).toBe('400')
        expect(await send(undefined, { target: '/public/x' })).toBe('MISS')
      }
      expect(kept()).toEqual([])
    })

    it('hold nothing of the client on the disk', async () => {
      const { good, send, kept } = await scene(binary)
      await send(good)
      const [file = '', ...more] = kept()
      expect(more).toEqual([])
      expect(file).toMatch(/^KEY: [\w-]{43}$/m)
      for (const part of [good, ...good.split('.')]) expect(file).not.toContain(part)
    })

    it('are none where the issuer is asked', async () => {
      const server = createServer(async (request, response) => {
        const claims = decodeJwt(new URLSearchParams(await text(request)).get('token') ?? '')
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ ...claims, active: true }))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      cleanups.push(() => closeServer(server))
      // It listens on a TCP port.
      const { port } = server.address() as AddressInfo
      const { good, send, kept } = await scene(binary, ({ issuers }) => ({
        issuers: issuers.map((issuer) => ({
          ...issuer,
          introspection: {
            use: 'also',
            endpoint: `http://127.0.0.1:${port}/introspect`,
            client: { id: 'gateway', secret: 'introspection-secret' },
          },
        })),
      }))
      expect(await send(good)).toBe('MISS')
      expect(await send(good)).toBe('MISS')
      expect(kept()).toEqual([])
    })
  })

  describeWith(
    ['nginx', 'redis-server', nginxScripts],
    'answers that nginx keeps, with revocations',
    (binary = '', redisServer = '') => {
      it('are none', async () => {
        const port = await freePort()
        const redis = await startRedis(redisServer, ['--port', String(port), '--bind', '127.0.0.1'])
        cleanups.push(redis.close)
        const { good, send, kept } = await scene(binary, () => ({
          redis: { url: `redis://127.0.0.1:${port}`, use: ['revocations'] },
        }))
        expect(await send(good)).toBe('MISS')
        expect(await send(good)).toBe('MISS')
        expect(kept()).toEqual([])
      })
    },
  )
})
