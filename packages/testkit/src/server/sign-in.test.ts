import { decodeJwt } from 'jose'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createBrowser, type Browser, type Page } from '../browser.ts'
import { createAuthorizationServer } from './create.ts'

const server = await createAuthorizationServer({ algorithms: [] })
const callback = 'http://127.0.0.1:9/callback'

beforeEach(() => server.signIn.as('alice'))
afterAll(() => server.close())

const authorize = (parameters: Record<string, string>): string => {
  const all = { client_id: 'web', redirect_uri: callback, response_type: 'code', ...parameters }
  return `${server.issuer}/authorize?${new URLSearchParams(all)}`
}
const query = ({ url }: Page): Record<string, string> =>
  Object.fromEntries(new URL(url).searchParams)

async function signIn(parameters: Record<string, string>, browser: Browser) {
  const { code = '' } = query(await browser.open(authorize(parameters), { until: callback }))
  return server.requestToken({ grant_type: 'authorization_code', code, redirect_uri: callback })
}

test('refused, the browser comes back with access_denied', async () => {
  server.signIn.refuse()
  const page = await createBrowser().open(authorize({ scope: 'openid', state: 's' }), {
    until: callback,
  })
  expect(query(page)).toMatchObject({ error: 'access_denied', state: 's', iss: server.issuer })
})

describe('the login page', () => {
  const wrong = { user: 'bob', password: 'no', answer: 'sign-in' }

  test('lets in who knows the password, and only who knows it', async () => {
    server.signIn.byPage()
    const browser = createBrowser()
    const page = await browser.open(authorize({ scope: 'openid', login_hint: '"><b>' }), {
      until: callback,
    })
    expect(page.html).toContain('<label for="password">')
    expect(page.html).toContain('value="&#34;&#62;&#60;b&#62;"')
    const again = await browser.submit(page, wrong, { until: callback })
    expect(again).toMatchObject({ status: 403, html: expect.stringContaining('role="alert"') })
    const arrived = await browser.submit(
      again,
      { ...wrong, password: 'password' },
      { until: callback },
    )
    expect(query(arrived)).toHaveProperty('code')
    const silent = await browser.open(authorize({ scope: 'openid', prompt: 'none' }), {
      until: callback,
    })
    expect(query(silent)).toHaveProperty('code')
  })

  test('cancels, and shows an error where no login is going on', async () => {
    server.signIn.byPage()
    const browser = createBrowser()
    const page = await browser.open(authorize({ scope: 'openid' }), { until: callback })
    const back = await browser.submit(page, { answer: 'cancel' }, { until: callback })
    expect(query(back)['error']).toBe('access_denied')
    expect((await browser.open(`${server.issuer}/interaction/unknown`)).status).toBe(400)
  })

  test('loads nothing from elsewhere', async () => {
    server.signIn.byPage()
    const { html } = await createBrowser().open(authorize({ scope: 'openid' }), { until: callback })
    expect(html).not.toMatch(/https?:|src=|@import/)
  })
})

test('another user takes over a session that somebody else began', async () => {
  const browser = createBrowser()
  expect(decodeJwt(String((await signIn({ scope: 'openid' }, browser)).body['id_token'])).sub).toBe(
    'alice',
  )
  server.signIn.as('bob')
  const { body } = await signIn({ scope: 'openid', prompt: 'login' }, browser)
  expect(decodeJwt(String(body['id_token'])).sub).toBe('bob')
  expect(() => server.signIn.as('mallory')).toThrow(/only alice, bob/)
})

test('claims of a user that no scope is named after come with every login', async () => {
  const users = { carol: { claims: { name: 'Carol', roles: ['admin'], tenant: 'acme' } } }
  const other = await createAuthorizationServer({ algorithms: [], users, signInAs: 'carol' })
  const resource = 'https://api.test'
  const parameters = { client_id: 'web', redirect_uri: callback, response_type: 'code' }
  const wish = { ...parameters, scope: 'openid profile orders:read', resource }
  const page = await createBrowser().open(
    `${other.issuer}/authorize?${new URLSearchParams(wish)}`,
    { until: callback },
  )
  const { code = '' } = query(page)
  const grant = { grant_type: 'authorization_code', code, redirect_uri: callback, resource }
  const { body } = await other.requestToken(grant)
  await other.close()
  expect(decodeJwt(String(body['id_token']))).toMatchObject(users.carol.claims)
})

test('logout ends the session, and comes back', async () => {
  const browser = createBrowser()
  const { body } = await signIn({ scope: 'openid' }, browser)
  const bye = {
    id_token_hint: String(body['id_token']),
    post_logout_redirect_uri: callback,
    state: 'x',
  }
  const until = callback
  const left = await browser.open(`${server.issuer}/logout?${new URLSearchParams(bye)}`, { until })
  expect(query(left)).toEqual({ state: 'x' })
  const silent = await browser.open(authorize({ scope: 'openid', prompt: 'none' }), { until })
  expect(query(silent)['error']).toBe('login_required')
})

test('nothing failed inside', () => {
  expect(server.errors).toEqual([])
})
