import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import { memoryLock } from './memory-lock.ts'
import { memoryReplays } from './memory-replays.ts'
import { memoryRevocations } from './memory-revocations.ts'
import { memorySessions } from './memory.ts'

const issuer = 'https://id.example.com'
const record = (expiresAt: number, sub = 'alice') => ({
  body: 'body',
  version: 1,
  expiresAt,
  owner: { issuer, sub, sid: `${sub} here` },
})

function clockAt(start = 1_700_000_000_000) {
  let time = start
  return { now: () => time, pass: (seconds: number) => void (time += seconds * 1000) }
}

describe('sessions in memory', () => {
  it('are bounded: those that nobody has used for longest end', async () => {
    const { now } = clockAt()
    const store = memorySessions({ entries: 2, now })
    await store.write('a', record(now() + 1000), 0)
    await store.write('b', record(now() + 1000), 0)
    await store.read('a')
    await store.write('c', record(now() + 1000), 0)
    expect(await store.read('a')).toBeDefined()
    expect(await store.read('b')).toBeUndefined()
  })

  it('are found by their owner after others were dropped', async () => {
    const { now } = clockAt()
    const store = memorySessions({ entries: 2, now })
    for (const id of ['a', 'b', 'c', 'd']) await store.write(id, record(now() + 1000), 0)
    await store.destroyBy({ issuer, sub: 'alice' })
    expect(await store.read('d')).toBeUndefined()
    expect(await store.write('d', record(now() + 1000, 'bob'), 0)).toBe(true)
    await store.destroyBy({ issuer, sub: 'alice', sid: 'alice here' })
    expect(await store.read('d')).toBeDefined()
  })
})

describe.each([
  [
    'replays',
    (entries: number, now: () => number) => {
      const replays = memoryReplays({ entries, now })
      return (name: string) => replays.first(name, 60)
    },
  ],
  [
    'revocations',
    (entries: number, now: () => number) => {
      const revocations = memoryRevocations({ entries, now })
      return (name: string) => revocations.revoke(name, now(), 60)
    },
  ],
  [
    'locks',
    (entries: number, now: () => number) => {
      const lock = memoryLock({ entries, now })
      return (name: string) => lock.acquire(name, 60)
    },
  ],
])('a full memory of %s', (_, make) => {
  const outcome = async (act: () => unknown) => {
    try {
      await act()
      return 'kept'
    } catch (error) {
      return error
    }
  }

  it('refuses new names rather than forgetting one, and has room again in time', async () => {
    const { now, pass } = clockAt()
    const keep = make(2, now)
    await keep('a')
    pass(30)
    await keep('b')
    expect(await outcome(() => keep('c'))).toMatchObject({ code: 'store_failed', status: 503 })
    expect(String(await outcome(() => keep('c')))).toContain('is full: 2 entries')
    pass(31)
    expect(await outcome(() => keep('c'))).toBe('kept')
    expect(await outcome(() => keep('d'))).toMatchObject({ code: 'store_failed' })
  })

  it('looks for what is over once a second at most', async () => {
    const { now, pass } = clockAt()
    const keep = make(1, now)
    await keep('a')
    pass(59.5)
    expect(await outcome(() => keep('b'))).not.toBe('kept')
    pass(0.6)
    expect(await outcome(() => keep('b'))).not.toBe('kept')
    pass(0.5)
    expect(await outcome(() => keep('b'))).toBe('kept')
  })
})

describe('a full memory', () => {
  it('still knows what it knows, and takes it again', async () => {
    const { now } = clockAt()
    const replays = memoryReplays({ entries: 1, now })
    expect(replays.first('a', 60)).toBe(true)
    expect(() => replays.first('b', 60)).toThrow('is full')
    expect(replays.first('a', 60)).toBe(false)
    const revocations = memoryRevocations({ entries: 1, now })
    await revocations.revoke('a', now(), 60)
    await revocations.revoke('a', now() + 5, 60)
    expect(revocations.latest(['a'])).toBe(now() + 5)
  })

  it('keeps the lock with its holder where there is no room for the note', async () => {
    const { now } = clockAt()
    const lock = memoryLock({ entries: 1, now })
    const note = { text: 'done', seconds: 60 }
    await (await lock.acquire('a', 60))?.release(note)
    const lease = await lock.acquire('b', 60)
    await expect(lease?.release(note)).rejects.toThrow('is full')
    expect(await lock.acquire('b', 60)).toBeUndefined()
    expect(await lease?.release()).toBe(true)
  })
})

describe('the options', () => {
  it.each([
    ['memorySessions.entries', () => memorySessions({ entries: 0 })],
    ['memoryReplays.entries', () => memoryReplays({ entries: 1.5 })],
    ['memoryRevocations.entries', () => memoryRevocations({ entries: -1 })],
    ['memoryLock.entries', () => memoryLock({ entries: Number.NaN })],
    // @ts-expect-error What a JavaScript program may hand in.
    ['memoryLock.nwo', () => memoryLock({ nwo: Date.now })],
    // @ts-expect-error The same.
    ['memorySessions.now', () => memorySessions({ now: 5 })],
  ])('are checked: %s', (name, make) => {
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(name)
  })

  it('default to the real clock', async () => {
    const store = memorySessions()
    await store.write('a', record(Date.now() + 60_000), 0)
    await store.write('b', record(Date.now() - 1), 0)
    expect(await store.read('a')).toBeDefined()
    expect(await store.read('b')).toBeUndefined()
    expect(memoryReplays().first('a', 1)).toBe(true)
    expect(memoryRevocations().latest(['a'])).toBeUndefined()
    expect((await memoryLock().acquire('a', 1))?.fence).toBeGreaterThan(1_700_000_000_000)
  })
})
