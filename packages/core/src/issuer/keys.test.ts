import { describe, expect, test } from 'vitest'
import { createClock, failure, settle, start } from '../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../test/e2e/support/signing.ts'
import { Outage } from '../errors/outage.ts'
import { readKeySet, type PublicKey } from './key-set.ts'
import { createKeySource, staticKeySource, type KeySourceOptions } from './keys.ts'

const jwk = (kid: string) => createTestKey('ES256', kid).jwk
const [a, b] = [jwk('a'), jwk('b')]
const outage = () => new Outage('keys_unreachable', 'down', { url: 'https://id.test/keys' })
const named = (kid: string) => (keys: readonly PublicKey[]) => keys.find((key) => key.kid === kid)

function scene(options: Partial<KeySourceOptions> = {}) {
  const clock = createClock(start * 1000)
  const fetches: number[] = []
  let published = [a]
  let lifetime = 600
  let fault: (() => unknown) | undefined
  let gate: Promise<void> | undefined
  const keys = createKeySource({
    now: clock.now,
    staleFor: 86_400,
    cooldown: 10,
    fetchKeys: async () => {
      fetches.push(clock.now() / 1000 - start)
      await gate
      if (fault !== undefined) throw fault()
      return { keys: readKeySet({ keys: published }), lifetime }
    },
    ...options,
  })
  return {
    clock,
    keys,
    /** Seconds after the start at which a fetch began. */
    fetches,
    publish: (...next: (typeof a)[]) => (published = next),
    live: (seconds: number) => (lifetime = seconds),
    breakDown: (what: () => unknown = outage) => (fault = what),
    heal: () => (fault = undefined),
    hold: () => {
      let open = () => {}
      gate = new Promise((resolve) => {
        open = resolve
      })
      return open
    },
    unhold: () => (gate = undefined),
  }
}

test('500 who wait for the first keys share one fetch', async () => {
  const at = scene()
  expect(at.keys.ready()).toBe(false)
  expect(at.keys.current).toEqual([])
  const found = await Promise.all(
    Array.from({ length: 500 }, async () => at.keys.choose(named('a'))),
  )
  expect(at.fetches).toEqual([0])
  expect(new Set(found)).toEqual(new Set([at.keys.current[0]]))
})

test('known keys are chosen at once, without a promise', async () => {
  const at = scene()
  await at.keys.load()
  expect(at.keys.choose(named('a'))).toBe(at.keys.current[0])
  expect(at.keys.ready()).toBe(true)
  await at.keys.load()
  expect(at.fetches).toEqual([0])
})

describe('renewal', () => {
  test('happens in the background after half of the lifetime, once, and nobody waits', async () => {
    const at = scene()
    await at.keys.load()
    at.clock.advance(299)
    expect(at.keys.ready()).toBe(true)
    expect(at.fetches).toEqual([0])
    at.clock.advance(1)
    const open = at.hold()
    for (let request = 0; request < 50; request++) {
      expect(at.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    }
    expect(at.fetches).toEqual([0, 300])
    open()
    await settle()
    expect(at.keys.age()).toBe(0)
  })

  test('is waited for where nobody asked until the keys had expired', async () => {
    const at = scene()
    await at.keys.load()
    at.clock.advance(600)
    expect(at.keys.ready()).toBe(false)
    at.publish(b)
    expect(await at.keys.choose(named('b'))).toMatchObject({ kid: 'b' })
    expect(at.fetches).toEqual([0, 600])
  })

  test('keeps the object of a key that is still there, and marks withdrawn what is not', async () => {
    const at = scene()
    at.publish(a, b)
    await at.keys.load()
    const [first, second] = at.keys.current
    at.publish(b)
    at.clock.advance(601)
    await at.keys.load()
    expect(at.keys.current).toEqual([second])
    expect(at.keys.current[0]).toBe(second)
    expect([first?.withdrawn, second?.withdrawn]).toEqual([true, false])
  })

  test('a withdrawn key that comes back is another object: what it proved before stays dead', async () => {
    const at = scene()
    await at.keys.load()
    const [first] = at.keys.current
    for (const published of [b, a]) {
      at.publish(published)
      at.clock.advance(601)
      await at.keys.load()
    }
    expect(at.keys.current[0]).not.toBe(first)
    expect(at.keys.current).toMatchObject([{ kid: 'a', withdrawn: false }])
    expect(first?.withdrawn).toBe(true)
  })

  test('withdraws nothing where the fetch failed', async () => {
    const at = scene()
    await at.keys.load()
    at.breakDown()
    at.clock.advance(400)
    at.keys.ready()
    await settle()
    expect(at.keys.current).toMatchObject([{ kid: 'a', withdrawn: false }])
  })
})

describe('an unknown key', () => {
  test('is looked for in one fetch that all waiters share', async () => {
    const at = scene()
    await at.keys.load()
    at.clock.advance(1)
    at.publish(a, b)
    const waiting = Array.from({ length: 100 }, async (_, index) =>
      at.keys.choose(named(index % 2 === 0 ? 'b' : `random-${index}`)),
    )
    const found = await Promise.all(waiting)
    expect(at.fetches).toEqual([0, 1])
    expect(found.filter((key) => key?.kid === 'b')).toHaveLength(50)
    expect(found.filter((key) => key === undefined)).toHaveLength(50)
  })

  test('after a fruitless fetch is answered at once for 10 seconds, and then looked for again', async () => {
    const at = scene()
    await at.keys.load()
    expect(await at.keys.choose(named('x'))).toBeUndefined()
    expect(at.fetches).toEqual([0, 0])
    at.clock.advance(9.9)
    expect(at.keys.choose(named('y'))).toBeUndefined()
    expect(at.fetches).toHaveLength(2)
    at.clock.advance(0.1)
    expect(await at.keys.choose(named('y'))).toBeUndefined()
    expect(at.fetches).toEqual([0, 0, 10])
  })

  test('has a cool-down of its own length where one is configured', async () => {
    const at = scene({ cooldown: 60 })
    await at.keys.load()
    await at.keys.choose(named('x'))
    at.clock.advance(59)
    expect(at.keys.choose(named('x'))).toBeUndefined()
    at.clock.advance(1)
    await at.keys.choose(named('x'))
    expect(at.fetches).toEqual([0, 0, 60])
  })

  test('on a cold start is not looked for a second time', async () => {
    const at = scene()
    expect(await at.keys.choose(named('x'))).toBeUndefined()
    expect(at.keys.choose(named('x'))).toBeUndefined()
    expect(at.fetches).toEqual([0])
  })

  test('never delays the known ones, even while its fetch hangs', async () => {
    const at = scene()
    await at.keys.load()
    const open = at.hold()
    const looking = at.keys.choose(named('x'))
    for (let request = 0; request < 100; request++) {
      expect(at.keys.choose(named('a'))).toBe(at.keys.current[0])
    }
    open()
    expect(await looking).toBeUndefined()
  })

  test('2,000 random names in 5 seconds cost one fetch', async () => {
    const at = scene()
    await at.keys.load()
    for (let name = 0; name < 2000; name++) {
      expect(await at.keys.choose(named(`random-${name}`))).toBeUndefined()
      at.clock.advance(5 / 2000)
    }
    expect(at.fetches).toHaveLength(2)
  })

  test('a rotation in the midst of a flood arrives within 10 seconds', async () => {
    const at = scene()
    await at.keys.load()
    let arrivedAt: number | undefined
    const rotatedAt = 3
    for (let tick = 0; tick < 200 && arrivedAt === undefined; tick++) {
      at.clock.advance(0.1)
      const second = at.clock.now() / 1000 - start
      if (second >= rotatedAt) at.publish(b, a)
      await at.keys.choose(named(`random-${tick}`))
      if (await at.keys.choose(named('b'))) arrivedAt = second
    }
    expect(arrivedAt).toBeGreaterThan(rotatedAt)
    expect((arrivedAt ?? 99) - rotatedAt).toBeLessThanOrEqual(10)
    expect(at.fetches).toHaveLength(3)
  })

  test('while the issuer is down is an outage, because nobody knows', async () => {
    const at = scene()
    await at.keys.load()
    at.breakDown()
    expect(await failure(() => at.keys.choose(named('b')))).toMatchObject({
      code: 'keys_unreachable',
    })
    expect(await failure(() => at.keys.choose(named('b')))).toMatchObject({
      code: 'keys_unreachable',
    })
    expect(at.fetches).toHaveLength(2)
    expect(at.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
  })

  test('that makes the choice refuse passes the refusal on', async () => {
    const at = scene()
    await at.keys.load()
    const choice = () => {
      throw new RangeError('two fit')
    }
    expect(await failure(() => at.keys.choose(choice))).toBeInstanceOf(RangeError)
  })
})

describe('failures', () => {
  test('back off 1, 2, 4, 8, 16, 30, 30 seconds, one probe at a time', async () => {
    const at = scene()
    at.breakDown()
    for (let tick = 0; tick <= 122; tick++) {
      const three = await Promise.allSettled([at.keys.load(), at.keys.load(), at.keys.load()])
      expect(three.map((one) => one.status)).toEqual(['rejected', 'rejected', 'rejected'])
      at.clock.advance(1)
    }
    expect(at.fetches).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121])
  })

  test('between two probes everybody hears the last outage at once, and when to come back', async () => {
    const at = scene()
    at.breakDown()
    const first = await failure(() => at.keys.load())
    await settle()
    at.clock.advance(1)
    await failure(() => at.keys.load())
    at.clock.advance(0.5)
    const again = await failure(() => at.keys.load())
    expect(again).toMatchObject({ code: 'keys_unreachable', url: 'https://id.test/keys' })
    expect(again).toHaveProperty('headers', { 'Retry-After': '2' })
    expect(again).toHaveProperty('message', (first as Outage).message)
    expect(at.fetches).toEqual([0, 1])
  })

  test('a probe that is on its way is shared, not refused', async () => {
    const at = scene()
    at.breakDown()
    await failure(() => at.keys.load())
    at.heal()
    const open = at.hold()
    at.clock.advance(1)
    const both = [1, 2].map(async () => at.keys.choose(named('a')))
    open()
    expect(await Promise.all(both)).toMatchObject([{ kid: 'a' }, { kid: 'a' }])
    expect(at.fetches).toEqual([0, 1])
  })

  test('one success forgets them all', async () => {
    const at = scene()
    at.breakDown()
    for (const wait of [1, 2, 4]) {
      await failure(() => at.keys.load())
      at.clock.advance(wait)
    }
    expect(at.keys.state()).toMatchObject({ status: 'cold', failures: 3, age: undefined, keys: 0 })
    at.heal()
    await at.keys.load()
    expect(at.keys.state()).toMatchObject({ status: 'fresh', failures: 0, lastFailure: undefined })
    at.breakDown()
    at.clock.advance(600)
    await at.keys.load()
    at.clock.advance(1)
    at.keys.ready()
    expect(at.fetches).toEqual([0, 1, 3, 7, 607, 608])
  })

  test('an error that is no outage is a bug: it is not remembered as the issuer’s', async () => {
    const at = scene()
    at.breakDown(() => new RangeError('bug'))
    expect(await failure(() => at.keys.load())).toBeInstanceOf(RangeError)
    expect(at.keys.state().failures).toBe(0)
  })

  test('in the background stay there', async () => {
    const at = scene()
    await at.keys.load()
    at.breakDown()
    at.clock.advance(400)
    expect(at.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    await settle()
    expect(at.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    expect(at.keys.state()).toMatchObject({ status: 'fresh', failures: 1 })
    expect(at.fetches).toEqual([0, 400])
  })
})

describe('stale keys', () => {
  test('serve through an outage for staleFor, and not longer', async () => {
    const at = scene({ staleFor: 3600 })
    await at.keys.load()
    at.breakDown()
    at.clock.advance(600)
    expect(await at.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    expect(at.keys.state()).toMatchObject({ status: 'stale', failures: 1, age: 600 })
    at.clock.advance(3599)
    expect(at.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    await settle()
    at.clock.advance(1)
    expect(await failure(() => at.keys.choose(named('a')))).toMatchObject({ status: 503 })
    expect(at.keys.state()).toMatchObject({ status: 'down' })
  })

  test('are not waited for once the outage is known', async () => {
    const at = scene()
    await at.keys.load()
    at.breakDown()
    at.clock.advance(600)
    await at.keys.load()
    const open = at.hold()
    at.clock.advance(100)
    expect(at.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    expect(at.fetches).toHaveLength(3)
    open()
  })

  test('serve not a second where staleFor is 0', async () => {
    const at = scene({ staleFor: 0 })
    await at.keys.load()
    at.breakDown()
    at.clock.advance(599)
    expect(at.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    await settle()
    at.clock.advance(1)
    expect(await failure(() => at.keys.choose(named('a')))).toMatchObject({ status: 503 })
    expect(at.keys.state().status).toBe('down')
  })

  test('tell nothing about a key that is not among them', async () => {
    const at = scene()
    await at.keys.load()
    at.breakDown()
    at.clock.advance(600)
    expect(await failure(() => at.keys.choose(named('b')))).toMatchObject({ status: 503 })
  })
})

describe('keys of a snapshot', () => {
  const initial = (age: number) => ({
    keys: readKeySet({ keys: [a] }),
    fetchedAt: (start - age) * 1000,
    lifetime: 600,
  })

  test('serve at once while they are fresh', () => {
    const at = scene({ initial: initial(100) })
    expect(at.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    expect(at.keys.fetched()).toEqual({ fetchedAt: (start - 100) * 1000, lifetime: 600 })
    expect(at.keys.state()).toMatchObject({ status: 'fresh', age: 100, keys: 1 })
    expect(at.fetches).toEqual([])
  })

  test('are renewed first where they are old, and serve if that fails', async () => {
    const at = scene({ initial: initial(700) })
    at.breakDown()
    expect(await at.keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    expect(at.fetches).toEqual([0])
  })

  test('do not serve where they are older than staleFor allows', async () => {
    const at = scene({ initial: initial(600 + 86_400) })
    at.breakDown()
    expect(await failure(() => at.keys.choose(named('a')))).toMatchObject({ status: 503 })
  })
})

test('keys that were handed in are always fresh and never fetched', async () => {
  const keys = staticKeySource(readKeySet({ keys: [a] }), () => 7)
  await keys.load()
  expect(keys.ready()).toBe(true)
  expect(keys.choose(named('a'))).toBe(keys.current[0])
  expect(keys.choose(named('b'))).toBeUndefined()
  expect(keys.age()).toBe(0)
  expect(keys.fetched()).toEqual({ fetchedAt: 7, lifetime: 0 })
  expect(keys.state()).toMatchObject({ status: 'fresh', keys: 1, age: 0, failures: 0 })
})
