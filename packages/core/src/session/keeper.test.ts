import { describe, expect, it } from 'vitest'
import { createSessionScene, kinds, type Kind } from '../../../../test/support/session-scene.ts'
import { issuer } from '../../../../test/support/token-desk.ts'
import { Outage } from '../errors/outage.ts'
import { Refusal } from '../errors/refusal.ts'
import type { SessionOwner } from './session.ts'
import { memoryRevocations } from './memory-revocations.ts'
import { memorySessions } from './memory.ts'
import type { SessionStore } from './store.ts'

const code = (found: unknown): unknown => (Refusal.is(found) ? found.code : found && 'session')

describe.each(kinds)('a %s session', (kind: Kind) => {
  it('ends when nobody came for as long as it may be idle', async () => {
    const { browser, clock } = createSessionScene({ kind, idle: 1000, absolute: 10_000 })
    const [early, late] = [browser(), browser()]
    await early.signIn()
    await late.signIn()
    clock.advance(999)
    expect(code((await early.send()).found)).toBe('session')
    clock.advance(1)
    expect(code((await late.send()).found)).not.toBe('session')
  })

  it('lives on while somebody comes, but not for ever', async () => {
    const { browser, clock } = createSessionScene({ kind, idle: 1000, absolute: 3000 })
    const alice = browser()
    await alice.signIn()
    for (let at = 900; at < 3000; at += 900) {
      clock.advance(900)
      const answered = await alice.send()
      expect(code(answered.found)).toBe('session')
      answered.arrive()
    }
    clock.advance(300)
    expect(code((await alice.send()).found)).not.toBe('session')
  })

  it('is not written again before a good part of its idle time has passed', async () => {
    const { browser, clock, counts } = createSessionScene({ kind, idle: 4000, absolute: 10_000 })
    const alice = browser()
    await alice.signIn()
    const written = counts.write
    clock.advance(199)
    expect((await alice.send()).arrive()).toEqual([])
    expect(counts.write).toBe(written)
    clock.advance(1)
    const noted = (await alice.send()).arrive()
    expect(noted.filter(([name]) => name === 'Set-Cookie')).toHaveLength(1)
    expect((await alice.send()).arrive()).toEqual([])
    expect(counts.write).toBe(kind === 'stored' ? written + 1 : 0)
  })

  it('has another id after every login, and the one before is dead', async () => {
    const revocations = memoryRevocations()
    const { browser, clock } = createSessionScene({ kind, revocations })
    const alice = browser()
    await alice.signIn()
    const copy = browser(alice.cookies())
    clock.advance(1)
    await alice.signIn()
    expect(alice.cookies()).not.toBe(copy.cookies())
    expect(code((await alice.send()).found)).toBe('session')
    expect(code((await copy.send()).found)).not.toBe('session')
  })

  it('is dead after a logout, for copies of its cookie too', async () => {
    const { browser, process, another, clock } = createSessionScene({
      kind,
      revocations: memoryRevocations(),
    })
    const alice = browser()
    await alice.signIn()
    const copy = browser(alice.cookies())
    const held = await process.keeper.find(requestOf(alice.cookies()))
    if (held === undefined || Refusal.is(held)) throw new Error('there is no session')
    clock.advance(1)
    await process.keeper.end(held)
    expect(code((await copy.send()).found)).not.toBe('session')
    expect(code((await copy.send({ by: another() })).found)).not.toBe('session')
  })

  it('is dead after a logout at a server whose clock is behind that of the login', async () => {
    const revocations = memoryRevocations()
    const { browser, process, clock } = createSessionScene({ kind, revocations })
    const alice = browser()
    await alice.signIn()
    const copy = browser(alice.cookies())
    const held = await process.keeper.find(requestOf(alice.cookies()))
    if (held === undefined || Refusal.is(held)) throw new Error('there is no session')
    clock.advance(-2)
    await process.keeper.end(held)
    clock.advance(2)
    expect(code((await copy.send()).found)).not.toBe('session')
  })

  it.each<[string, Partial<SessionOwner>]>([
    ['the user', { sub: 'alice' }],
    ['the session at the issuer', { sid: 'session-1' }],
  ])('may begin after a logout of %s at a server whose clock is ahead', async (_who, owner) => {
    const revocations = memoryRevocations()
    const { browser, clock, process } = createSessionScene({ kind, revocations })
    const [before, after] = [browser(), browser()]
    await before.signIn()
    clock.advance(4)
    await process.keeper.endBy({ issuer, ...owner })
    clock.advance(-4)
    await after.signIn()
    expect(code((await before.send()).found)).not.toBe('session')
    expect(code((await after.send()).found)).toBe('session')
    await process.keeper.endBy({ issuer, sub: 'alice' })
    clock.advance(5)
    await process.keeper.endBy({ issuer, ...owner })
    expect(code((await after.send()).found)).not.toBe('session')
  })

  it('without a sid ends with any session of its subject at the issuer, and no others do', async () => {
    const { browser, process } = createSessionScene({ kind, revocations: memoryRevocations() })
    const [nameless, other, bob] = [browser(), browser(), browser()]
    await nameless.signIn(process, { claims: { sub: 'alice' } })
    await other.signIn(process, { claims: { sub: 'alice', sid: 'session-2' } })
    await bob.signIn(process, { claims: { sub: 'bob' } })
    await process.keeper.endBy({ issuer, sid: 'session-1' })
    expect(code((await nameless.send()).found)).toBe('session')
    await process.keeper.endBy({ issuer, sub: 'alice', sid: 'session-1' })
    expect(code((await nameless.send()).found)).not.toBe('session')
    for (const one of [other, bob]) expect(code((await one.send()).found)).toBe('session')
  })

  it.each([
    ['the subject', { issuer, sub: 'alice' }],
    ["the issuer's session", { issuer, sid: 'session-1' }],
    ['both', { issuer, sub: 'alice', sid: 'session-1' }],
  ])('ends when %s is ended elsewhere, and others do not', async (_what, owner) => {
    const { browser, process, clock } = createSessionScene({
      kind,
      revocations: memoryRevocations(),
    })
    const [phone, laptop, bob] = [browser(), browser(), browser()]
    await phone.signIn()
    await laptop.signIn()
    await bob.signIn(process, { claims: { sub: 'bob', sid: 'session-2' } })
    await process.keeper.endBy(owner)
    expect(code((await phone.send()).found)).not.toBe('session')
    expect(code((await bob.send()).found)).toBe('session')
    // A new login of the same user revives nothing.
    clock.advance(1)
    await laptop.signIn()
    expect(code((await laptop.send()).found)).toBe('session')
    expect(code((await phone.send()).found)).not.toBe('session')
  })

  it('of the same subject at another issuer goes on', async () => {
    const { browser, process } = createSessionScene({ kind, revocations: memoryRevocations() })
    const alice = browser()
    await alice.signIn()
    await process.keeper.endBy({ issuer: 'https://other.test', sub: 'alice' })
    await process.keeper.endBy({ issuer, sub: 'alice', sid: 'session-2' })
    expect(code((await alice.send()).found)).toBe('session')
  })
})

it('what anybody may end is what was begun here: other names leave no mark', async () => {
  const marks: string[] = []
  const memory = memoryRevocations()
  const revocations = {
    ...memory,
    revoke: (name: string, at: number, seconds: number) => {
      marks.push(name)
      return memory.revoke(name, at, seconds)
    },
  }
  const scene = createSessionScene({ kind: 'sealed', revocations, openToAnybody: true })
  const alice = scene.browser()
  await alice.signIn()
  const before = marks.length
  for (const sid of ['a', 'b', 'session-2']) {
    await scene.process.keeper.endBy({ issuer, sid }, 'anybody')
  }
  expect(marks).toHaveLength(before)
  expect(code((await alice.send()).found)).toBe('session')
  await scene.process.keeper.endBy({ issuer, sid: 'session-1' }, 'anybody')
  expect(code((await alice.send()).found)).not.toBe('session')
})

it('a login without such a door notes nothing', async () => {
  const marks: string[] = []
  const revocations = { ...memoryRevocations(), revoke: (name: string) => void marks.push(name) }
  await createSessionScene({ kind: 'sealed', revocations }).browser().signIn()
  expect(marks).toEqual([])
})

it('anonymous visitors cost no question, and leave nothing', async () => {
  const { browser, counts } = createSessionScene({ kind: 'stored' })
  for (const cookies of ['', 'theme=dark', '__Host-s=x', `__Host-s=${'a'.repeat(44)}`]) {
    const answered = await browser(cookies).send()
    expect(answered.found).toBeUndefined()
    expect(answered.arrive()).toEqual([])
  }
  expect(counts).toEqual({ read: 0, write: 0, destroy: 0, destroyBy: 0 })
})

it('a guarded request asks a store once, and its revocations never', async () => {
  const { browser, counts } = createSessionScene({
    kind: 'stored',
    revocations: { revoke: unreachable, latest: unreachable },
  })
  const alice = browser()
  await alice.signIn()
  const before = counts.read
  expect(code((await alice.send()).found)).toBe('session')
  expect(counts.read - before).toBe(1)
})

it('where revocations cannot be asked nobody knows, and nobody is let in', async () => {
  const { browser } = createSessionScene({
    kind: 'sealed',
    revocations: { revoke: unreachable, latest: unreachable },
  })
  const alice = browser()
  await alice.signIn()
  await expect(alice.send()).rejects.toBeInstanceOf(Outage)
})

it('a store that can be read and not written serves those who are signed in', async () => {
  let fails = false
  const { browser, clock } = createSessionScene({
    kind: 'stored',
    store: (by) => {
      const memory = memorySessions({ now: by.now })
      return {
        ...memory,
        write: (...of) => (fails ? Promise.reject(new Error('OOM')) : memory.write(...of)),
      }
    },
  })
  const alice = browser()
  await alice.signIn()
  fails = true
  clock.advance(80_000)
  const answered = await alice.send()
  expect(code(answered.found)).toBe('session')
  expect(answered.arrive()).toEqual([])
})

it('a hundred writers of a session all come to their turn', async () => {
  const { browser, process, another } = createSessionScene({ kind: 'stored' })
  const alice = browser()
  await alice.signIn()
  const keepers = [process.keeper, another().keeper]
  const held = await process.keeper.find(requestOf(alice.cookies()))
  if (held === undefined || Refusal.is(held)) throw new Error('there is no session')
  const writes = Array.from({ length: 100 }, (_, at) =>
    keepers[at % 2]?.change(held, (session) => ({
      ...session,
      data: { count: Number(session.data?.['count'] ?? 0) + 1 },
    })),
  )
  expect((await Promise.all(writes)).filter((done) => done !== undefined)).toHaveLength(100)
  expect((await process.keeper.again(held))?.session.data).toEqual({ count: 100 })
})

it('whoever never comes first hears of an outage, not of an end', async () => {
  let loses = false
  const { browser, process } = createSessionScene({
    kind: 'stored',
    store: (by): SessionStore => {
      const memory = memorySessions({ now: by.now })
      return { ...memory, write: async (...of) => !loses && memory.write(...of) }
    },
  })
  const alice = browser()
  await alice.signIn()
  const held = await process.keeper.find(requestOf(alice.cookies()))
  if (held === undefined || Refusal.is(held)) throw new Error('there is no session')
  loses = true
  await expect(process.keeper.change(held, (session) => session)).rejects.toBeInstanceOf(Outage)
})

it('nobody changes a session whose time is up', async () => {
  const { browser, process, clock } = createSessionScene({ kind: 'sealed', idle: 100 })
  const alice = browser()
  await alice.signIn()
  const held = await process.keeper.find(requestOf(alice.cookies()))
  if (held === undefined || Refusal.is(held)) throw new Error('there is no session')
  clock.advance(100)
  expect(await process.keeper.change(held, (session) => session)).toBeUndefined()
})

const unreachable = () => Promise.reject(new Error('connection refused'))

const requestOf = (cookie: string) => ({
  method: 'GET',
  url: 'https://app.test/',
  header: (name: string) => (name === 'cookie' ? cookie : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
})

it('a sealed session does not begin while its subject is revoked until a time to come', async () => {
  const revocations = memoryRevocations()
  const { browser, clock, process } = createSessionScene({ kind: 'sealed', revocations })
  const alice = browser()
  clock.advance(120)
  await process.keeper.endBy({ issuer, sub: 'alice' })
  clock.advance(-120)
  await alice.signIn()
  expect(code((await alice.send()).found)).not.toBe('session')
})
