import { describe, expect, it } from 'vitest'
import { createSessionScene, kinds } from '../../../../test/support/session-scene.ts'
import { accessToken, session, updateSession } from './active.ts'
import { memoryLock } from './memory-lock.ts'

describe('of several processes', () => {
  it.each(kinds)('one renews a %s session, the others take what it made', async (kind) => {
    const lock = (clock: { readonly now: () => number }) => memoryLock({ now: clock.now })
    const scene = createSessionScene({ kind, lock })
    const alice = scene.browser()
    await alice.signIn()
    scene.clock.advance(301)
    const processes = [scene.process, scene.another(), scene.another()]
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, at) => alice.send({ by: processes[at % 3] ?? scene.process })),
    )
    const tokens = await Promise.all(answers.map(({ host }) => accessToken(host)))
    expect(new Set(tokens)).toEqual(new Set(['access-1']))
    expect(scene.desk.asked).toHaveLength(1)
    for (const { arrive } of answers) arrive()
    scene.clock.advance(301)
    expect(await accessToken((await alice.send({ by: scene.another() })).host)).toBe('access-2')
  })

  it('a stored session that another has renewed is read again, lock or not', async () => {
    const scene = createSessionScene({ kind: 'stored' })
    const alice = scene.browser()
    await alice.signIn()
    scene.clock.advance(301)
    const early = await alice.send()
    const other = await alice.send({ by: scene.another() })
    expect(await accessToken(other.host)).toBe('access-1')
    scene.clock.advance(100)
    expect(await accessToken(early.host)).toBe('access-1')
    expect(scene.desk.asked).toHaveLength(1)
  })

  it('a note is not believed where the browser shows what came after it', async () => {
    let losesNotes = false
    const scene = createSessionScene({
      kind: 'sealed',
      lock: (clock) => {
        const lock = memoryLock({ now: clock.now })
        return {
          note: lock.note,
          acquire: async (...of) => {
            const lease = await lock.acquire(...of)
            return (
              lease && {
                ...lease,
                release: (note) => lease.release(losesNotes ? undefined : note),
              }
            )
          },
        }
      },
    })
    const alice = scene.browser()
    await alice.signIn()
    scene.clock.advance(301)
    for (const audience of ['a', 'b', 'c']) {
      const answered = await alice.send({ by: scene.another() })
      expect(await accessToken(answered.host, { audience })).toContain(audience)
      answered.arrive()
      losesNotes = true
    }
    expect(scene.desk.asked.map(({ token }) => token)).toEqual([1, 2, 3].map((n) => `refresh-${n}`))
  })

  it.each([0, -4])(
    'a note brings no data back that were changed since, by a clock that is %i s ahead',
    async (seconds) => {
      const lock = (clock: { readonly now: () => number }) => memoryLock({ now: clock.now })
      const scene = createSessionScene({ kind: 'sealed', lock })
      const [alice, clock] = [scene.browser(), scene.clock]
      await alice.signIn()
      clock.advance(301)
      const first = await alice.send()
      await updateSession(first.host, { theme: 'light' })
      first.arrive()
      // Its response is lost.
      expect(await accessToken((await alice.send()).host)).toBe('access-1')
      clock.advance(seconds)
      const second = await alice.send({ by: scene.another() })
      await updateSession(second.host, { theme: 'dark' })
      second.arrive()
      const third = await alice.send({ by: scene.another() })
      expect(await accessToken(third.host)).toBe('access-1')
      expect(session(third.host)?.data).toEqual({ theme: 'dark' })
      expect(scene.desk.asked).toHaveLength(1)
    },
  )

  it('a renewal whose response was lost brings no data back that were changed elsewhere since', async () => {
    const scene = createSessionScene({ kind: 'sealed' })
    const alice = scene.browser()
    await alice.signIn()
    scene.clock.advance(301)
    expect(await accessToken((await alice.send()).host)).toBe('access-1')
    const elsewhere = await alice.send({ by: scene.another() })
    await updateSession(elsewhere.host, { theme: 'dark' })
    elsewhere.arrive()
    const answers = [await alice.send(), await alice.send()]
    for (const { host, arrive } of answers) {
      expect(session(host)?.data).toEqual({ theme: 'dark' })
      expect(await accessToken(host)).toBe('access-1')
      arrive()
    }
    const last = await alice.send({ by: scene.another() })
    expect(session(last.host)?.data).toEqual({ theme: 'dark' })
    expect(await accessToken(last.host)).toBe('access-1')
    expect(scene.desk.asked).toHaveLength(1)
  })

  it('a process knows the state that it took over and renewed, whatever became of the note', async () => {
    let flushed = false
    const scene = createSessionScene({
      kind: 'sealed',
      lock: (clock) => {
        const lock = memoryLock({ now: clock.now })
        return { ...lock, note: async (name) => (flushed ? undefined : lock.note(name)) }
      },
    })
    const [alice, other] = [scene.browser(), scene.another()]
    await alice.signIn()
    scene.clock.advance(301)
    const late = scene.browser(alice.cookies())
    const first = await alice.send()
    expect(await accessToken(first.host)).toBe('access-1')
    first.arrive()
    const taken = await late.send({ by: other })
    expect(await accessToken(taken.host, { audience: 'a' })).toBe('access-2 for a')
    flushed = true
    const next = await alice.send({ by: other })
    expect(await accessToken(next.host, { audience: 'b' })).toBe('access-3 for b')
    expect(scene.desk.asked.map(({ token }) => token)).toEqual([1, 2, 3].map((n) => `refresh-${n}`))
  })

  it('a process does not bring back what another has followed', async () => {
    const scene = createSessionScene({ kind: 'sealed' })
    const other = scene.another()
    const alice = scene.browser()
    await alice.signIn()
    for (const [audience, by] of [
      ['a', scene.process],
      ['b', other],
      ['c', scene.process],
    ] as const) {
      const answered = await alice.send({ by })
      expect(await accessToken(answered.host, { audience })).toContain(audience)
      answered.arrive()
    }
    const { host } = await alice.send({ by: scene.another() })
    const wishes = ['a', 'b', 'c'].map((audience) => ({ audience }))
    const tokens = await Promise.all(wishes.map((wish) => accessToken(host, wish)))
    expect(tokens).toEqual(['access-1 for a', 'access-2 for b', 'access-3 for c'])
    expect(scene.desk.asked).toHaveLength(3)
  })

  it('whose lock cannot be had use what lives, and then say that the store has trouble', async () => {
    const lock = {
      acquire: () => Promise.reject(new Error('refused')),
      note: async () => undefined,
    }
    const scene = createSessionScene({ kind: 'stored', lock: () => lock })
    const alice = scene.browser()
    await alice.signIn()
    scene.clock.advance(250)
    expect(await accessToken((await alice.send()).host)).toBe('access-of-login')
    scene.clock.advance(100)
    await expect(accessToken((await alice.send()).host)).rejects.toMatchObject({
      code: 'store_failed',
      phase: 'acquire',
    })
    expect((await alice.send()).found).toMatchObject({ principal: { subject: 'alice' } })
  })

  it('keep what was renewed where the lock cannot be given back', async () => {
    const scene = createSessionScene({
      kind: 'sealed',
      lock: (clock) => {
        const lock = memoryLock({ now: clock.now })
        return {
          note: lock.note,
          acquire: async (...of) => {
            const lease = await lock.acquire(...of)
            return lease && { ...lease, release: () => Promise.reject(new Error('refused')) }
          },
        }
      },
    })
    const alice = scene.browser()
    await alice.signIn()
    scene.clock.advance(301)
    const answered = await alice.send()
    expect(await accessToken(answered.host)).toBe('access-1')
    answered.arrive()
    expect(await accessToken((await alice.send({ by: scene.another() })).host)).toBe('access-1')
  })

  it('show nothing of a session in the note that they leave', async () => {
    const notes: string[] = []
    const scene = createSessionScene({
      kind: 'sealed',
      lock: () => ({
        note: async () => undefined,
        acquire: async () => ({
          fence: 1,
          release: async (note) => notes.push(note?.text ?? '') > 0,
        }),
      }),
    })
    const alice = scene.browser()
    await alice.signIn()
    scene.clock.advance(301)
    await accessToken((await alice.send()).host)
    expect(notes).toEqual([expect.stringMatching(/^[\w-]{100,}$/)])
    expect(Buffer.from(notes[0] ?? '', 'base64url').toString('latin1')).not.toMatch(/access|alice/)
  })
})
