import { describe, expect, test } from 'vitest'
import {
  asked,
  createDesk,
  fieldOf,
  issuer,
  locationOf,
  person,
  visit,
} from '../../../../test/support/login-unit.ts'
import type { LoginOptions } from './options.ts'
import { formPost } from './response-mode.ts'

const begun = async (url: string, options: Partial<LoginOptions> = {}): Promise<URLSearchParams> =>
  locationOf(await createDesk(options).ask(visit(url))).searchParams

describe('the authorization request', () => {
  test('is a code with PKCE, state and nonce', async () => {
    const reply = await createDesk().ask(visit('/login'))
    const { origin, pathname, searchParams } = locationOf(reply)
    expect([reply?.status, origin + pathname]).toEqual([302, `${issuer}/authorize`])
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: 'client-1',
      response_type: 'code',
      redirect_uri: 'https://app.test/callback',
      scope: 'openid profile email',
      state: expect.stringMatching(/^0[\da-z]+\.[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    expect(fieldOf(reply, 'cache-control')).toEqual(['no-store'])
  })

  test('is another one every time', async () => {
    const { ask } = createDesk()
    const [one, two] = await Promise.all([ask(visit('/login')), ask(visit('/login'))])
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(locationOf(one).searchParams.get(name)).not.toBe(
        locationOf(two).searchParams.get(name),
      )
    }
  })

  test('shows neither verifier nor where to return to', async () => {
    const { ask } = createDesk()
    const reply = await ask(visit('/login?return_to=/secret-place'))
    expect(locationOf(reply).href).not.toContain('secret-place')
  })

  test('asks for a posted answer where one is wanted', async () => {
    expect((await begun('/login', { responseMode: formPost })).get('response_mode')).toBe(
      'form_post',
    )
    expect((await begun('/login')).has('response_mode')).toBe(false)
  })

  test('without a code there is nothing to prove possession of', async () => {
    const parameters = await begun('/login', { responseType: 'id_token' })
    expect(parameters.get('response_type')).toBe('id_token')
    expect(parameters.get('response_mode')).toBe('form_post')
    expect(parameters.has('code_challenge')).toBe(false)
  })

  test('keeps what the endpoint has in its query', async () => {
    const { ask } = createDesk({}, { authorization_endpoint: `${issuer}/authorize?tenant=1` })
    expect(locationOf(await ask(visit('/login'))).searchParams.get('tenant')).toBe('1')
  })
})

describe('a login begins', () => {
  test.each(['GET', 'POST'])('by %s of a person', async (method) => {
    const reply = await createDesk().ask(visit('/login', { method }))
    expect(reply?.status).toBe(302)
  })

  test('at the path of the base URL', async () => {
    const { ask } = createDesk({ baseUrl: 'https://app.test/shop' })
    const reply = await ask(visit('/shop/login'))
    expect(locationOf(reply).searchParams.get('redirect_uri')).toBe(
      'https://app.test/shop/callback',
    )
    expect(await ask(visit('/login'))).toBeUndefined()
  })

  test('wherever the proxy sends it to', async () => {
    const { ask } = createDesk({ baseUrl: 'https://app.test/shop', strippedPath: true })
    const replies = await Promise.all([ask(visit('/login')), ask(visit('/shop/login'))])
    for (const reply of replies) {
      expect(locationOf(reply).searchParams.get('redirect_uri')).toBe(
        'https://app.test/shop/callback',
      )
    }
  })
})

describe('no login begins', () => {
  test.each([
    ['by HEAD', visit('/login', { method: 'HEAD' })],
    ['by a script', visit('/login', { headers: { 'sec-fetch-mode': 'cors' } })],
    ['by an image', visit('/login', { headers: { 'sec-fetch-dest': 'image' } })],
    ['in a frame', visit('/login', { headers: { 'sec-fetch-dest': 'iframe' } })],
    ['ahead of time', visit('/login', { headers: { 'sec-purpose': 'prefetch' } })],
    ['by a program', asked('/login')],
  ])('%s', async (_how, request) => {
    const reply = await createDesk().ask(request)
    expect([reply?.status, fieldOf(reply, 'set-cookie')]).toEqual([401, []])
  })
})

describe('where a login is to lead', () => {
  const placeAfter = async (request: Parameters<ReturnType<typeof createDesk>['ask']>[0]) => {
    // What the browser is sent back to where nothing comes of a silent attempt shows it.
    const reply = await createDesk().ask(request)
    return locationOf(reply).pathname
  }
  test.each([
    ['/login?silent=1&return_to=/a', '/a'],
    ['/login?silent=1&return_to=/a&return_to=//evil.test', '/a'],
    ['/login?silent=1&return_to=https://evil.test/', '/'],
    ['/login?silent=1&return_to=//evil.test/', '/'],
    ['/login?silent=1&return_to=%2F%5Cevil.test', '/'],
    ['/login?silent=1', '/'],
  ])('%s', async (url, place) => {
    expect(await placeAfter(visit(url))).toBe(place)
  })

  test('can be said in a form too', async () => {
    const form = { return_to: '/a' }
    expect(await placeAfter(visit('/login?silent=1', { form }))).toBe('/a')
  })
})

describe('a handler of its own', () => {
  test('begins a login wherever it stands, as it is told to', async () => {
    const begin = createDesk().login.begin({
      parameters: { prompt: 'create' },
      returnTo: '/welcome',
    })
    const { searchParams } = locationOf(await begin(visit('/sign-up')))
    expect(searchParams.get('prompt')).toBe('create')
    expect(searchParams.get('redirect_uri')).toBe('https://app.test/callback')
  })

  test('knows the attempts that began elsewhere', async () => {
    const { ask, login } = createDesk()
    const first = await ask(visit('/login'))
    const own = fieldOf(first, 'set-cookie').find((field) => field.includes('-attempt-')) ?? ''
    expect(own).toContain('Path=/;')
    const mark = own.split(';', 1)[0] ?? ''
    const marks = ['1', '2', '3', '4'].map((key) =>
      mark.replace(/[\w-]{16}=/, `${key.repeat(16)}=`),
    )
    const headers = { ...person, cookie: [mark, ...marks].join('; ') }
    const second = await login.begin()(visit('/sign-up', { headers }))
    const gone = fieldOf(second, 'set-cookie').filter((field) => field.includes('Max-Age=0'))
    expect(gone).toEqual([
      expect.stringContaining('-login-'),
      expect.stringContaining(mark.replace(/=\d+$/, '=;')),
    ])
  })
})

describe('an issuer that cannot be used', () => {
  test.each<[string, Record<string, unknown>]>([
    ['no place to sign in', { authorization_endpoint: undefined }],
    ['a script', { authorization_endpoint: 'javascript:alert(1)' }],
    ['a number', { authorization_endpoint: 7 }],
    ['plain http', { authorization_endpoint: 'http://id.test/authorize' }],
    ['a name and a password', { authorization_endpoint: 'https://a:b@id.test/authorize' }],
  ])('by %s is an outage', async (_what, metadata) => {
    const { ask, events } = createDesk({}, metadata)
    const reply = await ask(visit('/login'))
    expect([reply?.status, fieldOf(reply, 'set-cookie')]).toEqual([503, []])
    expect(fieldOf(reply, 'retry-after')).toEqual([expect.stringMatching(/^\d+$/)])
    expect(events.map(({ type }) => type)).toEqual(['outage'])
  })
})
