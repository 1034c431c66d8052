import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  testLock,
  testReplayStore,
  testRevocations,
  testSessionStore,
} from '@portcullis/testkit/contract'
import {
  redisLock,
  redisReplays,
  redisRevocations,
  redisSessions,
  type RedisClient,
  type RedisOptions,
} from '@portcullis/redis'
import { describeWith } from '../support/binaries.ts'
import { keysOf, libraries, type TestClient } from './support/redis-clients.ts'
import { startRedis, type RedisServer } from './support/redis-server.ts'

const issuer = 'https://id.example.com'
const hour = () => Date.now() + 3_600_000
const record = (
  version = 1,
  expiresAt = hour(),
  owner = { issuer, sub: 'alice', sid: 'laptop' },
) => ({
  body: 'body',
  version,
  expiresAt,
  owner,
})

describeWith(['redis-server'], 'Redis', (binary = '') => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis(binary)
  })
  afterAll(() => server?.close())

  describe.each(libraries)('over $name', ({ name, open }) => {
    let opened: TestClient
    beforeAll(async () => {
      opened = await open(server.path)
    })
    afterAll(() => opened?.close())

    let trials = 0
    const fresh =
      <S>(make: (client: RedisClient, options: RedisOptions) => S) =>
      () => ({ subject: make(opened.client, { prefix: `${name}-${trials++}` }) })
    // Each property has a prefix of its own, so that the waits of all pass at once.
    const runner = { describe, it: it.concurrent }

    testSessionStore('redis', fresh(redisSessions), runner)
    testRevocations('redis', fresh(redisRevocations), runner)
    testReplayStore('redis', fresh(redisReplays), runner)
    testLock('redis', fresh(redisLock), runner)
  })

  describe.each(libraries)('what is kept, over $name', ({ open }) => {
    let opened: TestClient
    const withEmpty = (body: () => Promise<void>) => async () => {
      opened = await open(server.path)
      await opened.command('FLUSHALL')
      try {
        await body()
      } finally {
        opened.close()
      }
    }
    const ttl = async (key: string) => Number(await opened.command('TTL', key))

    it(
      'expires, every key of it',
      withEmpty(async () => {
        await redisSessions(opened.client).write('a', record(), 0)
        await redisRevocations(opened.client).revoke('sid', Date.now(), 600)
        await redisReplays(opened.client).first('jti', 600)
        const lock = redisLock(opened.client)
        await (await lock.acquire('a', 600))?.release({ text: 'note', seconds: 600 })
        await lock.acquire('a', 600)
        const keys = await keysOf(opened)
        expect(keys).toHaveLength(8)
        for (const key of keys) {
          const left = await ttl(key)
          expect({ key, expires: left > 500 && left <= 87_000 }).toEqual({ key, expires: true })
        }
      }),
    )

    it(
      'lies under the prefix, by hashes alone',
      withEmpty(async () => {
        const options = { prefix: 'shop-1' }
        await redisSessions(opened.client, options).write('a', record(), 0)
        await redisRevocations(opened.client, options).revoke('alice}', Date.now(), 600)
        await redisReplays(opened.client, options).first('alice{', 600)
        await redisLock(opened.client, options).acquire('alice', 600)
        for (const key of await keysOf(opened)) {
          expect(key).toMatch(/^(?:\{shop-1\}:[sor]:|shop-1:[ul]:\{)[\w-]+(?:\}(?::\w+)?)?$/)
          expect(key).not.toContain('alice')
        }
      }),
    )

    it(
      'keeps apart what has another prefix',
      withEmpty(async () => {
        await redisSessions(opened.client, { prefix: 'one' }).write('a', record(), 0)
        expect(await redisSessions(opened.client, { prefix: 'two' }).read('a')).toBeUndefined()
      }),
    )

    it(
      'leaves no list of an owner behind',
      withEmpty(async () => {
        const store = redisSessions(opened.client)
        await store.write('a', record(), 0)
        await store.write('b', record(), 0)
        expect(await keysOf(opened)).toHaveLength(4)
        await store.destroy('a')
        await store.destroyBy({ issuer, sub: 'alice' })
        expect(await keysOf(opened)).toEqual([])
      }),
    )

    it(
      'keeps a list as long as its longest member, and drops members that are over',
      withEmpty(async () => {
        const store = redisSessions(opened.client)
        await store.write('long', record(1, Date.now() + 100_000), 0)
        await store.write('short', record(1, Date.now() + 20), 0)
        const lists = (await keysOf(opened)).filter((key) => key.includes(':o:'))
        expect(lists).toHaveLength(2)
        for (const key of lists) expect(await ttl(key)).toBeGreaterThan(90)
        await new Promise((resolve) => {
          setTimeout(resolve, 60)
        })
        await store.write('long', record(2, Date.now() + 1000), 1)
        for (const key of lists) {
          expect(await opened.command('ZRANGE', key, '0', '-1')).toEqual(['long'])
          expect(await ttl(key)).toBeLessThanOrEqual(2)
        }
      }),
    )

    it(
      'is read by one command, once the server knows the scripts',
      withEmpty(async () => {
        const store = redisSessions(opened.client)
        const revocations = redisRevocations(opened.client)
        const sent = async (act: () => Promise<unknown>) => {
          await opened.command('CONFIG', 'RESETSTAT')
          await act()
          const info = String(await opened.command('INFO', 'commandstats'))
          return [...info.matchAll(/cmdstat_(evalsha|eval|get):calls=(\d+)/g)].map(
            ([, name, calls]) => `${name} ${calls}`,
          )
        }
        await store.write('a', record(), 0)
        await revocations.latest(['a'])
        expect(await sent(() => store.read('a'))).toEqual(['get 1'])
        expect(await sent(async () => revocations.latest(['a', 'b', 'c']))).toEqual(['evalsha 1'])
      }),
    )

    it(
      'is written even where the server has forgotten the scripts',
      withEmpty(async () => {
        const store = redisSessions(opened.client)
        await store.write('a', record(), 0)
        await opened.command('SCRIPT', 'FLUSH')
        expect(await store.write('a', record(2), 1)).toBe(true)
      }),
    )

    it(
      'is no session where somebody else has written',
      withEmpty(async () => {
        const store = redisSessions(opened.client)
        for (const strange of ['', 'x', '1 - - 5\nnot json\nbody', '1 - - 5\n{"issuer":"a"}']) {
          await opened.command('SET', '{portcullis}:s:a', strange)
          expect(await store.read('a')).toBeUndefined()
        }
        await opened.command('DEL', '{portcullis}:s:a')
        await opened.command('LPUSH', '{portcullis}:s:a', '1')
        await expect(store.read('a')).rejects.toMatchObject({ code: 'store_failed' })
        await expect(store.write('a', record(), 0)).rejects.toMatchObject({ code: 'store_failed' })
      }),
    )
  })
})
