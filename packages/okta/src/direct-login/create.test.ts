import { ConfigurationError, Outage, type HttpRequest, type Login } from '@portcullis/core'
import { describe, expect, test } from 'vitest'
import { createDirectAuthentication, type DirectAuthentication } from '../direct/create.ts'
import type { DirectAnswer } from '../direct/answer.ts'
import { failed } from '../direct/failure.ts'
import type { OobState } from '../direct/state.ts'
import { okta } from '../servers.ts'
import { createDirectLogin } from './create.ts'
import type { DirectLoginOptions } from './options.ts'

const real = createDirectAuthentication({
  server: okta({ domain: 'acme.okta.com' }),
  client: { id: 'client-1' },
  secrets: ['a secret of the tests, long enough to seal'],
})

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
}

const nobody: DirectLoginOptions['login'] = {
  signIn: () => Promise.reject(new Error('nobody is to be signed in')),
}

function createScene(answer: DirectAnswer, options: Partial<DirectLoginOptions> = {}) {
  const calls: unknown[][] = []
  const direct: DirectAuthentication = {
    ...real,
    password: (...given) => {
      calls.push(given)
      return Promise.resolve(answer)
    },
  }
  const handler = createDirectLogin({
    login: nobody,
    direct,
    baseUrl: 'https://app.test/shop',
    ...options,
  })
  const ask = (path: string, { method = 'GET', headers = {}, form = {} }: Sent = {}) => {
    const request: HttpRequest = {
      method,
      url: `https://app.test${path}`,
      header: (name) => headers[name],
      form: () => Promise.resolve(new URLSearchParams(form)),
    }
    return handler(request)
  }
  return { ask, calls }
}

const post = (form: Readonly<Record<string, string>>, headers = {}): Sent => ({
  method: 'POST',
  form,
  headers,
})
const ada = { username: 'ada', password: 'pw' }

describe('the page of a direct login', () => {
  test('has labelled fields, no script, and may be neither framed nor kept', async () => {
    const { ask } = createScene(failed('expired'))
    const reply = await ask('/shop/direct?return_to=/shop/%22%3E%3Cb%3E')
    expect(reply?.body).toContain('<label>Password <input name="password" type="password"')
    expect(reply?.body).toContain('name="return_to" value="/shop/&quot;&gt;&lt;b&gt;"')
    expect(reply?.body).not.toContain('<script')
    const fields = new Map(reply?.headers)
    expect(fields.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
    expect(fields.get('Cache-Control')).toBe('no-store')
  })

  test('can be one of the application’s own', async () => {
    const page: DirectLoginOptions['page'] = (view, { verify }) => `${view.status} ${verify}`
    const { ask } = createScene(failed('expired'), { page, path: '/sign-in' })
    expect((await ask('/shop/sign-in'))?.body).toBe('start /shop/sign-in/verify')
  })

  test.each([
    '/shop/direct/elsewhere',
    '/direct',
    '/shop/directly',
    '/shop',
    '/shop/direct/toString',
  ])('is not at %s', async (path) => {
    expect(await createScene(failed('expired')).ask(path)).toBeUndefined()
  })
})

describe('a failed step of a direct login', () => {
  test('is an alert above the form, and says nothing that was typed', async () => {
    const { ask } = createScene(failed('credentials_wrong'))
    const reply = await ask('/shop/direct/start', post({ ...ada, return_to: '/shop/orders' }))
    expect(reply?.status).toBe(400)
    expect(reply?.body).toContain('role="alert" data-code="credentials_wrong"')
    expect(reply?.body).toContain('value="/shop/orders"')
    expect(JSON.stringify(reply)).not.toMatch(/ada|pw"/)
  })

  test('that is to be tried later is a 429 that says when', async () => {
    const { ask } = createScene(failed('attempts_exhausted', { retryAfter: 12.3 }))
    const reply = await ask('/shop/direct/start', post(ada, { accept: 'application/json' }))
    expect(reply?.status).toBe(429)
    expect(reply?.headers).toContainEqual(['Retry-After', '13'])
    expect(JSON.parse(reply?.body ?? '')).toMatchObject({ code: 'attempts_exhausted' })
  })
})

describe('a push that is waited for, while Okta does not answer', () => {
  const state: OobState = {
    kind: 'oob',
    username: 'ada',
    isSecond: false,
    expiresAt: Date.now() + 300_000,
    channel: 'push',
    binding: 'transfer',
    number: '73',
    interval: 5,
    nextPollAt: undefined,
  }
  const outage = new Outage('endpoint_failed', 'connect ECONNREFUSED')
  const poll = (accept: string, check: DirectAuthentication['check']) => {
    const direct = { ...real, openState: () => state, sealState: () => 'sealed', check }
    const handler = createDirectLogin({ login: nobody, direct, baseUrl: 'https://app.test' })
    const headers: Record<string, string> = { accept, cookie: '__Host-portcullis-direct=x' }
    return handler({
      method: 'GET',
      url: 'https://app.test/direct/poll',
      header: (name) => headers[name],
      form: () => Promise.resolve(new URLSearchParams()),
    })
  }

  test('stays on the page, which asks again by itself', async () => {
    const reply = await poll('text/html', () => Promise.reject(outage))
    expect(reply?.status).toBe(503)
    expect(reply?.body).toContain('<strong>73</strong>')
    expect(reply?.body).toContain('http-equiv="refresh" content="5;url=/direct/poll"')
    expect(reply?.headers).toContainEqual(['Retry-After', '1'])
    expect(JSON.stringify(reply?.headers)).not.toContain('Set-Cookie')
  })

  test('is a 503 for a script', async () => {
    const reply = await poll('application/json', () => Promise.reject(outage))
    expect([reply?.status, reply?.body]).toEqual([503, 'Service Unavailable'])
  })

  test('is over where the mistake is our own', async () => {
    const mistake = new TypeError('a bug')
    await expect(poll('text/html', () => Promise.reject(mistake))).rejects.toThrow(mistake)
  })
})

test('the address of the browser goes along, where the application knows it', async () => {
  const { ask, calls } = createScene(failed('credentials_wrong'), { addressOf: () => '192.0.2.1' })
  await ask('/shop/direct/start', post(ada))
  expect(calls).toEqual([[ada, { address: '192.0.2.1' }]])
})

test.each([
  [{ origin: 'https://evil.test' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ origin: 'https://app.test' }, 400],
])('a post with %j is answered by %i', async (headers, status) => {
  const { ask, calls } = createScene(failed('credentials_wrong'))
  expect((await ask('/shop/direct/start', post(ada, headers)))?.status).toBe(status)
  expect(calls).toHaveLength(status === 403 ? 0 : 1)
})

test('tokens without an ID token sign nobody in', async () => {
  const tokens = {
    accessToken: 'a',
    tokenType: 'bearer',
    raw: {},
    expiresIn: undefined,
    scope: undefined,
    refreshToken: undefined,
    idToken: undefined,
  }
  const { ask } = createScene({ status: 'tokens', tokens, claims: undefined })
  await expect(ask('/shop/direct/start', post(ada))).rejects.toThrow('openid')
})

test.each<[Readonly<Record<string, unknown>>, string]>([
  [{ login: {} }, 'createDirectLogin.login'],
  [{ direct: {} }, 'createDirectLogin.direct'],
  [{ baseUrl: '/shop' }, 'createDirectLogin.baseUrl'],
  [{ path: 'direct' }, 'createDirectLogin.path'],
  [{ pages: 1 }, 'createDirectLogin.pages'],
])('the wrong options %j are named', (wrong, named) => {
  const login: Pick<Login, 'signIn'> = nobody
  const options = { login, direct: real, baseUrl: 'https://app.test', ...wrong }
  const make = () => createDirectLogin(options)
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(named)
})
