import { describe, expect, test } from 'vitest'
import { createFakeIssuer, refused } from '../../../../test/e2e/support/fake-issuer.ts'
import { createClock, settle, start } from '../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../test/e2e/support/signing.ts'
import { createIssuer, reportOn, type KeyOptions } from './create.ts'
import type { PublicKey } from './key-set.ts'

const url = 'https://id.test'
const { jwk } = createTestKey('ES256', 'a')
const any = (keys: readonly PublicKey[]) => keys[0]

function scene(keys: KeyOptions = {}) {
  const clock = createClock(start * 1000)
  const fake = createFakeIssuer(url, jwk)
  const issuer = createIssuer({ issuer: url, fetch: fake.fetch, now: clock.now, keys })
  /** What a probe hears, after which all that it began comes to its end. */
  const probe = async () => {
    const { status, ok } = issuer.health()
    await settle()
    return [status, ok]
  }
  return { clock, fake, issuer, probe }
}

describe('a probe of an issuer that is well', () => {
  test.each([
    ['a day and its time after its last token', {}, 86_400 + 600],
    ['right after its time, where staleFor is 0', { staleFor: 0 }, 600],
    ['long after, where staleFor is 0', { staleFor: 0 }, 50_000],
  ])('%s is no complaint, and fetches the keys', async (_when, options, idle) => {
    const { clock, fake, issuer, probe } = scene(options)
    await issuer.prewarm()
    clock.advance(idle)
    expect(await probe()).toEqual(['stale', true])
    expect(fake.keyFetches).toBe(2)
    expect(await probe()).toEqual(['fresh', true])
    expect(issuer.keys.choose(any)).toMatchObject({ kid: 'a' })
  })

  test('keeps the keys fresh for as long as it comes, from half of their time on', async () => {
    const { clock, fake, issuer, probe } = scene({ staleFor: 0 })
    await issuer.prewarm()
    for (let second = 0; second < 3600; second += 10) {
      expect(await probe()).toEqual(['fresh', true])
      clock.advance(10)
    }
    expect(fake.keyFetches).toBe(12)
  })

  test('whose clock was set back by hours fetches them too', async () => {
    const { clock, fake, issuer, probe } = scene()
    await issuer.prewarm()
    clock.advance(-10_000)
    expect(await probe()).toEqual(['stale', true])
    expect(fake.keyFetches).toBe(2)
  })
})

describe('a probe after a start in the midst of an outage', () => {
  test('sees the issuer return, though no token came', async () => {
    const { clock, fake, issuer, probe } = scene()
    fake.break('all', refused)
    await issuer.prewarm().catch(() => undefined)
    expect(await probe()).toEqual(['cold', false])
    fake.heal()
    clock.advance(3600)
    expect(await probe()).toEqual(['cold', false])
    expect(await probe()).toEqual(['fresh', true])
  })

  test('needs no prewarm before it', async () => {
    const { fake, probe } = scene()
    expect(await probe()).toEqual(['cold', false])
    expect(await probe()).toEqual(['fresh', true])
    expect(fake.calls).toHaveLength(2)
  })
})

describe('a probe of an issuer that fails', () => {
  test('tells so once known keys are too old, and sees it return', async () => {
    const { clock, fake, issuer, probe } = scene({ staleFor: 100 })
    await issuer.prewarm()
    fake.break('all', refused)
    clock.advance(700)
    expect(await probe()).toEqual(['stale', true])
    expect(await probe()).toEqual(['down', false])
    expect(issuer.health()).toMatchObject({ failures: 1, lastFailure: { status: 503 } })
    fake.heal()
    clock.advance(1)
    expect(await probe()).toEqual(['down', false])
    expect(await probe()).toEqual(['fresh', true])
  })

  test('rejects nothing that nobody handles', async () => {
    const { fake, probe } = scene()
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    try {
      fake.break('all', refused)
      await probe()
      await probe()
    } finally {
      process.off('unhandledRejection', note)
    }
    expect(unhandled).toEqual([])
  })
})

describe('ten thousand probes', () => {
  const many = (probe: () => unknown) => {
    for (let count = 0; count < 10_000; count++) probe()
  }

  test('at once cost one fetch', async () => {
    const { fake, issuer } = scene()
    const open = fake.hold('all')
    many(() => issuer.health())
    expect(fake.calls).toHaveLength(1)
    open()
    await settle()
    many(() => issuer.health())
    await settle()
    expect(fake.calls).toHaveLength(2)
  })

  test('a second of an issuer that fails cost no more tries than tokens would', async () => {
    const { clock, fake, issuer } = scene()
    fake.break('all', refused)
    for (let second = 0; second <= 61; second++) {
      many(() => issuer.health())
      await settle()
      clock.advance(1)
    }
    expect(fake.calls).toHaveLength(7)
  })
})

test('a report fetches nothing', async () => {
  const { clock, fake, issuer } = scene()
  expect(reportOn(issuer)).toMatchObject({ issuer: url, status: 'cold', ok: false })
  await issuer.prewarm()
  clock.advance(3600)
  expect(reportOn(issuer)).toMatchObject({ issuer: url, status: 'stale', ok: true })
  await settle()
  expect(fake.calls).toHaveLength(2)
})
