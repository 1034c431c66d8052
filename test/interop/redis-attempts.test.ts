import * as fc from 'fast-check'
import { memoryAttempts, type AttemptStore } from '@portcullis/okta'
import { redisAttempts } from '@portcullis/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import { keysOf, libraries, type TestClient } from './support/redis-clients.ts'
import { startRedis, type RedisServer } from './support/redis-server.ts'

const pause = (milliseconds: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })

const many = (store: AttemptStore, times: number, name = 'ada') =>
  Promise.all(Array.from({ length: times }, async () => store.take(name, 3, 60)))

/** What every store of attempts must do, whoever else is at it. */
function testAttempts(make: () => AttemptStore): void {
  it('gives no more places than there are, however many ask at once', async () => {
    const taken = await many(make(), 100)
    const ids = taken.flatMap((one) => ('id' in one ? [one.id] : []))
    expect(new Set(ids).size).toBe(3)
    expect(ids).toHaveLength(3)
    const waits = taken.flatMap((one) => ('wait' in one ? [one.wait] : []))
    expect(waits.filter((wait) => !(wait > 50 && wait <= 60))).toEqual([])
  })

  it('counts each name by itself', async () => {
    const store = make()
    await many(store, 5)
    expect((await many(store, 5, 'bob')).filter((one) => 'id' in one)).toHaveLength(3)
  })

  it('gives a place back once, and only to its name', async () => {
    const store = make()
    const [first] = await many(store, 3)
    const id = first && 'id' in first ? first.id : ''
    await store.giveBack('bob', id)
    expect(await store.take('ada', 3, 60)).toHaveProperty('wait')
    await store.giveBack('ada', id)
    await store.giveBack('ada', id)
    expect((await many(store, 5)).filter((one) => 'id' in one)).toHaveLength(1)
  })

  it('clears a name, and no other', async () => {
    const store = make()
    await many(store, 3)
    await many(store, 3, 'bob')
    await store.clear('ada')
    expect(await store.take('ada', 3, 60)).toHaveProperty('id')
    expect(await store.take('bob', 3, 60)).toHaveProperty('wait')
  })

  it('frees each place after its own time', async () => {
    const store = make()
    await store.take('ada', 2, 0.05)
    await store.take('ada', 2, 60)
    const refused = await store.take('ada', 2, 60)
    expect('wait' in refused && refused.wait).toBeLessThanOrEqual(0.05)
    await pause(80)
    expect(await store.take('ada', 2, 60)).toHaveProperty('id')
    expect(await store.take('ada', 2, 60)).toHaveProperty('wait')
  })

  it('waits for as many places as a smaller limit wants free', async () => {
    const store = make()
    for (const seconds of [10, 20, 30]) await store.take('ada', 3, seconds)
    const refused = await store.take('ada', 1, 60)
    expect(Math.round('wait' in refused ? refused.wait : 0)).toBe(30)
  })
}

describe('attempts in memory', () => {
  testAttempts(() => memoryAttempts())
})

describeWith(['redis-server'], 'attempts in Redis', (binary = '') => {
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
    const fresh = () => redisAttempts(opened.client, { prefix: `${name}-${trials++}` })

    testAttempts(fresh)

    it('does whatever memory does', async () => {
      const step = fc.record({
        act: fc.constantFrom('take', 'take', 'take', 'giveBack', 'clear'),
        name: fc.constantFrom('ada', 'bob'),
        most: fc.integer({ min: 1, max: 4 }),
        which: fc.nat(5),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const stores = [memoryAttempts(), fresh()] as const
          const [inMemory, inRedis] = await Promise.all(stores.map((store) => play(store, steps)))
          expect(inRedis).toEqual(inMemory)
        }),
        { numRuns: 40 },
      )
    })

    it('keeps nothing that does not expire, and no name', async () => {
      const prefix = `${name}-kept`
      const store = redisAttempts(opened.client, { prefix })
      await store.take('alice}', 3, 600)
      await store.take('alice}', 3, 10)
      const keys = (await keysOf(opened)).filter((key) => key.startsWith(prefix))
      expect(keys).toHaveLength(1)
      expect(keys[0]).toMatch(/^[\w-]+:a:\{[\w-]+\}$/)
      expect(keys[0]).not.toContain('alice')
      const ttl = Number(await opened.command('TTL', keys[0] ?? ''))
      expect(ttl > 500 && ttl <= 600).toBe(true)
    })

    it('says that the store failed where the key is something else', async () => {
      const prefix = `${name}-strange`
      const store = redisAttempts(opened.client, { prefix })
      await store.take('ada', 3, 60)
      const key = (await keysOf(opened)).find((one) => one.startsWith(prefix)) ?? ''
      await opened.command('SET', key, 'text')
      await expect(store.take('ada', 3, 60)).rejects.toMatchObject({ code: 'store_failed' })
    })
  })
})

interface Step {
  readonly act: string
  readonly name: string
  readonly most: number
  readonly which: number
}

/** Which takes were granted. */
async function play(store: AttemptStore, steps: readonly Step[]): Promise<readonly boolean[]> {
  const ids: string[] = []
  const granted: boolean[] = []
  for (const { act, name, most, which } of steps) {
    if (act === 'take') {
      const taken = await store.take(name, most, 600)
      granted.push('id' in taken)
      if ('id' in taken) ids.push(taken.id)
    } else if (act === 'giveBack') await store.giveBack(name, ids[which] ?? 'none')
    else await store.clear(name)
  }
  return granted
}
