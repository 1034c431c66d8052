import { describe, expect, test } from 'vitest'
import {
  asked,
  cookiesOf,
  createDesk,
  fieldOf,
  locationOf,
  visit,
} from '../../../../test/support/login-unit.ts'

describe('somebody who is not signed in goes to the login,', () => {
  test.each([
    ['https://app.test', '/account?tab=1', 'https://app.test/login?return_to=%2Faccount%3Ftab%3D1'],
    ['https://app.test', 'http://evil.test/account', 'https://app.test/login?return_to=%2Faccount'],
    ['https://app.test', '/', 'https://app.test/login?return_to=%2F'],
    ['https://app.test/shop', '/shop/cart', 'https://app.test/shop/login?return_to=%2Fshop%2Fcart'],
    ['https://app.test', '/login?x=1', 'https://app.test/login?return_to=%2F'],
    ['https://app.test/shop', '/shop/callback', 'https://app.test/shop/login?return_to=%2Fshop%2F'],
    ['https://app.test', '//evil.test/x', 'https://app.test/login?return_to=%2F'],
  ])('at %s, from %s', async (baseUrl, url, location) => {
    const reply = await createDesk({ baseUrl }).enter({ ...visit('/'), url: absolute(url) })
    expect([reply?.status, locationOf(reply).href]).toEqual([302, location])
    expect(fieldOf(reply, 'cache-control')).toEqual(['no-store'])
    expect(fieldOf(reply, 'set-cookie')).toEqual([])
  })

  test('with the path that a proxy has taken away', async () => {
    const { enter } = createDesk({ baseUrl: 'https://app.test/shop', strippedPath: true })
    const places = ['/cart', '/shop/cart'].map(async (url) =>
      locationOf(await enter(visit(url))).searchParams.get('return_to'),
    )
    expect(await Promise.all(places)).toEqual(['/shop/cart', '/shop/shop/cart'])
  })

  test.each(['POST', 'PUT', 'DELETE'])(
    'without a way back to what was sent by %s',
    async (method) => {
      const reply = await createDesk().enter(visit('/order', { method }))
      expect(locationOf(reply).href).toBe('https://app.test/login')
    },
  )

  test('but a script that changes something is told no place to return to', async () => {
    const reply = await createDesk().enter(asked('/order', { method: 'POST' }))
    expect(JSON.parse(reply?.body ?? '')).toEqual({
      error: 'login_required',
      login_url: 'https://app.test/login',
    })
  })
})

const absolute = (url: string): string => (url.startsWith('http') ? url : `https://app.test${url}`)

describe('an optional page', () => {
  const silent = { attemptSilentLogin: true }

  test('lets everybody in where nothing else is wanted', async () => {
    expect(await createDesk().enterOptional(visit('/'))).toBeUndefined()
  })

  test('tries once to sign in without showing a page', async () => {
    const { ask, enterOptional } = createDesk(silent)
    const first = await enterOptional(visit('/maybe?a=1'))
    expect(first?.status).toBe(302)
    const cookie = cookiesOf(...(first?.headers ?? []))
    expect(fieldOf(first, 'set-cookie')).toEqual([
      expect.stringMatching(
        /^__Secure-[\w-]+-tried=1; Path=\/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ])
    const away = await ask(visit(locationOf(first).href, { headers: { cookie } }))
    expect(locationOf(away).searchParams.get('prompt')).toBe('none')
    expect(await enterOptional(visit('/maybe', { headers: { cookie } }))).toBeUndefined()
  })

  test('does not go round in circles where the browser keeps no cookies', async () => {
    const { ask, enterOptional } = createDesk(silent)
    const back = locationOf(
      await ask(visit(locationOf(await enterOptional(visit('/maybe?a=1'))).href)),
    )
    expect(back.href).toBe('https://app.test/maybe?a=1&silent_login=0')
    expect(await enterOptional(visit(back.href))).toBeUndefined()
  })

  test.each([
    ['a script', visit('/maybe', { headers: { 'sec-fetch-mode': 'cors' } })],
    ['a form', visit('/maybe', { method: 'POST' })],
    ['who checks links', visit('/maybe', { method: 'HEAD' })],
    ['a program', asked('/maybe')],
  ])('does not try for %s', async (_who, request) => {
    expect(await createDesk(silent).enterOptional(request)).toBeUndefined()
  })

  test('is there though the issuer is not', async () => {
    const { ask, events, enterOptional } = createDesk({
      ...silent,
      fetch: () => Promise.reject(new Error('no route')),
    })
    const first = await enterOptional(visit('/maybe'))
    const cookie = cookiesOf(...(first?.headers ?? []))
    const back = await ask(visit(locationOf(first).href, { headers: { cookie } }))
    expect([back?.status, locationOf(back).href]).toEqual([302, 'https://app.test/maybe'])
    expect(events.map(({ type }) => type)).toEqual(['outage'])
  })

  test('can be tried for one guard alone', async () => {
    const { login, enterOptional } = createDesk()
    expect((await enterOptional(visit('/'), login.with(silent)))?.status).toBe(302)
    expect(await enterOptional(visit('/'))).toBeUndefined()
  })
})
