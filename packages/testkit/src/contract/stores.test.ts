import {
  memoryLock,
  memoryReplays,
  memoryRevocations,
  memorySessions,
  type Lock,
  type ReplayStore,
  type Revocations,
  type SessionStore,
} from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { createClock } from '../clock.ts'
import { testLock, testReplayStore, testRevocations, testSessionStore } from '../contract.ts'
import type { Runner } from './adapter.ts'
import type { CreateStore } from './stores.ts'

type Suite<S> = (name: string, create: CreateStore<S>, runner: Runner) => void

/** Runs a suite over a store that was broken on purpose, and answers with the properties that fail. */
async function failing<S>(
  suite: Suite<S>,
  make: (now: () => number) => S,
): Promise<readonly string[]> {
  const properties: (readonly [name: string, body: () => Promise<void>])[] = []
  const create = () => {
    const clock = createClock()
    return { subject: make(clock.now), now: clock.now, pass: clock.advance }
  }
  suite('broken', create, {
    describe: (_, body) => body(),
    it: (name, body) => properties.push([name, body]),
  })
  const failed: string[] = []
  for (const [name, body] of properties) {
    await body().catch(() => failed.push(name))
  }
  return failed
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the session store suite', () => {
  const broken = (change: (sound: SessionStore) => Partial<SessionStore>) =>
    failing(testSessionStore, (now) => {
      const sound = memorySessions({ now })
      return { ...sound, ...change(sound) }
    })

  it('finds nothing wrong with a sound one', async () => {
    expect(await broken(() => ({}))).toEqual([])
  })

  it.each<[string, string, (sound: SessionStore) => Partial<SessionStore>]>([
    [
      'writes whatever was expected',
      'writes only over the version that was expected',
      ({ read, write }) => ({
        write: async (id, stored) => write(id, stored, (await read(id))?.version ?? 0),
      }),
    ],
    [
      'compares first and sets later',
      'lets exactly one of 20 who have read the same version write',
      ({ read, write }) => ({
        write: async (id, stored, expected) => {
          if (((await read(id))?.version ?? 0) !== expected) return false
          await soon()
          return write(id, stored, (await read(id))?.version ?? 0)
        },
      }),
    ],
    [
      'revives',
      'does not revive a destroyed session by a late write',
      ({ read, write }) => ({
        write: async (id, stored, expected) =>
          write(id, stored, (await read(id)) === undefined ? 0 : expected),
      }),
    ],
    [
      'never expires',
      'forgets a session when its time is up',
      () => memorySessions({ now: () => 0 }),
    ],
    [
      'ignores the issuer',
      'ends the sessions of a subject, and no others',
      ({ write, destroyBy }) => ({
        write: (id, stored, expected) =>
          write(id, { ...stored, owner: { ...stored.owner, issuer: '' } }, expected),
        destroyBy: (owner) => destroyBy({ ...owner, issuer: '' }),
      }),
    ],
    [
      'ends what matches either of both',
      'ends the sessions of both, or of the subject without any, and no others',
      ({ destroyBy }) => ({
        destroyBy: async ({ issuer, sub, sid }) => {
          if (sub !== undefined) await destroyBy({ issuer, sub })
          if (sid !== undefined) await destroyBy({ issuer, sid })
        },
      }),
    ],
    [
      'spares sessions without a sid where both are named',
      'ends the sessions of both, or of the subject without any, and no others',
      ({ write, destroyBy }) => ({
        write: (id, stored, expected) =>
          write(id, { ...stored, owner: { sid: 'none', ...stored.owner } }, expected),
        destroyBy,
      }),
    ],
    [
      'cannot end by owner',
      'does this also where a subject has 100 sessions',
      () => ({ destroyBy: async () => {} }),
    ],
    [
      'does not destroy',
      'destroys one session, and minds none that is not there',
      () => ({ destroy: async () => {} }),
    ],
  ])('finds a store that %s', async (_, property, change) => {
    expect(await broken(change)).toContain(property)
  })
})

describe('the suite of revocations', () => {
  const broken = (change: (sound: Revocations) => Partial<Revocations>) =>
    failing(testRevocations, (now) => {
      const sound = memoryRevocations({ now })
      return { ...sound, ...change(sound) }
    })

  it('finds nothing wrong with sound ones', async () => {
    expect(await broken(() => ({}))).toEqual([])
  })

  it.each<[string, string, (sound: Revocations) => Partial<Revocations>]>([
    [
      'keep the latest mark, not the newest',
      'lets a newer mark replace an older one, never the reverse',
      () => {
        const marks = new Map<string, number>()
        return {
          revoke: (name, at) => void marks.set(name, at),
          latest: (names) => marks.get(names.find((name) => marks.has(name)) ?? ''),
        }
      },
    ],
    [
      'look at one name alone',
      'gives the newest mark on any of the names',
      ({ latest }) => ({ latest: (names) => latest(names.slice(0, 1)) }),
    ],
    [
      'forget too soon',
      'keeps a mark for the longer of two times',
      ({ revoke }) => ({ revoke: (name, at, seconds) => revoke(name, at, Math.min(seconds, 1)) }),
    ],
    [
      'never forget',
      'forgets a mark when its time is up, not before',
      ({ revoke }) => ({ revoke: (name, at) => revoke(name, at, 1e9) }),
    ],
  ])('finds some that %s', async (_, property, change) => {
    expect(await broken(change)).toContain(property)
  })
})

describe('the suite of replay stores', () => {
  const broken = (change: (sound: ReplayStore) => Partial<ReplayStore>) =>
    failing(testReplayStore, (now) => {
      const sound = memoryReplays({ now })
      return { ...sound, ...change(sound) }
    })

  it('finds nothing wrong with a sound one', async () => {
    expect(await broken(() => ({}))).toEqual([])
  })

  it.each<[string, string, (sound: ReplayStore) => Partial<ReplayStore>]>([
    [
      'uses a name up by telling',
      'tells whether a name was used, and uses none up by telling',
      ({ first }) => ({ has: async (name) => !(await first(name, 60)) }),
    ],
    [
      'looks first and marks later',
      'lets exactly one of 50 be the first',
      ({ first, has }) => ({
        first: async (name, seconds) => {
          const isUsed = await has(name)
          await soon()
          await first(name, seconds)
          return !isUsed
        },
      }),
    ],
    [
      'never forgets',
      'forgets a name when its time is up, not before',
      ({ first }) => ({ first: (name) => first(name, 1e9) }),
    ],
  ])('finds one that %s', async (_, property, change) => {
    expect(await broken(change)).toContain(property)
  })
})

describe('the suite of locks', () => {
  const broken = (change: (sound: Lock) => Partial<Lock>) =>
    failing(testLock, (now) => {
      const sound = memoryLock({ now })
      return { ...sound, ...change(sound) }
    })

  it('finds nothing wrong with a sound one', async () => {
    expect(await broken(() => ({}))).toEqual([])
  })

  it.each<[string, string, (sound: Lock) => Partial<Lock>]>([
    [
      'lets everybody in',
      'goes to exactly one of 50',
      () => ({ acquire: async () => ({ fence: 1, release: async () => true }) }),
    ],
    [
      'has one fence for all',
      'has fences that grow, given back or expired',
      ({ acquire }) => ({
        acquire: async (name, seconds) => {
          const lease = await acquire(name, seconds)
          return lease && { ...lease, fence: 7 }
        },
      }),
    ],
    [
      'lets a late holder speak',
      'does not let a late holder release, or leave a note',
      ({ acquire, note }) => {
        const left = new Map<string, string>()
        return {
          acquire: async (name, seconds) => {
            const lease = await acquire(name, seconds)
            return (
              lease && {
                ...lease,
                release: async (said) => {
                  if (said) left.set(name, said.text)
                  return lease.release(said)
                },
              }
            )
          },
          note: async (name) => left.get(name) ?? note(name),
        }
      },
    ],
    [
      'is held for ever',
      'is free when its time is up',
      ({ acquire }) => ({ acquire: (name) => acquire(name, 1e9) }),
    ],
    [
      'forgets notes',
      'keeps the note until a later holder leaves another',
      () => ({ note: async () => undefined }),
    ],
  ])('finds one that %s', async (_, property, change) => {
    expect(await broken(change)).toContain(property)
  })
})
