import { describe, expect, test } from 'vitest'
import {
  createDesk,
  fieldOf,
  locationOf,
  person,
  visit,
} from '../../../../test/support/login-unit.ts'
import type { EntranceOptions } from './entrance.ts'

const script = { ...person, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

describe('a login with another entrance', () => {
  test.each<[EntranceOptions['unauthenticated'], number, number]>([
    ['auto', 302, 401],
    ['redirect', 302, 302],
    ['401', 401, 401],
  ])('%s: a person gets %d, a script %d', async (unauthenticated, toPerson, toScript) => {
    const { login, enter } = createDesk()
    const other = login.with({ unauthenticated: unauthenticated ?? 'auto' })
    expect((await enter(visit('/a'), other))?.status).toBe(toPerson)
    expect((await enter(visit('/a', { headers: script }), other))?.status).toBe(toScript)
    expect((await enter(visit('/a')))?.status).toBe(302)
  })

  test('keeps what is not replaced', async () => {
    const { login, enter, ask } = createDesk({ parameters: { scope: 'a', extra: { x: '1' } } })
    const other = login
      .with({ unauthenticated: 'redirect', parameters: { prompt: 'login', extra: { y: '2' } } })
      .with({ parameters: { loginHint: 'me', extra: { z: '3' } } })
    const away = locationOf(await enter(visit('/a', { headers: script }), other))
    const { searchParams } = locationOf(await ask(visit(away.href)))
    expect(Object.fromEntries(searchParams)).toMatchObject({
      scope: 'openid a',
      prompt: 'login',
      login_hint: 'me',
      x: '1',
      y: '2',
      z: '3',
    })
  })

  test('begins its own logins with its parameters', async () => {
    const { login } = createDesk()
    const other = login.with({ parameters: { acrValues: 'strong', prompt: 'login' } })
    const reply = await other.begin({ parameters: { prompt: 'consent' } })(visit('/step-up'))
    const { searchParams } = locationOf(reply)
    expect([searchParams.get('acr_values'), searchParams.get('prompt')]).toEqual([
      'strong',
      'consent',
    ])
  })

  test('shares cookies and addresses with the one it was made of', async () => {
    const { login } = createDesk()
    expect(login.with({}).handler).toBe(login.handler)
    expect(login.with({}).issuer).toBe(login.issuer)
  })

  test.each<[object, string]>([
    [{ unauthenticated: '302' }, 'login.with.unauthenticated must be'],
    [{ unauthentificated: '401' }, 'did you mean unauthenticated?'],
    [{ attemptSilentLogin: 1 }, 'login.with.attemptSilentLogin must be'],
    [{ parameters: { maxAge: -1 } }, 'login.with.parameters.maxAge'],
  ])('says what is wrong with %j', (given, why) => {
    expect(() => createDesk().login.with(given as EntranceOptions)).toThrow(why)
  })

  test.each<[object, string]>([
    [{ returnto: '/' }, 'did you mean returnTo?'],
    [{ parameters: { scopes: 'a' } }, 'login.begin.parameters.scopes'],
  ])('and with a beginning %j', (given, why) => {
    expect(() => createDesk().login.begin(given)).toThrow(why)
  })
})

test('a script is told where to sign in, and the answer is kept nowhere', async () => {
  const { enter } = createDesk({ baseUrl: 'https://app.test/shop' })
  const reply = await enter(visit('https://app.test/shop/a?b=1', { headers: script }))
  expect(fieldOf(reply, 'cache-control')).toEqual(['no-store'])
  expect(fieldOf(reply, 'content-type')).toEqual(['application/json'])
  expect(fieldOf(reply, 'www-authenticate')).toEqual(['Cookie form-action="/shop/login"'])
  expect(JSON.parse(reply?.body ?? '')).toEqual({
    error: 'login_required',
    login_url: 'https://app.test/shop/login?return_to=%2Fshop%2Fa%3Fb%3D1',
  })
})
