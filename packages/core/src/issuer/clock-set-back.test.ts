import { describe, expect, test } from 'vitest'
import { createFakeIssuer, refused } from '../../../../test/e2e/support/fake-issuer.ts'
import {
  createClock,
  failure,
  outageOf,
  settle,
  start,
} from '../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../test/e2e/support/signing.ts'
import { createIssuer } from './create.ts'
import type { PublicKey } from './key-set.ts'

const url = 'https://id.test'
const [a, b] = [createTestKey('ES256', 'a').jwk, createTestKey('ES256', 'b').jwk]
const named = (kid: string) => (keys: readonly PublicKey[]) => keys.find((key) => key.kid === kid)
const hours = 3 * 3600

function scene() {
  const clock = createClock(start * 1000)
  const fake = createFakeIssuer(url, a)
  const { keys } = createIssuer({ issuer: url, fetch: fake.fetch, now: clock.now })
  return { clock, fake, keys }
}

describe('a clock that is set back by hours', () => {
  test('does not keep a rotated key from being found at once', async () => {
    const { clock, fake, keys } = scene()
    await keys.load()
    clock.advance(-hours)
    fake.publish(b)
    expect(await keys.choose(named('b'))).toMatchObject({ kid: 'b' })
  })

  test('does not keep a withdrawn key in use', async () => {
    const { clock, fake, keys } = scene()
    await keys.load()
    fake.publish(b)
    clock.advance(-hours)
    expect(await keys.choose(named('a'))).toBeUndefined()
  })

  test('does not stretch the cool-down of a search that found nothing', async () => {
    const { clock, fake, keys } = scene()
    await keys.load()
    expect(await keys.choose(named('b'))).toBeUndefined()
    clock.advance(-hours)
    // The keys themselves are fetched anew first; what is measured is the search after that.
    await keys.load()
    fake.publish(a, b)
    expect(await keys.choose(named('b'))).toMatchObject({ kid: 'b' })
  })

  test('does not stretch the back-off after a failure', async () => {
    const { clock, fake, keys } = scene()
    fake.break('all', refused)
    await outageOf(() => keys.choose(named('a')))
    clock.advance(-hours)
    fake.heal()
    expect(await keys.choose(named('a'))).toMatchObject({ kid: 'a' })
  })

  test('by a few seconds changes nothing', async () => {
    const { clock, fake, keys } = scene()
    await keys.load()
    clock.advance(-20)
    expect(keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    expect(fake.keyFetches).toBe(1)
  })

  test('while the issuer is down leaves the known keys in use', async () => {
    const { clock, fake, keys } = scene()
    await keys.load()
    fake.break('all', refused)
    clock.advance(-hours)
    expect(await keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    expect(await failure(() => keys.choose(named('b')))).toMatchObject({ status: 503 })
  })

  test('while the issuer is down does not make every request a fetch', async () => {
    const { clock, fake, keys } = scene()
    await keys.load()
    fake.break('all', refused)
    clock.advance(-hours)
    for (let request = 0; request < 50; request++) await keys.choose(named('a'))
    expect(fake.keyFetches).toBe(2)
  })

  test('does not stretch the back-off of refreshes in the background', async () => {
    const { clock, fake, keys } = scene()
    await keys.load()
    fake.break('all', refused)
    clock.advance(5 * 3600)
    await keys.choose(named('a'))
    clock.advance(-hours)
    fake.heal()
    const before = fake.keyFetches
    expect(keys.choose(named('a'))).toMatchObject({ kid: 'a' })
    await settle()
    expect(fake.keyFetches).toBe(before + 1)
  })
})
