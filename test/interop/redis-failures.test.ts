import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Lock, ReplayStore, Revocations, SessionStore } from '@portcullis/core'
import { redisLock, redisReplays, redisRevocations, redisSessions } from '@portcullis/redis'
import { describeWith } from '../support/binaries.ts'
import { keysOf, libraries, type TestClient } from './support/redis-clients.ts'
import { startRedis, type RedisServer } from './support/redis-server.ts'

const owner = { issuer: 'https://id.example.com', sub: 'alice', sid: 'laptop' }
const record = (version = 1, body = 'body') => ({
  body,
  version,
  expiresAt: Date.now() + 3_600_000,
  owner,
})

const timeout = 0.4

describeWith(['redis-server'], 'a Redis in trouble', (binary = '') => {
  describe.each(libraries)('over $name', ({ open }) => {
    let server: RedisServer
    let opened: TestClient
    let store: SessionStore
    let revocations: Revocations
    let replays: ReplayStore
    let lock: Lock

    beforeAll(async () => {
      server = await startRedis(binary)
      opened = await open(server.path)
      store = redisSessions(opened.client, { timeout })
      revocations = redisRevocations(opened.client, { timeout })
      replays = redisReplays(opened.client, { timeout })
      lock = redisLock(opened.client, { timeout })
    })
    afterAll(async () => {
      opened?.close()
      await server?.close()
    })
    beforeEach(async () => {
      await opened.command('FLUSHALL')
      await store.write('there', record(), 0)
    })

    const everything = (): readonly (readonly [string, () => unknown])[] => [
      ['read', () => store.read('there')],
      ['write', () => store.write('there', record(2), 1)],
      ['create', () => store.write('new', record(), 0)],
      ['destroy', () => store.destroy('other')],
      ['destroyBy', () => store.destroyBy({ ...owner, sub: 'bob' })],
      ['revoke', () => revocations.revoke('a', 1, 60)],
      ['latest', () => revocations.latest(['a'])],
      ['first', () => replays.first('a', 60)],
      ['has', () => replays.has('a')],
      ['acquire', () => lock.acquire('a', 1)],
      ['note', () => lock.note('a')],
    ]

    const outcome = async (act: () => unknown) => {
      try {
        await act()
        return 'answered'
      } catch (error) {
        // What a log would show of it.
        const shown = inspect(error, { depth: 6 })
        return shown.includes('store_failed') && !shown.includes('alice') ? 'outage' : shown
      }
    }

    async function expectOutages(): Promise<void> {
      const began = performance.now()
      const answers = await Promise.all(
        everything().map(async ([name, act]) => [name, await outcome(act)]),
      )
      expect(answers).toEqual(everything().map(([name]) => [name, 'outage']))
      expect(performance.now() - began).toBeLessThan(timeout * 1000 + 1500)
    }

    const expectRecovery = () =>
      vi.waitFor(
        async () => {
          const answers = await Promise.all(everything().map(([, act]) => outcome(act)))
          expect(answers).toEqual(everything().map(() => 'answered'))
        },
        { timeout: 10_000, interval: 100 },
      )

    it('that does not answer: every question fails in time, and is answered again after', async () => {
      onTestFinished(() => server.thaw())
      server.freeze()
      await expectOutages()
      server.thaw()
      await expectRecovery()
      expect(await store.read('there')).toMatchObject({ version: 2 })
    })

    it('that makes its clients wait: as if it did not answer', async () => {
      await opened.command('CLIENT', 'PAUSE', '1500', 'ALL')
      await expectOutages()
      await expectRecovery()
    })

    it('that gives a lock too late to be heard of: the next one has it soon', async () => {
      await opened.command('CLIENT', 'PAUSE', '800', 'ALL')
      expect(await outcome(() => lock.acquire('late', 60))).toBe('outage')
      await vi.waitFor(async () => expect(await lock.acquire('late', 60)).toBeDefined(), {
        timeout: 5000,
        interval: 100,
      })
    })

    it('whose clients wait for writes only: sessions are read meanwhile', async () => {
      await opened.command('CLIENT', 'PAUSE', '1500', 'WRITE')
      expect(await store.read('there')).toMatchObject({ version: 1 })
      expect(await outcome(() => store.write('there', record(2), 1))).toBe('outage')
    })

    it('that was restarted: sessions are still there', async () => {
      await opened.command('SAVE')
      await server.stop()
      await expectOutages()
      await server.start()
      await expectRecovery()
      expect(await store.read('there')).toBeDefined()
    })

    it('that was killed and replaced by an empty one: no sessions, and no errors', async () => {
      await server.kill()
      await expectOutages()
      await server.start()
      await expectRecovery()
      expect(await lock.note('never')).toBeUndefined()
    })

    it('that was replaced: fences go on growing', async () => {
      const before = await lock.acquire('fenced', 60)
      await server.kill()
      await server.start()
      await vi.waitFor(() => lock.note('fenced'), { timeout: 10_000 })
      const after = await lock.acquire('fenced', 60)
      expect(after?.fence).toBeGreaterThan(before?.fence ?? Number.NaN)
      expect(await before?.release({ text: 'late', seconds: 60 })).toBe(false)
      expect(await lock.note('fenced')).toBeUndefined()
    })

    describe('out of memory', () => {
      const fill = async () => {
        onTestFinished(async () => void (await opened.command('CONFIG', 'SET', 'maxmemory', '0')))
        await opened.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
        await opened.command('CONFIG', 'SET', 'maxmemory', '1mb')
      }

      it('reads go on, and what writes fails without a trace', async () => {
        await fill()
        const keys = await keysOf(opened)
        expect(await outcome(() => store.write('there', record(2), 1))).toBe('outage')
        expect(await outcome(() => store.write('new', record(), 0))).toBe('outage')
        expect(await outcome(() => revocations.revoke('a', 1, 60))).toBe('outage')
        expect(await outcome(() => replays.first('a', 60))).toBe('outage')
        expect(await outcome(() => lock.acquire('a', 60))).toBe('outage')
        expect((await keysOf(opened)).toSorted()).toEqual(keys.toSorted())
        expect(await store.read('there')).toMatchObject({ version: 1, body: 'body' })
        expect(await revocations.latest(['a'])).toBeUndefined()
        expect(await replays.has('a')).toBe(false)
      })

      it('logout still works: it needs no memory', async () => {
        await store.write('other', record(), 0)
        await fill()
        await store.destroy('there')
        await store.destroyBy(owner)
        expect(await keysOf(opened)).toEqual([])
      })

      it('a lock stays with its holder where there is no memory for the note', async () => {
        const lease = await lock.acquire('a', 60)
        await fill()
        const note = { text: 'done', seconds: 60 }
        expect(await outcome(() => lease?.release(note))).toBe('outage')
        expect(await lock.note('a')).toBeUndefined()
        await opened.command('CONFIG', 'SET', 'maxmemory', '0')
        expect(await lock.acquire('a', 60)).toBeUndefined()
        expect(await lease?.release(note)).toBe(true)
        expect(await lock.note('a')).toBe('done')
      })

      it('writes go on when there is memory again', async () => {
        await fill()
        expect(await outcome(() => store.write('there', record(2), 1))).toBe('outage')
        await opened.command('CONFIG', 'SET', 'maxmemory', '0')
        expect(await store.write('there', record(2), 1)).toBe(true)
      })
    })

    it('a writer that was cut off a hundred times leaves whole records only', async () => {
      const other = await open(server.path)
      onTestFinished(() => other.close())
      for (let round = 0; round < 100; round++) {
        const writing = outcome(() => store.write(`cut-${round}`, record(1, 'x'.repeat(5000)), 0))
        if (round % 10 === 0) await other.command('CLIENT', 'KILL', 'TYPE', 'normal')
        await writing
      }
      const keys = await keysOf(other)
      const ids = keys.filter((key) => key.includes(':s:')).map((key) => key.split(':s:')[1])
      const lists = keys.filter((key) => key.includes(':o:'))
      expect(lists).toHaveLength(2)
      for (const list of lists) {
        const members = [await other.command('ZRANGE', list, '0', '-1')].flat().map(String)
        expect(new Set(members)).toEqual(new Set(ids))
      }
    })
  })
})
