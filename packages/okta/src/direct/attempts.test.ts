import { describe, expect, it } from 'vitest'
import { limitAttempts, type Attempt, type AttemptLimiter } from './attempts.ts'
import { memoryAttempts } from './memory-attempts.ts'

const clockOf = (start = 1_000_000) => {
  let time = start
  return { now: () => time, advance: (seconds: number) => (time += seconds * 1000) }
}

const guess = (username = 'ada', address?: string): Attempt => ({
  kind: 'guess',
  username,
  address,
})

const world = (attempts = 3) => {
  const clock = clockOf()
  const store = memoryAttempts({ now: clock.now })
  const limiter = limitAttempts({
    store,
    perUser: { attempts, seconds: 100 },
    perAddress: { attempts: 5, seconds: 100 },
  })
  return { clock, limiter }
}

const count = async (limiter: AttemptLimiter, times: number, attempt = guess()) => {
  const all = await Promise.all(Array.from({ length: times }, () => limiter.take(attempt)))
  return all.filter(({ allowed }) => allowed).length
}

describe('limitAttempts', () => {
  it('lets no more than the limit pass, however many come at once', async () => {
    expect(await count(world().limiter, 100)).toBe(3)
  })

  it('says how long it lasts, and by whose limit', async () => {
    const { limiter, clock } = world()
    await count(limiter, 1)
    clock.advance(40)
    await count(limiter, 2)
    expect(await limiter.take(guess())).toEqual({
      allowed: false,
      retryAfter: 60,
      by: 'username',
    })
  })

  it('lets nobody have more than the limit in any such time', async () => {
    const { limiter, clock } = world()
    const passed: number[] = []
    for (let second = 0; second < 600; second += 7) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      if (await count(limiter, 1)) passed.push(second)
      clock.advance(7)
    }
    const most = Math.max(
      ...passed.map((from) => passed.filter((at) => at >= from && at < from + 100).length),
    )
    expect(most).toBe(3)
    expect(passed.length).toBeGreaterThan(12)
  })

  it('takes spellings of one name for one name', async () => {
    const { limiter } = world()
    await count(limiter, 2, guess('Ada@Example.com'))
    expect(await count(limiter, 5, guess('ada@example.COM '))).toBe(1)
  })

  it('keeps users apart, and counts an address over all of them', async () => {
    const { limiter } = world()
    expect(await count(limiter, 3, guess('ada', '192.0.2.1'))).toBe(3)
    expect(await count(limiter, 3, guess('bob', '192.0.2.1'))).toBe(2)
    expect(await limiter.take(guess('bob', '192.0.2.1'))).toMatchObject({ by: 'address' })
  })

  it('counts the addresses of one IPv6 subscriber as one', async () => {
    const { limiter } = world()
    const names = ['ada', 'bob', 'cy', 'dee', 'eve', 'flo']
    const answers = []
    for (const [index, name] of names.entries())
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      answers.push(await limiter.take(guess(name, `2001:db8:1:2::${index}`)))
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true, false])
    expect(await limiter.take(guess('gus', '2001:db8:1:3::1'))).toMatchObject({ allowed: true })
  })

  it('does not count for a user what the address was refused', async () => {
    const { limiter } = world()
    await count(limiter, 5, { ...guess(), username: undefined, address: '192.0.2.1' })
    await count(limiter, 5, guess('bob', '192.0.2.1'))
    expect(await count(limiter, 5, guess('bob', '192.0.2.9'))).toBe(3)
  })

  it('takes a right guess back', async () => {
    const { limiter } = world()
    const taken = await limiter.take(guess())
    if (taken.allowed) await taken.giveBack()
    expect(await count(limiter, 5)).toBe(3)
  })

  it('forgets the guesses of a user who signed in, and not those of the address', async () => {
    const { limiter } = world()
    await count(limiter, 3, guess('ada', '192.0.2.1'))
    await limiter.signedIn('ADA')
    expect(await count(limiter, 3, guess('ada', '192.0.2.1'))).toBe(2)
  })

  it('counts prompts by themselves', async () => {
    const { limiter } = world()
    await count(limiter, 3)
    expect(await count(limiter, 9, { ...guess(), kind: 'prompt' })).toBe(5)
  })

  it.each([
    [{ perUser: { attempts: 0, seconds: 1 } }, 'limitAttempts.perUser.attempts'],
    [{ store: {} }, 'limitAttempts.store must have the functions take, giveBack and clear'],
    [{ perUser: { attempts: 1, seconds: 0 } }, 'limitAttempts.perUser.seconds'],
    [{ perUsers: {} }, 'did you mean perUser?'],
  ])('refuses options like %j', (options, text) => {
    // What is not in the type comes from JavaScript.
    expect(() => limitAttempts(options as never)).toThrow(text)
  })
})

describe('memoryAttempts', () => {
  it('refuses new names when it is full of living ones, and takes them when others are over', () => {
    const clock = clockOf()
    const store = memoryAttempts({ entries: 2, now: clock.now })
    void store.take('a', 1, 10)
    void store.take('b', 1, 100)
    expect(() => store.take('c', 1, 10)).toThrow('memoryAttempts is full')
    clock.advance(11)
    expect(store.take('c', 1, 10)).toHaveProperty('id')
  })

  it('waits for the right place where the limit has become smaller', () => {
    const clock = clockOf()
    const store = memoryAttempts({ now: clock.now })
    for (let second = 0; second < 3; second += 1) {
      void store.take('a', 3, 100)
      clock.advance(10)
    }
    expect(store.take('a', 1, 100)).toEqual({ wait: 90 })
  })
})
