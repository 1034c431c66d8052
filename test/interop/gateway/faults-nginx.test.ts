import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import type { GatewayConfig } from '../../../packages/gateway/src/config/config.ts'
import { describeWith } from '../../support/binaries.ts'
import { freePort } from '../../support/free-port.ts'
import { startRedis } from '../support/redis-server.ts'
import { gateways, startGateway } from './support/gateways.ts'
import { startIssuer } from './support/issuer-server.ts'
import { startService } from './support/service.ts'
import { startUpstream } from './support/upstream.ts'
import { ask, valuesOf, type WireAnswer } from './support/wire.ts'
import { gatewayConfig } from './support/world.ts'

const [nginx] = gateways
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const scene = async (binary: string, extra: Partial<GatewayConfig> = {}) => {
  if (nginx === undefined) throw new Error('there is no gateway to test')
  const issuer = await startIssuer()
  const upstream = await startUpstream()
  cleanups.push(issuer.close, upstream.close)
  const config = { ...(await gatewayConfig(issuer)), drain: { delay: 0.3, grace: 5 }, ...extra }
  const service = await startService(config)
  cleanups.push(service.close)
  const port = await freePort()
  const program = await startGateway(nginx, { binary, port, upstream: upstream.port, config })
  cleanups.push(program.close)
  const good = await issuer.tokens.issueToken({ scope: 'orders:read' })
  const send = (token: string, target = '/orders/1'): Promise<WireAnswer> =>
    ask({ port, target, fields: [['Authorization', `Bearer ${token}`]] })
  return { issuer, upstream, config, service, good, send }
}

describeWith(['nginx'], 'behind nginx', (binary = '') => {
  it('keeps the routes it has when it is given a broken file, and takes a good one', async () => {
    const { config, service, good, send } = await scene(binary)
    expect((await send(good)).status).toBe(200)
    service.write('{ "listen": [ "nobody"')
    service.signal('SIGHUP')
    await service.saysSoon('reload-failed')
    expect((await send(good)).status).toBe(200)
    expect((await send(good, '/invoices/1')).status).toBe(403)
    service.write(
      JSON.stringify({ ...config, routes: [...config.routes, { path: '/invoices/{id}' }] }),
    )
    service.signal('SIGHUP')
    await service.saysSoon('"reloaded"')
    expect((await send(good, '/invoices/1')).status).toBe(200)
    expect((await send('no.such.token', '/invoices/1')).status).toBe(401)
  })

  it('loses nothing but what it announces when it is drained under 64 connections', async () => {
    const { service, good, send, upstream } = await scene(binary)
    expect((await send(good)).status).toBe(200)
    const seen = new Map<string, number>()
    const load = new AbortController()
    const connection = async (at: number): Promise<void> => {
      // Every eighth connection tries a token that nobody may let pass.
      const bad = at % 8 === 0
      for (let turn = 0; !load.signal.aborted && turn < 2000; turn++) {
        const start = performance.now()
        const answer = await send(bad ? `${good}x` : good)
        expect(performance.now() - start).toBeLessThan(5000)
        const announced = answer.status === 503 && valuesOf(answer, 'retry-after').length === 1
        const word = `${bad ? 'bad' : 'good'} ${answer.status}${announced ? ' announced' : ''}`
        seen.set(word, (seen.get(word) ?? 0) + 1)
      }
    }
    const ended = Promise.all(Array.from({ length: 64 }, (_, at) => connection(at)))
    await sleep(500)
    service.signal('SIGTERM')
    expect(await service.ended).toBe(0)
    await sleep(200)
    await service.restart()
    await sleep(500)
    load.abort()
    await ended
    expect([...seen.keys()].toSorted()).toEqual(
      ['bad 401', 'bad 503 announced', 'good 200', 'good 503 announced'].filter((word) =>
        seen.has(word),
      ),
    )
    expect(seen.get('good 200')).toBeGreaterThan(64)
    expect(upstream.arrivals.length).toBe((seen.get('good 200') ?? 0) + 1)
  })
})

describeWith(
  ['nginx', 'redis-server'],
  'behind nginx, with revocations in Redis',
  (binary = '', redisServer = '') => {
    it('answers 503 while Redis is down, and as before when it is back', async () => {
      const port = await freePort()
      const redis = await startRedis(redisServer, ['--port', String(port), '--bind', '127.0.0.1'])
      cleanups.push(redis.close)
      const { good, send } = await scene(binary, {
        redis: { url: `redis://127.0.0.1:${port}`, use: ['revocations'] },
        deadline: 1,
      })
      expect((await send(good)).status).toBe(200)
      await redis.kill()
      const down = await send(good)
      expect(down.status).toBe(503)
      expect(valuesOf(down, 'retry-after')).toHaveLength(1)
      expect((await send('no.such.token')).status).toBe(401)
      await redis.start()
      let status = 503
      for (let attempt = 0; attempt < 100 && status === 503; attempt++) {
        await sleep(100)
        status = (await send(good)).status
      }
      expect(status).toBe(200)
    })
  },
)
