import { afterEach, describe, expect, test } from 'vitest'
import { base, createWorld, type World } from '../../../../test/support/login-world.ts'
import { valuesOf, type Sending } from '../../../../test/support/lone-browser.ts'
import type { Lies } from '../../../../test/support/lying-issuer.ts'
import { memorySessions } from '../session/memory.ts'
import { storedSessions } from '../session/stored.ts'
import type { LoginOptions } from './options.ts'

let world: World | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

const signedIn = async (options: Partial<LoginOptions> = {}, lies: Lies = {}): Promise<World> => {
  world = await createWorld(options)
  world.issuer.lie(lies)
  expect((await world.signIn()).status).toBe(200)
  return world
}

/** Leaves by a form of our own, and stops where that leads. */
const leave = async (target: World, sending: Sending = {}, path = '/logout') => {
  const form = sending.form ?? {}
  const seen = await target.handler({
    method: 'POST',
    url: base + path,
    header: (name) =>
      ({ cookie: target.browser.cookiesFor(path), origin: base, ...sending.headers })[name],
    form: () => Promise.resolve(new URLSearchParams(form)),
  })
  const headers = seen?.headers ?? []
  const [location = ''] = valuesOf(headers, 'location')
  const cookies = valuesOf(headers, 'set-cookie')
  return { status: seen?.status, location, cookies, body: seen?.body ?? '' }
}

const withoutPlace: Lies = { metadata: { end_session_endpoint: undefined } }

describe('a logout', () => {
  test('ends the session here, and goes on to the issuer', async () => {
    const target = await signedIn()
    const { status, location, cookies } = await leave(target)
    const away = new URL(location)
    expect([status, away.origin]).toEqual([303, target.issuer.url])
    expect(Object.fromEntries(away.searchParams)).toEqual({
      client_id: 'client-1',
      id_token_hint: expect.stringContaining('.'),
      post_logout_redirect_uri: `${base}/`,
    })
    expect(cookies).toEqual([expect.stringContaining('Max-Age=0')])
    expect(await target.isSignedIn()).toBe(false)
    expect(target.events.map(({ type }) => type)).toEqual(['signed-in', 'signed-out'])
  })

  test('can be ours alone', async () => {
    const target = await signedIn({ logout: { issuer: false } })
    expect(await leave(target)).toMatchObject({ status: 303, location: `${base}/` })
    expect(await target.isSignedIn()).toBe(false)
  })

  test('is ours alone where the issuer has no place for it', async () => {
    const target = await signedIn({}, withoutPlace)
    expect((await leave(target)).location).toBe(`${base}/`)
  })

  test('of a session that is gone already leads where it was to lead', async () => {
    const target = await signedIn()
    await leave(target)
    const form = { return_to: '/bye' }
    expect(await leave(target, { form })).toMatchObject({ status: 303, location: `${base}/bye` })
  })

  test.each([
    ['/bye?a=1', `${base}/bye?a=1`],
    ['//evil.test', `${base}/`],
    ['https://evil.test/', `${base}/`],
    ['/\\evil.test', `${base}/`],
  ])('that is to lead to %s leads to %s', async (place, location) => {
    const target = await signedIn({ logout: { issuer: false } })
    expect((await leave(target, { form: { return_to: place } })).location).toBe(location)
  })

  test('leads to a place of the configuration that is not ours', async () => {
    const returnTo = 'https://www.test/bye'
    const target = await signedIn({ logout: { issuer: false, returnTo } })
    expect((await leave(target)).location).toBe(returnTo)
  })

  test('tells the issuer of such a place, and not of the address between', async () => {
    const returnTo = 'https://www.test/bye'
    const target = await signedIn({ logout: { returnTo }, routes: { loggedOut: '/signed-out' } })
    const { location } = await leave(target)
    expect(new URL(location).searchParams.get('post_logout_redirect_uri')).toBe(returnTo)
  })

  test('comes back to one address, and goes on from there', async () => {
    const target = await signedIn({ routes: { loggedOut: '/signed-out' } })
    const { location } = await leave(target, { form: { return_to: '/bye' } })
    const { searchParams } = new URL(location)
    expect(searchParams.get('post_logout_redirect_uri')).toBe(`${base}/signed-out`)
    const state = encodeURIComponent(searchParams.get('state') ?? '')
    const back = await target.browser.open(`/signed-out?state=${state}`, { until: base })
    expect(valuesOf(back.headers, 'location')).toEqual([`${base}/bye`])
    for (const other of ['x', encodeURIComponent('return https://evil.test'), '']) {
      // oxlint-disable-next-line no-await-in-loop -- says which one it was
      const lost = await target.browser.open(`/signed-out?state=${other}`, { until: base })
      expect(valuesOf(lost.headers, 'location')).toEqual([`${base}/`])
    }
  })
})

describe('a store that fails', () => {
  const failing = (): { readonly sessions: LoginOptions['sessions']; fails: boolean } => {
    const store = memorySessions()
    const scene = {
      fails: false,
      sessions: storedSessions(
        {
          ...store,
          destroy: async (id) => {
            if (scene.fails) throw new Error('the store is away')
            return store.destroy(id)
          },
        },
        { secrets: ['x'.repeat(32)] },
      ),
    }
    return scene
  }

  test('takes the cookies away all the same, and a second try ends the session', async () => {
    const scene = failing()
    const target = await signedIn({ sessions: scene.sessions, now: () => Date.now() })
    scene.fails = true
    const { status, cookies, location } = await leave(target)
    expect([status, location]).toEqual([503, ''])
    expect(cookies).toEqual([expect.stringMatching(/^__Host-portcullis-\w+=; .*Max-Age=0/)])
    expect(target.events.map(({ type }) => type)).toEqual(['signed-in', 'outage'])
    scene.fails = false
    expect((await leave(target)).status).toBe(303)
    expect(await target.isSignedIn()).toBe(false)
  })

  describe('before it can say whose session it is,', () => {
    const away = async () => {
      const store = memorySessions()
      const scene = { fails: false }
      const read = async (id: string) => {
        if (scene.fails) throw new Error('the store is away')
        return store.read(id)
      }
      const sessions = storedSessions({ ...store, read }, { secrets: ['x'.repeat(32)] })
      const target = await signedIn({ sessions, now: () => Date.now() })
      scene.fails = true
      return target
    }

    test('takes the cookies away from whoever leaves by a form, and says what happened', async () => {
      const { status, cookies, body } = await leave(await away())
      expect(status).toBe(503)
      expect(cookies).toEqual([expect.stringMatching(/^__Host-portcullis-\w+=; .*Max-Age=0/)])
      expect(body).toContain('Signing out could not be completed')
      expect(body).toContain(`href="${base}/"`)
    })

    test('lets no other site take them away', async () => {
      const target = await away()
      const sent = await leave(target, { headers: { origin: 'https://evil.test' } })
      expect([sent.status, sent.cookies]).toEqual([403, []])
    })

    test('takes nothing away for a link, which nobody can judge', async () => {
      const target = await away()
      const seen = await target.browser.open('/logout?token=x', { until: base })
      expect([seen.status, valuesOf(seen.headers, 'set-cookie')]).toEqual([503, []])
    })
  })
})

describe('nobody is logged out', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['by a form of another site', { origin: 'https://evil.test' }],
    [
      'by a form of another site that hides itself',
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
    ],
    ['by a form of a neighbour', { origin: 'https://sub.app.test', 'sec-fetch-site': 'same-site' }],
  ])('%s', async (_how, headers) => {
    const target = await signedIn()
    expect(await leave(target, { headers })).toMatchObject({ status: 403, cookies: [] })
    expect(await target.isSignedIn()).toBe(true)
    expect(target.failures.map(({ code }) => code)).toEqual(['cross_site'])
  })

  test.each(['', '?token=x', '?token=', '?return_to=/bye'])(
    'by a link without its token: %j',
    async (query) => {
      const target = await signedIn()
      const seen = await target.browser.open(`/logout${query}`)
      expect([seen.status, await target.isSignedIn()]).toEqual([403, true])
      expect(seen.body).toContain(`<a href="${base}/">`)
      expect(target.failures.map(({ code }) => code)).toEqual(['logout_refused'])
    },
  )

  test('but by a form of an origin that was allowed', async () => {
    const target = await signedIn({ allowedOrigins: ['https://www.app.test'] })
    const headers = { origin: 'https://www.app.test' }
    expect((await leave(target, { headers })).status).toBe(303)
  })
})

describe('the refresh token', () => {
  test('is revoked', async () => {
    const target = await signedIn()
    await leave(target)
    expect(target.issuer.requests.count('revocation')).toBe(1)
  })

  test('is left alone where that is wanted', async () => {
    const target = await signedIn({ logout: { revoke: false } })
    await leave(target)
    expect(target.issuer.requests.count('revocation')).toBe(0)
  })

  test.each(['error-500', 'reset', 'redirect'] as const)(
    'that cannot be revoked (%s) holds nobody back',
    async (revocation) => {
      const target = await signedIn({}, { revocation })
      expect(await leave(target)).toMatchObject({ status: 303 })
      expect(await target.isSignedIn()).toBe(false)
      expect(target.events.map(({ type }) => type)).toContain('outage')
    },
  )
})
