import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'
import { redisRevocations } from '@portcullis/redis'
import { ownerMarks } from '../../packages/core/src/session/marks.ts'
import type { GatewayConfig } from '../../packages/gateway/src/config/config.ts'
import { describeWith } from '../support/binaries.ts'
import { bearer, createGatewayWorld, issuerUrl, mainIssuer } from '../support/gateway-world.ts'
import { keysOf, libraries, type TestClient } from './support/redis-clients.ts'
import { startRedis, type RedisServer } from './support/redis-server.ts'

const audience = 'https://api.test'
const good = { active: true, sub: 'opaque-user', aud: audience, exp: 1_800_000_300 }

describeWith(['redis-server'], 'a gateway with Redis', (binary = '') => {
  let server: RedisServer
  let client: TestClient

  beforeAll(async () => {
    server = await startRedis(binary)
    const [library] = libraries
    if (library === undefined) throw new Error('no library')
    client = await library.open(server.path)
  })
  afterAll(async () => {
    client?.close()
    await server?.close()
  })
  beforeEach(async () => {
    await client.command('FLUSHALL')
  })

  const worldWith = (config: Partial<GatewayConfig>) => {
    const world = createGatewayWorld(
      { deadline: 2, ...config },
      { introspected: (token) => (token === 'opaque' ? good : undefined) },
    )
    onTestFinished(() => world.compiled.close())
    return world
  }
  const revocations = (): Partial<GatewayConfig> => ({
    redis: { url: `unix:${server.path}`, use: ['revocations'] },
  })
  const sharing = (secret = 'k'.repeat(32)): Partial<GatewayConfig> => ({
    issuers: [
      {
        ...mainIssuer,
        introspection: { client: { id: 'gw', secret: 'x' }, cache: { ttl: 60 } },
      },
    ],
    redis: { url: `unix:${server.path}`, use: ['introspection'], secret },
  })

  it('refuses a token whose user a login elsewhere has logged out', async () => {
    const world = worldWith(revocations())
    const token = await world.tokens.issueToken({ sub: 'alice' })
    expect(await world.ask({ fields: bearer(token) })).toMatchObject({
      outcome: 'allowed',
      freshFor: 0,
    })
    const elsewhere = redisRevocations(client.client)
    const owner = { issuer: issuerUrl, sub: 'alice' }
    await Promise.all(
      ownerMarks(owner).map(async (mark) => elsewhere.revoke(mark, world.clock.now(), 60)),
    )
    expect(await world.ask({ fields: bearer(token) })).toMatchObject({
      status: 401,
      code: 'token_revoked',
    })
    world.clock.advance(2)
    const later = await world.tokens.issueToken({ sub: 'alice' })
    expect(await world.ask({ fields: bearer(later) })).toMatchObject({ outcome: 'allowed' })
  })

  it('connects when it is prewarmed, and tells whether it is reached', async () => {
    const world = worldWith(revocations())
    expect(world.compiled.health().redis).toBeUndefined()
    await world.compiled.prewarm()
    expect(world.compiled.health()).toMatchObject({ ok: true, redis: true })
  })

  it('shares what issuers said, sealed', async () => {
    const first = worldWith(sharing())
    const second = worldWith(sharing())
    expect(await first.ask({ fields: bearer('opaque') })).toMatchObject({ outcome: 'allowed' })
    await expect.poll(() => keysOf(client)).toHaveLength(1)
    expect(await second.ask({ fields: bearer('opaque') })).toMatchObject({
      outcome: 'allowed',
      principal: { subject: 'opaque-user' },
    })
    expect(second.asked).not.toContain('/introspect')
    const [key = ''] = await keysOf(client)
    const kept = String(await client.command('GET', key))
    expect(key).toMatch(/^portcullis:i:[\w-]{43}$/)
    expect(kept).not.toMatch(/opaque|active/)
    expect(Number(await client.command('PTTL', key))).toBeLessThanOrEqual(60_000)
  })

  it('finds nothing with another secret, and opens nothing that stands under another name', async () => {
    const first = worldWith(sharing())
    await first.ask({ fields: bearer('opaque') })
    await expect.poll(() => keysOf(client)).toHaveLength(1)
    const other = worldWith(sharing('o'.repeat(32)))
    await other.ask({ fields: bearer('opaque') })
    expect(other.asked).toContain('/introspect')
    await expect.poll(() => keysOf(client)).toHaveLength(2)
    // Whoever may write to Redis swaps the answers of two tokens.
    await first.ask({ fields: bearer('unknown') })
    await expect.poll(() => keysOf(client)).toHaveLength(3)
    const keys = await keysOf(client)
    const values = await Promise.all(keys.map((key) => client.command('GET', key)))
    await Promise.all(
      keys.map((key, at) => client.command('SET', key, String(values[(at + 1) % keys.length]))),
    )
    const fresh = worldWith(sharing())
    expect(await fresh.ask({ fields: bearer('unknown') })).toMatchObject({ code: 'token_revoked' })
    expect(fresh.asked).toContain('/introspect')
  })

  it('is unavailable, and denies nobody, while revocations cannot be asked for; then goes on', async () => {
    const world = worldWith({ ...revocations(), deadline: 0.3 })
    const fields = bearer(await world.tokens.issueToken())
    expect(await world.ask({ fields })).toMatchObject({ outcome: 'allowed' })
    server.freeze()
    expect(await world.ask({ fields })).toMatchObject({
      outcome: 'unavailable',
      code: 'store_failed',
    })
    server.thaw()
    await server.kill()
    await expect
      .poll(() => world.ask({ fields }))
      .toMatchObject({ outcome: 'unavailable', code: 'store_failed' })
    expect(world.compiled.health()).toMatchObject({ ok: false, redis: false })
    // What needs no token needs no Redis.
    expect(await world.ask({})).toMatchObject({ status: 401, code: 'no_credential' })
    await server.start()
    await expect
      .poll(() => world.ask({ fields }), { timeout: 10_000 })
      .toMatchObject({ outcome: 'allowed' })
  })

  it('asks issuers where shared answers cannot be asked for', async () => {
    const world = worldWith({ ...sharing(), redis: { ...closed, use: ['introspection'] } })
    expect(await world.ask({ fields: bearer('opaque') })).toMatchObject({ outcome: 'allowed' })
    await expect(world.compiled.prewarm()).rejects.toMatchObject({ code: 'store_failed' })
  })

  it('asks issuers where Redis does not answer', async () => {
    const world = worldWith({ ...sharing(), deadline: 1 })
    await world.compiled.prewarm()
    server.freeze()
    onTestFinished(() => server.thaw())
    expect(await world.ask({ fields: bearer('opaque') })).toMatchObject({ outcome: 'allowed' })
  })

  it('is unavailable where Redis was never there', async () => {
    const world = worldWith({ deadline: 0.2, redis: { ...closed, use: ['revocations'] } })
    const fields = bearer(await world.tokens.issueToken())
    expect(await world.ask({ fields })).toMatchObject({ outcome: 'unavailable' })
  })
})

const closed = { url: 'unix:/nowhere/redis.sock', secret: 'k'.repeat(32) }
