import { describe, expect, it } from 'vitest'
import { createSessionScene, kinds } from '../../../../test/support/session-scene.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { Refusal } from '../errors/refusal.ts'
import { keepPrincipal } from '../guard/attach.ts'
import { createGuard } from '../guard/create.ts'
import { accessToken, logoutUrl, session, updateSession } from './active.ts'

const signedIn = async (options: Parameters<typeof createSessionScene>[0]) => {
  const scene = createSessionScene(options)
  const alice = scene.browser()
  await alice.signIn()
  return { ...scene, alice }
}

const unshared = ['Cache-Control', 'private, no-cache']

describe('a response that gives a browser its session', () => {
  it.each(kinds)('is kept out of shared caches, once: %s', async (kind) => {
    const { alice, clock } = await signedIn({ kind, idle: 4000 })
    const unchanged = await alice.send()
    expect([unchanged.found, unchanged.arrive()]).toMatchObject([{ headers: [] }, []])
    clock.advance(301)
    const noted = await alice.send()
    expect(noted.arrive()).toEqual([['Set-Cookie', expect.any(String)], unshared])
    clock.advance(301)
    const renewed = await alice.send()
    await accessToken(renewed.host)
    await updateSession(renewed.host, { theme: 'dark' })
    expect(renewed.arrive().filter(([name]) => name !== 'Set-Cookie')).toEqual([unshared])
  })
})

describe('with the cookie from before a renewal,', () => {
  it('a request is answered with what it was renewed to, and with its cookie', async () => {
    const { alice, browser, clock, desk } = await signedIn({ kind: 'sealed' })
    clock.advance(301)
    const old = browser(alice.cookies())
    const answered = await alice.send()
    expect(await accessToken(answered.host)).toBe('access-1')
    answered.arrive()
    clock.advance(59)
    const late = await old.send()
    expect(await accessToken(late.host)).toBe('access-1')
    late.arrive()
    expect(old.cookies()).toBe(alice.cookies())
    expect(desk.asked).toHaveLength(1)
  })

  it('nobody is known any more after a minute', async () => {
    const { alice, browser, clock } = await signedIn({ kind: 'sealed' })
    clock.advance(301)
    const old = browser(alice.cookies())
    await accessToken((await alice.send()).host)
    clock.advance(60)
    await expect(accessToken((await old.send()).host)).rejects.toSatisfy(Refusal.is)
  })

  it('a slow response that only notes the visit does not bring the old tokens back', async () => {
    const { alice, clock, desk } = await signedIn({ kind: 'sealed', idle: 4000 })
    clock.advance(301)
    const slow = await alice.send()
    const fast = await alice.send()
    expect(await accessToken(fast.host)).toBe('access-1')
    fast.arrive()
    expect(slow.arrive().length).toBeGreaterThan(0)
    clock.advance(100)
    expect(await accessToken((await alice.send()).host)).toBe('access-1')
    expect(desk.asked).toHaveLength(1)
  })

  it('a slow response does not bring back a session that was signed out', async () => {
    const { alice, clock, process } = await signedIn({ kind: 'sealed', idle: 4000 })
    clock.advance(301)
    const slow = await alice.send()
    expect(slow.found).toMatchObject({ headers: [['Set-Cookie', expect.any(String)], unshared] })
    const { held } = sessionIn(await alice.send())
    process.refresher.drop(held.session)
    slow.arrive()
    expect(alice.cookies()).toBe('')
  })

  it('data are kept without the old tokens', async () => {
    const { alice, clock, desk } = await signedIn({ kind: 'sealed', idle: 86_400 })
    clock.advance(301)
    const slow = await alice.send()
    const fast = await alice.send()
    await accessToken(fast.host)
    fast.arrive()
    await updateSession(slow.host, { cart: 1 })
    slow.arrive()
    clock.advance(100)
    const { host } = await alice.send()
    expect(session(host)?.data).toEqual({ cart: 1 })
    expect(await accessToken(host)).toBe('access-1')
    expect(desk.asked).toHaveLength(1)
  })

  it('data that were kept a moment ago are not lost', async () => {
    const { alice, browser, clock } = await signedIn({ kind: 'sealed' })
    clock.advance(301)
    const old = browser(alice.cookies())
    const answered = await alice.send()
    await accessToken(answered.host)
    await updateSession(answered.host, { cart: 2 })
    answered.arrive()
    expect(session((await old.send()).host)?.data).toEqual({ cart: 2 })
  })
})

describe.each(kinds)('where another tab signs in meanwhile, %s sessions:', (kind) => {
  const slowOne = async () => {
    const scene = await signedIn({ kind, idle: 4000 })
    scene.clock.advance(301)
    const slow = await scene.alice.send()
    expect(slow.found).toMatchObject({ headers: [['Set-Cookie', expect.any(String)], unshared] })
    await scene.alice.signIn()
    return { ...scene, slow, cookies: scene.alice.cookies() }
  }

  it('a slow response that only notes the visit leaves the new cookie alone', async () => {
    const { alice, slow, cookies } = await slowOne()
    expect(slow.arrive()).toEqual([unshared])
    expect(alice.cookies()).toBe(cookies)
  })

  it('so does one that has renewed the old tokens, or cannot any more', async () => {
    const { alice, slow, cookies } = await slowOne()
    await expect(accessToken(slow.host)).rejects.toMatchObject({ code: 'session_ended' })
    expect(slow.arrive()).toEqual([unshared])
    expect(alice.cookies()).toBe(cookies)
    const { alice: bob, clock } = await signedIn({ kind, idle: 4000 })
    clock.advance(301)
    const renewed = await bob.send()
    await accessToken(renewed.host)
    await bob.signIn()
    expect(renewed.arrive()).toEqual([unshared])
  })

  it('who comes with the old cookie is nobody, and the new one is not taken away', async () => {
    const scene = await signedIn({ kind })
    const old = scene.browser(scene.alice.cookies())
    await scene.alice.signIn()
    expect((await old.send()).found).toBeUndefined()
    expect((await scene.alice.send()).found).toMatchObject({ principal: { subject: 'alice' } })
  })
})

describe('of changes at the same time in one process, sealed sessions keep both:', () => {
  const later = async () => {
    const scene = await signedIn({ kind: 'sealed', idle: 4000 })
    scene.clock.advance(301)
    const [slow, fast] = [await scene.alice.send(), await scene.alice.send()]
    const dataNow = async () => session((await scene.alice.send()).host)?.data
    return { ...scene, slow, fast, dataNow }
  }

  it('data, and a slow response that only notes the visit', async () => {
    const { slow, fast, dataNow } = await later()
    await updateSession(fast.host, { theme: 'dark' })
    fast.arrive()
    slow.arrive()
    expect(await dataNow()).toEqual({ theme: 'dark' })
  })

  it('data, and tokens that a slow response renews after them', async () => {
    const { slow, fast, dataNow, desk } = await later()
    await updateSession(fast.host, { theme: 'dark' })
    fast.arrive()
    expect(await accessToken(slow.host)).toBe('access-1')
    slow.arrive()
    expect(await dataNow()).toEqual({ theme: 'dark' })
    expect(desk.asked).toHaveLength(1)
  })

  it('data, and tokens that are on their way when they change', async () => {
    const { alice, slow, fast, dataNow, desk } = await later()
    const renewing = accessToken(slow.host)
    await updateSession(fast.host, { theme: 'dark' })
    fast.arrive()
    expect(await renewing).toBe('access-1')
    slow.arrive()
    expect(await dataNow()).toEqual({ theme: 'dark' })
    expect(await accessToken((await alice.send()).host)).toBe('access-1')
    expect(desk.asked).toHaveLength(1)
  })

  it('of data the later, also where its response is the first', async () => {
    const { slow, fast, dataNow } = await later()
    await updateSession(slow.host, { theme: 'dark' })
    await updateSession(fast.host, { theme: 'light' })
    fast.arrive()
    slow.arrive()
    expect(await dataNow()).toEqual({ theme: 'light' })
  })

  it('but what another process has changed since is newer', async () => {
    const { alice, clock, another, fast } = await later()
    await updateSession(fast.host, { theme: 'dark' })
    fast.arrive()
    clock.advance(1)
    const elsewhere = await alice.send({ by: another() })
    await updateSession(elsewhere.host, {})
    elsewhere.arrive()
    expect(session((await alice.send()).host)?.data).toEqual({})
  })
})

describe('after a renewal,', () => {
  it('a slow response does not bring back a session that was signed out', async () => {
    const { alice, browser, clock, process } = await signedIn({ kind: 'sealed' })
    clock.advance(301)
    const [old, slow] = [browser(alice.cookies()), await alice.send()]
    await accessToken(slow.host)
    const late = await old.send()
    expect(late.found).toMatchObject({ headers: [['Set-Cookie', expect.any(String)], unshared] })
    process.refresher.drop(sessionIn(slow).held.session)
    slow.arrive()
    late.arrive()
    expect([alice.cookies(), old.cookies()]).toEqual(['', ''])
  })
})

describe('after the response was sent,', () => {
  it.each(kinds)('the token of a %s session is given while it lives', async (kind) => {
    const { alice, clock, desk } = await signedIn({ kind })
    clock.advance(250)
    const answered = await alice.send()
    answered.arrive()
    const lives = await accessToken(answered.host)
    expect(lives).toBe(kind === 'sealed' ? 'access-of-login' : 'access-1')
    expect(desk.asked).toHaveLength(kind === 'sealed' ? 0 : 1)
  })

  it('a sealed session cannot be renewed, and says so, because the browser could not be told', async () => {
    const { alice, clock, desk } = await signedIn({ kind: 'sealed' })
    clock.advance(301)
    const sent = await alice.send()
    sent.arrive()
    const unlent = await alice.send({ lends: false })
    for (const { host } of [sent, unlent]) {
      await expect(accessToken(host)).rejects.toThrow(/before the response is sent/)
      await expect(accessToken(host)).rejects.toBeInstanceOf(ConfigurationError)
      await expect(updateSession(host, {})).rejects.toBeInstanceOf(ConfigurationError)
    }
    expect(desk.asked).toEqual([])
  })

  it('a stored session is renewed as ever', async () => {
    const { alice, clock } = await signedIn({ kind: 'stored' })
    clock.advance(301)
    const sent = await alice.send()
    sent.arrive()
    await updateSession(sent.host, { cart: 1 })
    expect(await accessToken(sent.host)).toBe('access-1')
    expect(session((await alice.send()).host)?.data).toEqual({ cart: 1 })
  })
})

describe.each(kinds)('a %s session without a refresh token', (kind) => {
  const without = async () => {
    const scene = createSessionScene({ kind })
    const alice = scene.browser()
    const { refreshToken: _, ...content } = scene.desk.content(scene.clock.now(), 300)
    await scene.process.keeper.begin(requestWithout, content)
    await alice.signIn(scene.process, { ...content, refreshToken: undefined as never })
    return { ...scene, alice }
  }

  it('gives its token to the end, and ends then', async () => {
    const { alice, clock } = await without()
    clock.advance(299)
    expect(await accessToken((await alice.send()).host)).toBe('access-of-login')
    clock.advance(1)
    const answered = await alice.send()
    await expect(accessToken(answered.host)).rejects.toMatchObject({ code: 'session_ended' })
    answered.arrive()
    expect(alice.cookies()).toBe('')
  })

  it('cannot give a token for another audience: that is a mistake of the application', async () => {
    const { alice } = await without()
    const { host } = await alice.send()
    await expect(accessToken(host, { audience: 'a' })).rejects.toThrow(/offline_access/)
    expect((await alice.send()).found).toMatchObject({ principal: { subject: 'alice' } })
  })
})

describe('where no session let the request in,', () => {
  const guard = createGuard({ verifier: { verify: () => Promise.reject(new Error('unused')) } })

  it('there is none to be read, and asking for its token is a mistake that is named', async () => {
    const host = {}
    keepPrincipal(host, { granted: true, principal: undefined, headers: [] }, guard)
    expect(session(host)).toBeUndefined()
    await expect(accessToken(host)).rejects.toThrow(/by a token, or by nobody/)
    expect(() => logoutUrl(host)).toThrow(ConfigurationError)
    expect(() => session({})).toThrow(/no protect\(\)/)
  })
})

it('what an application sees of a session holds no token', async () => {
  const { alice } = await signedIn({ kind: 'stored' })
  const { host } = await alice.send()
  expect(JSON.stringify(session(host))).not.toMatch(/access-|refresh-/)
})

const requestWithout = {
  method: 'GET',
  url: 'https://app.test/',
  header: () => undefined,
  form: () => Promise.resolve(new URLSearchParams()),
}

/** What the guard has kept for the functions above. */
function sessionIn({ found }: { readonly found: unknown }): {
  readonly held: Parameters<Awaited<ReturnType<typeof signedIn>>['process']['keeper']['end']>[0]
} {
  const { session: active } = found as { readonly session: ReturnType<typeof sessionIn> }
  return active
}
