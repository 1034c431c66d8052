import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  redisLock,
  redisReplays,
  redisRevocations,
  redisSessions,
  type RedisClient,
} from '@portcullis/redis'
import { describeWith } from '../support/binaries.ts'
import { freePort } from '../support/free-port.ts'
import { libraries } from './support/redis-clients.ts'
import { startRedis, type RedisServer } from './support/redis-server.ts'

const owner = { issuer: 'https://id.example.com', sub: 'alice', sid: 'laptop' }
const record = (version = 1) => ({
  body: 'body',
  version,
  expiresAt: Date.now() + 60_000,
  owner,
})

interface ClusterClient {
  readonly client: RedisClient
  readonly close: () => unknown
}

const openings: readonly (readonly [string, (port: number) => Promise<ClusterClient>])[] = [
  [
    'node-redis',
    async (port) => {
      const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] })
      await client.connect()
      return { client, close: () => client.destroy() }
    },
  ],
  [
    'ioredis, with a prefix of its own',
    async (port) => {
      const client = new Cluster([{ host: '127.0.0.1', port }], { keyPrefix: 'app:' })
      return { client, close: () => client.disconnect() }
    },
  ],
]

// One node that has all the slots is as strict as many: a script must keep to one slot.
describeWith(['redis-server'], 'a Redis cluster', (binary = '') => {
  let server: RedisServer
  let port: number
  beforeAll(async () => {
    port = await freePort()
    const own = ['--port', String(port), '--bind', '127.0.0.1']
    const bus = ['--cluster-port', String(await freePort())]
    const cluster = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']
    server = await startRedis(binary, [...own, ...bus, ...cluster])
    const [library] = libraries
    const direct = await library?.open(server.path)
    await direct?.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await vi.waitUntil(
      async () => String(await direct?.command('CLUSTER', 'INFO')).includes('state:ok'),
      { timeout: 10_000 },
    )
    direct?.close()
  })
  afterAll(() => server?.close())

  describe.each(openings)('over %s', (_, open) => {
    let opened: ClusterClient
    beforeAll(async () => {
      opened = await open(port)
    })
    afterAll(() => opened?.close())

    it('keeps sessions, and ends them by their owner', async () => {
      const store = redisSessions(opened.client)
      for (const id of ['a', 'b', 'c', 'd']) {
        expect(await store.write(id, record(), 0)).toBe(true)
      }
      expect(await store.write('a', record(2), 1)).toBe(true)
      expect(await store.write('a', record(2), 1)).toBe(false)
      expect(await store.read('a')).toMatchObject({ version: 2, owner })
      await store.destroy('a')
      expect(await store.read('a')).toBeUndefined()
      await store.destroyBy(owner)
      for (const id of ['b', 'c', 'd']) expect(await store.read(id)).toBeUndefined()
    })

    it('keeps revocations, used names and locks', async () => {
      const revocations = redisRevocations(opened.client)
      for (const [index, name] of ['a', 'b', 'c'].entries()) {
        await revocations.revoke(name, 1000 + index, 60)
      }
      expect(await revocations.latest(['a', 'b', 'c', 'd'])).toBe(1002)
      const replays = redisReplays(opened.client, { prefix: `p${port}` })
      for (const name of ['a', 'b', 'c']) {
        expect(await replays.first(name, 60)).toBe(true)
        expect(await replays.has(name)).toBe(true)
      }
      const lock = redisLock(opened.client)
      for (const name of ['a', 'b', 'c']) {
        const lease = await lock.acquire(name, 60)
        expect(await lock.acquire(name, 60)).toBeUndefined()
        expect(await lease?.release({ text: name, seconds: 60 })).toBe(true)
        expect(await lock.note(name)).toBe(name)
      }
    })
  })
})
