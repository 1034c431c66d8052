import { describe, expect, test } from 'vitest'
import {
  asked,
  createDesk,
  fieldOf,
  locationOf,
  secrets,
  visit,
} from '../../../../test/support/login-unit.ts'
import { refuse } from '../errors/refusal.ts'
import { memorySessions } from '../session/memory.ts'
import { memoryRevocations } from '../session/memory-revocations.ts'
import { storedSessions } from '../session/stored.ts'
import type { Door } from './door.ts'
import { pathsOf } from './paths.ts'

describe('the addresses of a login', () => {
  test('have names that can be chosen', () => {
    expect(pathsOf()).toEqual({
      login: '/login',
      callback: '/callback',
      logout: '/logout',
      loggedOut: undefined,
    })
    expect(
      pathsOf({ login: '/in', callback: '/cb', logout: false, loggedOut: '/bye' }, '/a'),
    ).toEqual({
      login: '/a/in',
      callback: '/a/cb',
      logout: undefined,
      loggedOut: '/a/bye',
    })
  })

  test.each([
    '/',
    '/account',
    '/login/',
    '/logins',
    '/Login',
    '/callback/x',
    '/logged-out',
    '/x?/login',
  ])('are not %s', async (url) => {
    expect(await createDesk().ask(visit(url))).toBeUndefined()
  })

  test('are below every base URL', async () => {
    const { ask } = createDesk({ baseUrl: ['https://app.test/shop', 'https://b.test'] })
    const starts = await Promise.all(
      ['https://app.test/shop/login', 'https://b.test/login'].map(async (url) =>
        locationOf(await ask(visit(url))).searchParams.get('redirect_uri'),
      ),
    )
    expect(starts).toEqual(['https://app.test/shop/callback', 'https://b.test/callback'])
  })

  test('that are switched off are not there', async () => {
    const { ask } = createDesk({ routes: { logout: false } })
    expect(await ask(visit('/logout', { method: 'POST' }))).toBeUndefined()
  })

  test.each([
    ['/login', 'PUT', 'GET, HEAD, POST'],
    ['/login', 'OPTIONS', 'GET, HEAD, POST'],
    ['/callback', 'HEAD', 'GET, POST'],
    ['/callback', 'DELETE', 'GET, POST'],
    ['/logout', 'HEAD', 'GET, POST'],
    ['/bye', 'POST', 'GET, HEAD'],
  ])('%s knows no %s', async (url, method, allow) => {
    const { ask } = createDesk({ routes: { loggedOut: '/bye' } })
    const reply = await ask(visit(url, { method }))
    expect([reply?.status, fieldOf(reply, 'allow')]).toEqual([405, [allow]])
    expect(fieldOf(reply, 'cache-control')).toEqual(['no-store'])
  })
})

describe('under an unknown host', () => {
  const baseUrl = ['https://app.test', 'https://b.test']
  test.each(['/login', '/callback?state=x', '/logout'])(
    '%s is a 400 that leads nowhere',
    async (path) => {
      const { ask, events } = createDesk({ baseUrl })
      const reply = await ask(visit(`https://evil.test${path}`))
      expect([reply?.status, fieldOf(reply, 'set-cookie')]).toEqual([400, []])
      expect(reply?.body).not.toContain('evil.test')
      expect(reply?.body).toContain('<a href="/">')
      expect(events).toMatchObject([{ type: 'refused', refusal: { code: 'login_host_unknown' } }])
    },
  )

  test('forwarded names count for nothing', async () => {
    const headers = {
      'x-forwarded-host': 'b.test',
      forwarded: 'host=b.test',
      'x-forwarded-proto': 'http',
    }
    const { ask } = createDesk({ baseUrl })
    const reply = await ask(visit('https://app.test/login', { headers }))
    expect(locationOf(reply).searchParams.get('redirect_uri')).toBe('https://app.test/callback')
    expect((await ask(visit('https://evil.test/login', { headers })))?.status).toBe(400)
  })

  test('a door may refuse, because it need not know its host', async () => {
    const open = (): Promise<never> => Promise.reject(refuse('malformed_credential'))
    const door: Door = { path: '/door', endsSessions: true, open: () => open }
    const sessions = storedSessions(memorySessions(), { secrets })
    const { ask } = createDesk({ baseUrl, sessions, doors: [door] })
    const reply = await ask(asked('https://evil.test/door'))
    expect(reply?.status).toBe(400)
    expect(reply?.body).toContain('<a href="/">')
  })
})

describe('a door', () => {
  const door: Door = {
    path: '/door',
    endsSessions: true,
    open:
      ({ endSessions, current, forget }) =>
      async (request) => {
        await endSessions({ issuer: 'https://id.test', sub: 'user-1' })
        const found = await current(request)
        return { status: 200, headers: forget(request), body: found?.id ?? 'nobody' }
      },
  }

  test('has an address of its own, and ends sessions', async () => {
    const sessions = storedSessions(memorySessions(), { secrets })
    const { ask, events } = createDesk({
      baseUrl: 'https://app.test/shop',
      sessions,
      doors: [door],
    })
    const reply = await ask(asked('/shop/door', { method: 'POST' }))
    expect([reply?.status, reply?.body]).toEqual([200, 'nobody'])
    expect(events).toEqual([{ type: 'ended-elsewhere', subject: 'user-1', sid: undefined }])
    expect((await ask(asked('/shop/door', { method: 'PUT' })))?.status).toBe(405)
  })

  test('tells observers no raw words of strangers', async () => {
    const sid = `\u001b[2J\n${'x'.repeat(500)}`
    const open: Door['open'] =
      ({ endSessions }) =>
      async () => {
        await endSessions({ issuer: 'https://id.test', sub: 'a\r\nb', sid })
        return { status: 200, headers: [] }
      }
    const sessions = storedSessions(memorySessions(), { secrets })
    const { ask, events } = createDesk({ sessions, doors: [{ ...door, open }] })
    await ask(asked('/door'))
    const told = `?[2J?${'x'.repeat(75)}`
    expect(events).toEqual([{ type: 'ended-elsewhere', subject: 'a??b', sid: told }])
  })

  test('that ends sessions needs to reach them', () => {
    expect(() => createDesk({ doors: [door] })).toThrow(
      'cannot end sessions that only browsers hold',
    )
    expect(() => createDesk({ doors: [door], revocations: memoryRevocations() })).not.toThrow()
  })

  test('cannot be where something else is', () => {
    const sessions = storedSessions(memorySessions(), { secrets })
    const doors = [{ ...door, path: '/login' }]
    expect(() => createDesk({ sessions, doors })).toThrow('must not share a path')
  })
})
