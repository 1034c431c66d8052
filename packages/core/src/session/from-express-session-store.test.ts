import { MemoryStore } from 'express-session'
import { describe, expect, it, vi } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import { fromExpressSessionStore, type ExpressSessionStore } from './from-express-session-store.ts'
import type { StoredSession } from './store.ts'

const issuer = 'https://id.example.com'
const alice = { issuer, sub: 'alice', sid: 'laptop' }
const record = (changes: Partial<StoredSession> = {}): StoredSession => ({
  body: 'body',
  version: 1,
  expiresAt: Date.now() + 60_000,
  owner: alice,
  ...changes,
})

type Record = { readonly cookie: { readonly [member: string]: unknown } }

/** A store that keeps its records as they are, and shows them. */
function openStore() {
  const records = new Map<string, object>()
  const store: ExpressSessionStore = {
    get: (id, done) => setImmediate(() => done(null, records.get(id) ?? null)),
    set: (id, kept, done) => {
      setImmediate(() => {
        records.set(id, structuredClone(kept))
        done?.()
      })
    },
    destroy: (id, done) => {
      records.delete(id)
      setImmediate(() => done?.(null))
    },
  }
  return { store, records }
}

describe('a store for express-session', () => {
  it('keeps sessions, with the store that express-session brings', async () => {
    const sessions = fromExpressSessionStore(new MemoryStore())
    const written = record()
    expect(await sessions.write('a', written, 0)).toBe(true)
    expect(await sessions.read('a')).toEqual(written)
    await sessions.destroy('a')
    expect(await sessions.read('a')).toBeUndefined()
  })

  it('is told the lifetime in every way that stores look for', async () => {
    const { store, records } = openStore()
    const now = () => 1_700_000_000_000
    await fromExpressSessionStore(store, { now }).write('a', record({ expiresAt: now() + 5000 }), 0)
    // Written by the store above.
    expect((records.get('a') as Record).cookie).toMatchObject({
      expires: new Date(now() + 5000),
      maxAge: 5000,
      originalMaxAge: 5000,
    })
  })

  it('lets its own expiry work: the real MemoryStore drops the record', async () => {
    const memory = new MemoryStore()
    const sessions = fromExpressSessionStore(memory)
    await sessions.write('a', record({ expiresAt: Date.now() + 40 }), 0)
    const raw = () =>
      new Promise((resolve, reject) => {
        memory.get('a', (error: unknown, found) =>
          error instanceof Error ? reject(error) : resolve(found),
        )
      })
    expect(await raw()).toBeDefined()
    await vi.waitFor(async () => expect(await raw()).toBeUndefined(), 5000)
  })

  it('leaves a mark where the sessions of a subject end, which expires', async () => {
    const { store, records } = openStore()
    let time = 1_700_000_000_000
    const sessions = fromExpressSessionStore(store, { now: () => time, remember: 600 })
    await sessions.write('a', record({ expiresAt: time + 60_000 }), 0)
    await sessions.destroyBy({ issuer, sub: 'alice' })
    const mark = [...records.keys()].find((id) => id !== 'a') ?? ''
    expect(mark).toMatch(/^ended-[\w-]{43}$/)
    expect((records.get(mark) as Record).cookie['maxAge']).toBe(600_000)
    expect(await sessions.read('a')).toBeUndefined()
    time += 1
    expect(await sessions.write('b', record({ expiresAt: time + 60_000 }), 0)).toBe(true)
    expect(await sessions.read('b')).toBeDefined()
  })

  it('ends a session also in a process that had read it before', async () => {
    const { store } = openStore()
    const [one, two] = [fromExpressSessionStore(store), fromExpressSessionStore(store)]
    await one.write('a', record(), 0)
    await two.destroyBy({ issuer, sid: 'laptop' })
    expect(await one.write('a', record({ version: 2 }), 1)).toBe(false)
    expect(await one.read('a')).toBeUndefined()
  })

  it.each([
    ['of express-session', { cookie: {}, views: 3 }],
    ['without a version', { portcullis: { ...record(), beganAt: 1, version: '1' } }],
    ['without an owner', { portcullis: { ...record(), beganAt: 1, owner: 'alice' } }],
    ['without a beginning', { portcullis: record() }],
    ['that is no object', 'text'],
  ])('finds no session in a record %s', async (_, strange) => {
    const { store } = openStore()
    // A store may answer anything.
    const get: ExpressSessionStore['get'] = (_id, done) => done(null, strange as object)
    expect(await fromExpressSessionStore({ ...store, get }).read('a')).toBeUndefined()
  })

  it('takes a file that is not there for no session, and any other error for an error', async () => {
    const { store } = openStore()
    const failing = (error: unknown) =>
      fromExpressSessionStore({ ...store, get: (_id, done) => done(error) })
    const absent = Object.assign(new Error('no such file'), { code: 'ENOENT' })
    expect(await failing(absent).read('a')).toBeUndefined()
    await expect(failing(new Error('broken')).read('a')).rejects.toThrow('broken')
    await expect(failing('a text').read('a')).rejects.toThrow('the store failed')
  })

  it('fails where the store fails to write or to destroy', async () => {
    const { store } = openStore()
    const broken = fromExpressSessionStore({
      ...store,
      set: (_id, _record, done) => done?.(new Error('disk full')),
      destroy: (_id, done) => done?.(new Error('gone')),
    })
    await expect(broken.write('a', record(), 0)).rejects.toThrow('disk full')
    await expect(broken.destroy('a')).rejects.toThrow('gone')
    await expect(broken.destroyBy(alice)).rejects.toThrow('disk full')
  })

  it('does not wait for ever, and does not hold up those who come after', async () => {
    vi.useFakeTimers()
    try {
      const { store } = openStore()
      let isSilent = true
      const sessions = fromExpressSessionStore({
        ...store,
        get: (_id, done) => void (isSilent || done(null)),
        set: (_id, _record, done) => done?.(),
      })
      const first = sessions.write('a', record(), 0).catch(String)
      const second = sessions.write('a', record(), 0)
      await vi.advanceTimersByTimeAsync(4999)
      isSilent = false
      await vi.advanceTimersByTimeAsync(1)
      expect(await first).toContain('no answer within 5 s')
      expect(await second).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  it.each([
    ['get', { set: () => {}, destroy: () => {} }],
    ['set', { get: () => {}, destroy: () => {} }],
    ['destroy', { get: () => {}, set: () => {} }],
    ['get', undefined],
  ])('needs %s', (method, store) => {
    // What a JavaScript program may hand in.
    const make = () => fromExpressSessionStore(store as unknown as ExpressSessionStore)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(`no ${method}()`)
  })

  it('has options that are checked', () => {
    expect(() => fromExpressSessionStore(openStore().store, { remember: 0 })).toThrow(
      'fromExpressSessionStore.remember',
    )
  })
})
