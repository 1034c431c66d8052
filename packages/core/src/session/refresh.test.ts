import { describe, expect, it } from 'vitest'
import { createGate } from '../../../../test/support/gate.ts'
import { createSessionScene, kinds, type Kind } from '../../../../test/support/session-scene.ts'
import { Outage } from '../errors/outage.ts'
import { refuse, Refusal } from '../errors/refusal.ts'
import { accessToken, session } from './active.ts'
import { memoryRevocations } from './memory-revocations.ts'
import { memorySessions } from './memory.ts'

const outcome = async (asked: Promise<unknown>): Promise<unknown> => {
  try {
    return await asked
  } catch (error) {
    if (Refusal.is(error)) expect(error.trail).toHaveProperty('check')
    return Refusal.is(error) || Outage.is(error) ? error.code : error
  }
}

const idTokenRefused = (check: string, cause?: Refusal): Refusal =>
  refuse('id_token_refused', 'It does not hold.', { trail: { check }, cause })

describe.each(kinds)('a %s session with an expired token', (kind: Kind) => {
  const expired = async (more: Partial<Parameters<typeof createSessionScene>[0]> = {}) => {
    const scene = createSessionScene({ kind, ...more })
    const alice = scene.browser()
    await alice.signIn()
    scene.clock.advance(301)
    return { ...scene, alice }
  }

  it('of 500 parallel requests one asks the issuer, and all get the token and the cookie', async () => {
    const { alice, desk, counts } = await expired()
    const written = counts.write
    const { open, opened } = createGate()
    desk.behave({ after: opened })
    const answers = await Promise.all(Array.from({ length: 500 }, () => alice.send()))
    const tokens = Promise.all(answers.map(({ host }) => accessToken(host)))
    await new Promise((resolve) => setImmediate(resolve))
    open()
    expect(new Set(await tokens)).toEqual(new Set(['access-1']))
    expect(desk.asked).toHaveLength(1)
    const cookies = answers.map(({ arrive }) => JSON.stringify(arrive()))
    expect(new Set(cookies).size).toBe(1)
    expect([cookies[0]?.includes('__Host-s='), counts.write - written]).toEqual(
      // A store is written once; a browser is told by each response.
      kind === 'sealed' ? [true, 0] : [true, 1],
    )
    expect(await accessToken((await alice.send()).host)).toBe('access-1')
  })

  it('is renewed again and again, each time with the refresh token of the last', async () => {
    const { alice, desk, clock } = await expired()
    for (let round = 1; round <= 4; round++) {
      const answered = await alice.send()
      expect(await accessToken(answered.host)).toBe(`access-${round}`)
      answered.arrive()
      clock.advance(301)
    }
    expect(desk.asked.map(({ token }) => token)).toEqual([1, 2, 3, 4].map((n) => `refresh-${n}`))
  })

  it('tokens for two audiences are asked for one after the other, and kept side by side', async () => {
    const { alice, desk } = await expired()
    const answered = await alice.send()
    const wishes = [{}, { audience: 'a' }, { audience: 'b' }, { audience: 'a' }]
    const tokens = await Promise.all(wishes.map((wish) => accessToken(answered.host, wish)))
    expect(tokens).toEqual(['access-1', 'access-2 for a', 'access-3 for b', 'access-2 for a'])
    answered.arrive()
    const { host } = await alice.send()
    expect(await Promise.all(wishes.map((wish) => accessToken(host, wish)))).toEqual(tokens)
    expect(desk.asked).toHaveLength(3)
  })

  it('a token for an audience is none for a resource or a scope of the same name', async () => {
    const { alice, desk } = await expired()
    const answered = await alice.send()
    for (const wish of [{ audience: 'a' }, { resource: 'a' }, { scope: 'a' }])
      // oxlint-disable-next-line no-await-in-loop -- each is asked for when the one before is held
      await accessToken(answered.host, wish)
    expect(desk.asked).toHaveLength(3)
  })

  it('ends where the issuer is done with it: cookies forgotten, record gone', async () => {
    const { alice, desk, process, counts } = await expired()
    desk.behave({ fails: 'invalid_grant' })
    const answers = [await alice.send(), await alice.send()]
    const codes = await Promise.all(answers.map(({ host }) => outcome(accessToken(host))))
    expect(codes).toEqual(['session_ended', 'session_ended'])
    expect(desk.asked).toHaveLength(1)
    expect(counts.destroy).toBe(kind === 'stored' ? 1 : 0)
    for (const { arrive } of answers) {
      const fields = arrive()
      expect(fields.find(([name]) => name === 'Set-Cookie')?.[1]).toContain('Max-Age=0')
      // A shared cache that kept it would sign others out.
      expect(fields).toContainEqual(['Cache-Control', 'private, no-cache'])
    }
    expect(alice.cookies()).toBe('')
    desk.behave({})
    expect(process.refresher.rests()).toBe(false)
  })

  it.each(['outage', 'invalid_request'] as const)('is kept where the issuer %s', async (fails) => {
    const { alice, desk, clock } = await expired()
    desk.behave({ fails })
    const answered = await alice.send()
    expect(await outcome(accessToken(answered.host))).toBe('endpoint_failed')
    answered.arrive()
    desk.behave({})
    clock.advance(6)
    expect(await accessToken((await alice.send()).host)).toMatch(/^access-\d$/)
  })

  it('keeps its claims where no ID token comes, and takes those that come', async () => {
    const { alice, desk, clock } = await expired()
    const answered = await alice.send()
    await accessToken(answered.host)
    answered.arrive()
    expect(session((await alice.send()).host)?.claims).toEqual({ sub: 'alice', sid: 'session-1' })
    clock.advance(301)
    desk.behave({ idToken: { sub: 'alice', name: 'Alice' } })
    const later = await alice.send()
    await accessToken(later.host)
    expect(session(later.host)?.claims).toEqual({ sub: 'alice', sid: 'session-1', name: 'Alice' })
  })

  it('ends where the new ID token is of another user', async () => {
    const { alice, desk } = await expired()
    desk.behave({ idToken: { sub: 'bob' } })
    const answered = await alice.send()
    expect(await outcome(accessToken(answered.host))).toBe('session_ended')
    answered.arrive()
    expect(alice.cookies()).toBe('')
  })

  it('what was traded is not lost while the keys for the ID token cannot be had', async () => {
    const { alice, desk, clock } = await expired()
    desk.behave({ idToken: { sub: 'alice' }, keysFail: true })
    expect(await outcome(accessToken((await alice.send()).host))).toBe('keys_unreachable')
    desk.behave({})
    clock.advance(6)
    expect(await accessToken((await alice.send()).host)).toBe('access-1')
    expect(desk.asked).toHaveLength(1)
  })

  it('what was traded, and kept much later, lives no longer for that', async () => {
    const { alice, desk, clock } = await expired()
    desk.behave({ idToken: { sub: 'alice' }, keysFail: true })
    expect(await outcome(accessToken((await alice.send()).host))).toBe('keys_unreachable')
    desk.behave({ idToken: { sub: 'alice' } })
    clock.advance(400)
    expect(await accessToken((await alice.send()).host)).toBe('access-2')
    expect(desk.asked.map(({ token }) => token)).toEqual(['refresh-1', 'refresh-2'])
  })

  it.each([
    ['is signed with a key not yet known', idTokenRefused('key', refuse('token_key_unknown'))],
    ['is of the future', idTokenRefused('iat')],
    ['is not valid yet', idTokenRefused('nbf')],
    ['has expired', idTokenRefused('exp')],
  ])('what was traded is not lost while the ID token %s', async (_what, refusal) => {
    const { alice, desk, clock } = await expired()
    desk.behave({ idToken: { sub: 'alice' }, refusal })
    const failed = await alice.send()
    expect(await outcome(accessToken(failed.host))).toBe('endpoint_failed')
    failed.arrive()
    desk.behave({})
    clock.advance(6)
    expect(await accessToken((await alice.send()).host)).toBe('access-1')
    expect(desk.asked).toHaveLength(1)
  })

  it('what nobody could keep for ten minutes is not tried for ever', async () => {
    const { alice, desk, clock } = await expired()
    desk.behave({ idToken: { sub: 'alice' }, refusal: idTokenRefused('exp') })
    for (let minute = 0; minute < 10; minute++) {
      expect(await outcome(accessToken((await alice.send()).host))).toBe('endpoint_failed')
      clock.advance(60)
    }
    expect(await outcome(accessToken((await alice.send()).host))).toBe('session_ended')
    expect(desk.asked).toHaveLength(2)
  })

  it.each(['iss', 'aud', 'sub', 'signature'])(
    'ends where the %s of the new ID token does not hold',
    async (check) => {
      const { alice, desk } = await expired()
      desk.behave({ idToken: { sub: 'alice' }, refusal: idTokenRefused(check) })
      const answered = await alice.send()
      expect(await outcome(accessToken(answered.host))).toBe('session_ended')
      answered.arrive()
      expect(alice.cookies()).toBe('')
    },
  )

  it.each(['access_denied', 'interaction_required', 'invalid_request'] as const)(
    'goes on where the issuer answers %s to a wish for another API',
    async (fails) => {
      const { alice, desk, clock } = await expired()
      desk.behave({ fails })
      const answered = await alice.send()
      expect(await outcome(accessToken(answered.host, { audience: 'a' }))).toBe('grant_refused')
      answered.arrive()
      desk.behave({})
      clock.advance(6)
      const later = await alice.send()
      expect(await accessToken(later.host)).toBe('access-2')
      expect(await accessToken(later.host, { audience: 'a' })).toBe('access-3 for a')
    },
  )

  it('a token for another API that lives is given where the issuer will not renew it', async () => {
    const { alice, desk, clock } = await expired()
    const answered = await alice.send()
    await accessToken(answered.host, { audience: 'a' })
    answered.arrive()
    clock.advance(250)
    desk.behave({ fails: 'access_denied' })
    const { host } = await alice.send()
    expect(await accessToken(host, { audience: 'a' })).toBe('access-1 for a')
    clock.advance(50)
    expect(await outcome(accessToken(host, { audience: 'a' }))).toBe('grant_refused')
  })

  it('ends where the refresh token is refused to a wish for another API', async () => {
    const { alice, desk } = await expired()
    desk.behave({ fails: 'invalid_grant' })
    const answered = await alice.send()
    expect(await outcome(accessToken(answered.host, { audience: 'a' }))).toBe('session_ended')
    answered.arrive()
    expect(alice.cookies()).toBe('')
  })

  it('has the scopes that the issuer narrowed the grant to, of the login alone', async () => {
    const { alice, desk, clock } = await expired()
    const scopes = async () => {
      const { found } = await alice.send()
      return Refusal.is(found) ? found.code : found?.principal.scopes
    }
    const renew = async (wish = {}) => {
      const answered = await alice.send()
      await accessToken(answered.host, wish)
      answered.arrive()
      clock.advance(301)
    }
    desk.behave({ scope: 'orders:write' })
    await renew({ audience: 'a' })
    expect(await scopes()).toEqual(['openid', 'orders:read'])
    desk.behave({ scope: 'openid' })
    await renew()
    expect(await scopes()).toEqual(['openid'])
    desk.behave({})
    await renew()
    expect(await scopes()).toEqual(['openid'])
  })

  it('what was traded for one audience is kept before another is asked for', async () => {
    const { alice, desk, clock } = await expired()
    desk.behave({ idToken: { sub: 'alice' }, keysFail: true })
    expect(await outcome(accessToken((await alice.send()).host))).toBe('keys_unreachable')
    desk.behave({})
    clock.advance(6)
    const answered = await alice.send()
    expect(await accessToken(answered.host, { audience: 'a' })).toBe('access-2 for a')
    expect(await accessToken(answered.host)).toBe('access-1')
    expect(desk.asked.map(({ token }) => token)).toEqual(['refresh-1', 'refresh-2'])
  })

  it('what was traded with a token that stays is kept before another is asked for', async () => {
    const { alice, desk, clock } = await expired()
    desk.behave({ rotates: false, idToken: { sub: 'alice' }, keysFail: true })
    expect(await outcome(accessToken((await alice.send()).host))).toBe('keys_unreachable')
    desk.behave({ rotates: false })
    clock.advance(6)
    const answered = await alice.send()
    expect(await accessToken(answered.host, { audience: 'a' })).toBe('access-2 for a')
    expect(await accessToken(answered.host)).toBe('access-1')
    expect(desk.asked).toHaveLength(2)
  })

  it('what was traded for one audience is not lost where another cannot be had', async () => {
    const { alice, desk, clock } = await expired()
    desk.behave({ idToken: { sub: 'alice' }, keysFail: true })
    expect(await outcome(accessToken((await alice.send()).host))).toBe('keys_unreachable')
    desk.behave({ fails: 'outage' })
    clock.advance(6)
    const failed = await alice.send()
    expect(await outcome(accessToken(failed.host, { audience: 'a' }))).toBe('endpoint_failed')
    failed.arrive()
    desk.behave({})
    clock.advance(6)
    expect(await accessToken((await alice.send()).host)).toBe('access-1')
    expect(desk.asked.map(({ token }) => token)).toEqual(['refresh-1', 'refresh-2'])
  })

  it('a logout while it is renewed wins, and the new refresh token is not left behind', async () => {
    const revocations = memoryRevocations()
    const { alice, desk, process } = await expired({ revocations })
    const { open, opened } = createGate()
    desk.behave({ after: opened })
    const slow = await alice.send()
    const renewing = outcome(accessToken(slow.host))
    const held = await heldOf(process, alice.cookies())
    process.refresher.drop(held.session)
    await process.keeper.end(held)
    open()
    expect(await renewing).toBe('session_ended')
    slow.arrive()
    const again = await alice.send()
    expect(again.found === undefined || Refusal.is(again.found)).toBe(true)
    expect(desk.revoked).toEqual(['refresh-2'])
  })

  it('an issuer that has failed is left in peace while the token lives', async () => {
    const { browser, desk, clock, outages } = createSessionScene({ kind })
    const alice = browser()
    await alice.signIn()
    desk.behave({ fails: 'outage' })
    clock.advance(250)
    for (let request = 0; request < 5; request++) {
      expect(await accessToken((await alice.send()).host)).toBe('access-of-login')
    }
    expect(desk.asked).toHaveLength(1)
    clock.advance(5)
    expect(await accessToken((await alice.send()).host)).toBe('access-of-login')
    expect(desk.asked).toHaveLength(2)
    expect(outages).toHaveLength(2)
  })
})

it('what was traded while the store could not be written is kept once it can', async () => {
  let fails = false
  const scene = createSessionScene({
    kind: 'stored',
    store: (clock) => {
      const memory = memorySessions({ now: clock.now })
      return {
        ...memory,
        write: (...of) => (fails ? Promise.reject(new Error('read only')) : memory.write(...of)),
      }
    },
  })
  const alice = scene.browser()
  await alice.signIn()
  scene.clock.advance(301)
  fails = true
  expect(await outcome(accessToken((await alice.send()).host))).toBe('store_failed')
  fails = false
  expect(await accessToken((await alice.send()).host)).toBe('access-1')
  expect(scene.desk.asked).toHaveLength(1)
})

it('what was refused with its ID token is not tried again for a copy of the cookie', async () => {
  const { browser, clock, desk } = createSessionScene({ kind: 'sealed' })
  const alice = browser()
  await alice.signIn()
  const copy = browser(alice.cookies())
  clock.advance(301)
  desk.behave({ idToken: { sub: 'alice' }, refusal: idTokenRefused('signature') })
  expect(await outcome(accessToken((await alice.send()).host))).toBe('session_ended')
  desk.behave({})
  // The process no longer remembers that the session has ended, and there are no revocations.
  clock.advance(61)
  expect(await outcome(accessToken((await copy.send()).host))).toBe('session_ended')
  expect(desk.asked).toHaveLength(2)
})

it('a refresh token that another process has replaced meanwhile is no end: the new one is tried', async () => {
  const scene = createSessionScene({ kind: 'stored' })
  const alice = scene.browser()
  await alice.signIn()
  scene.clock.advance(301)
  const { open, opened } = createGate()
  scene.desk.behave({ after: opened })
  const slow = accessToken((await alice.send()).host)
  await new Promise((resolve) => setImmediate(resolve))
  scene.desk.behave({})
  const fast = await alice.send({ by: scene.another() })
  expect(await accessToken(fast.host, { audience: 'a' })).toBe('access-2 for a')
  open()
  expect(await slow).toBe('access-3')
  expect(scene.desk.asked.map(({ token }) => token)).toEqual([
    'refresh-1',
    'refresh-1',
    'refresh-2',
  ])
})

describe.each([2, 4, 10, 60, 240, 3600])('tokens that live %i s', (lifetime) => {
  it('are renewed before they end, and never with every request', async () => {
    const { browser, desk, clock } = createSessionScene({ kind: 'sealed', lifetime })
    const alice = browser()
    await alice.signIn()
    const step = lifetime / 20
    for (let at = 0; at < 100; at++) {
      const answered = await alice.send()
      await accessToken(answered.host)
      answered.arrive()
      clock.advance(step)
    }
    // Five lifetimes, less the margin, and less what is lost where times are counted in whole seconds.
    expect(desk.asked.length).toBeGreaterThanOrEqual(4)
    expect(desk.asked.length).toBeLessThanOrEqual(lifetime > 2 ? 7 : 10)
  })
})

const heldOf = async (
  { keeper }: ReturnType<typeof createSessionScene>['process'],
  cookie: string,
) => {
  const held = await keeper.find({
    method: 'GET',
    url: 'https://app.test/',
    header: (name) => (name === 'cookie' ? cookie : undefined),
    form: () => Promise.resolve(new URLSearchParams()),
  })
  if (held === undefined || Refusal.is(held)) throw new Error('there is no session')
  return held
}
