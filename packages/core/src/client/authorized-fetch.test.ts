import { describe, expect, test } from 'vitest'
import { bearer, createGrantScene } from '../../../../test/support/grant-scene.ts'
import { rejection } from '../../../../test/e2e/support/endpoints.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { authorizedFetch, type AuthorizedFetchOptions } from './authorized-fetch.ts'

const api = 'https://api.test'

interface Sent {
  readonly url: string
  readonly method: string
  readonly token: string | null
  readonly body: string
}

/** APIs that answer one thing after the other, the last one for ever. */
const createApi = (...answers: readonly (() => Response)[]) => {
  const sent: Sent[] = []
  const left = [...answers]
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const { url, method } = request
    sent.push({
      url,
      method,
      token: request.headers.get('authorization'),
      body: await request.text(),
    })
    expect(init?.redirect).toBe('manual')
    const answer = left.length > 1 ? left.shift() : left[0]
    return (answer ?? (() => new Response('fine')))()
  }
  return { sent, fetch }
}

const unauthorized = (challenge: string) => () =>
  new Response('no', { status: 401, headers: { 'WWW-Authenticate': challenge } })
const invalid = unauthorized('Bearer realm="api", error="invalid_token"')
const redirect =
  (location: string, status = 302) =>
  () =>
    new Response(null, { status, headers: { Location: location } })
const fine = () => new Response('fine')

const scene = (
  answers: readonly (() => Response)[],
  more: Partial<AuthorizedFetchOptions> = {},
) => {
  const { sent, fetch } = createApi(...answers)
  const refused: (string | undefined)[] = []
  const call = authorizedFetch({
    token: (old) => {
      refused.push(old)
      return Promise.resolve(old === undefined ? 't-1' : 't-2')
    },
    origins: [api],
    fetch,
    ...more,
  })
  return { sent, call, refused }
}

test('presents the token, beside what the caller sends', async () => {
  const { call, sent } = scene([fine])
  const body = 'one more'
  await call(`${api}/orders`, { method: 'POST', body, headers: { Authorization: 'Basic other' } })
  expect(sent).toEqual([{ url: `${api}/orders`, method: 'POST', token: 'Bearer t-1', body }])
})

test('takes a Request, stream and all', async () => {
  const { call, sent } = scene([fine])
  await call(new Request(`${api}/orders`, { method: 'PUT', body: 'streamed' }))
  await call(new URL(`${api}/plain`))
  expect(sent).toMatchObject([
    { method: 'PUT', token: 'Bearer t-1', body: 'streamed' },
    { method: 'GET', token: 'Bearer t-1', url: `${api}/plain` },
  ])
})

describe('a refused token', () => {
  test.each<[string, string | URLSearchParams | Uint8Array<ArrayBuffer> | Blob | undefined]>([
    ['no body', undefined],
    ['a text', 'x=1'],
    ['a form', new URLSearchParams({ x: '1' })],
    ['bytes', new TextEncoder().encode('x=1')],
    ['a blob', new Blob(['x=1'])],
  ])('is replaced once: %s', async (_name, body) => {
    const { call, sent, refused } = scene([invalid, fine])
    const init = body === undefined ? {} : { method: 'POST', body }
    expect((await call(api, init)).status).toBe(200)
    expect(sent.map(({ token }) => token)).toEqual(['Bearer t-1', 'Bearer t-2'])
    expect(new Set(sent.map((one) => one.body)).size).toBe(1)
    expect(refused).toEqual([undefined, 't-1'])
  })

  test('is replaced once only', async () => {
    const { call, sent } = scene([invalid])
    expect((await call(api)).status).toBe(401)
    expect(sent).toHaveLength(2)
  })

  test('is not replaced where the body cannot be sent again', async () => {
    const { call, sent } = scene([invalid])
    const stream = new Request(api, { method: 'POST', body: 'streamed' })
    expect((await call(stream)).status).toBe(401)
    expect(sent).toHaveLength(1)
  })

  test.each([
    ['insufficient_scope', unauthorized('Bearer error="insufficient_scope"')],
    ['no error', unauthorized('Bearer')],
    [
      '403',
      () =>
        new Response(null, {
          status: 403,
          headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
        }),
    ],
  ])('%s is another matter', async (_name, answer) => {
    const { call, sent } = scene([answer])
    await call(api)
    expect(sent).toHaveLength(1)
  })

  test.each([['t-1'], [undefined]])('stays where there is no other: %s', async (other) => {
    const token = (old?: string) => Promise.resolve(old === undefined ? 't-1' : other)
    const { call, sent } = scene([invalid], { token })
    const response = await call(api)
    expect([response.status, await response.text()]).toEqual([401, 'no'])
    expect(sent).toHaveLength(1)
  })
})

describe('the token goes nowhere else', () => {
  test.each([
    'https://evil.test/',
    'http://api.test/',
    'https://api.test:8443/',
    'https://api.test.evil.test/',
    'https://api.test@evil.test/',
    '/relative',
  ])('%s', async (url) => {
    const { call, sent, refused } = scene([fine])
    expect(await rejection(call(url))).toBeInstanceOf(ConfigurationError)
    expect([...sent, ...refused]).toEqual([])
  })

  test.each(['https://evil.test/take', '//evil.test/take', 'http://api.test/', 'http://[bad'])(
    'not by a redirect to %s, which is given back',
    async (location) => {
      const { call, sent } = scene([redirect(location)])
      const response = await call(api)
      expect([response.status, response.headers.get('location')]).toEqual([302, location])
      expect(sent).toHaveLength(1)
    },
  )

  test.each(['ftp://api.test', 'http://api.test', 'https://api.test/path', 'api.test', ''])(
    'and an origin is an origin: %j',
    (origin) => {
      expect(() => authorizedFetch({ token: async () => 't', origins: [origin] })).toThrow(
        ConfigurationError,
      )
    },
  )

  test('plain http: only where that was asked for, or on loopback', async () => {
    const origins = ['http://orders.internal']
    const { call, sent } = scene([fine], { origins, allowInsecure: true })
    await call('http://orders.internal/')
    expect(sent).toHaveLength(1)
    expect(() => scene([fine], { origins: ['http://127.0.0.1:80'] })).not.toThrow()
  })
})

describe('a redirect within the allowed origins', () => {
  test('is followed, token and all', async () => {
    const hops = [redirect('/v2/orders', 308), redirect('https://eu.api.test/orders'), fine]
    const { call, sent } = scene(hops, { origins: [api, 'https://eu.api.test'] })
    expect(await (await call(`${api}/orders`)).text()).toBe('fine')
    expect(sent.map(({ url, token }) => [url, token])).toEqual([
      [`${api}/orders`, 'Bearer t-1'],
      [`${api}/v2/orders`, 'Bearer t-1'],
      ['https://eu.api.test/orders', 'Bearer t-1'],
    ])
  })

  test('is given back where something would be changed by it, or the caller wants to see it', async () => {
    const { call, sent } = scene([redirect('/elsewhere', 307)])
    expect((await call(api, { method: 'POST', body: 'x' })).status).toBe(307)
    expect((await call(api, { redirect: 'manual' })).status).toBe(307)
    expect(sent).toHaveLength(2)
  })

  test('is followed five times', async () => {
    const { call, sent } = scene([redirect('/again')])
    expect((await call(api)).status).toBe(302)
    expect(sent).toHaveLength(6)
  })
})

test('wrong options are mistakes', async () => {
  const { call } = scene([fine], { token: () => Promise.resolve(undefined) })
  expect(await rejection(call(api))).toBeInstanceOf(ConfigurationError)
  // From JavaScript anything may come.
  const make = (options: object) => () => authorizedFetch(options as AuthorizedFetchOptions)
  expect(make({ token: async () => 't', origins: [] })).toThrow(/must not be empty/)
  expect(make({ token: async () => 't' })).toThrow(/missing/)
  expect(make({ origins: [api] })).toThrow(/missing/)
})

describe('client.fetch', () => {
  const machine = () => {
    const at = createGrantScene()
    at.say(
      '/token',
      ...['a-1', 'a-2', 'a-3'].map((access_token) => [200, { ...bearer, access_token }] as const),
    )
    return at
  }

  test('fetches a token for its wish, and another one when that is refused', async () => {
    const at = machine()
    const { sent, fetch } = createApi(invalid, fine)
    const orders = at.client.fetch({ resource: `${api}/v1`, scope: 'orders:read', fetch })
    await orders(`${api}/v1/orders`)
    await orders(`${api}/v1/orders`)
    expect(sent.map(({ token }) => token)).toEqual(['Bearer a-1', 'Bearer a-2', 'Bearer a-2'])
    expect(at.last().form.get('resource')).toBe(`${api}/v1`)
  })

  test('fetches one new token for many that were refused at once', async () => {
    const at = machine()
    const { fetch } = createApi(...Array.from({ length: 10 }, () => invalid), fine)
    const orders = at.client.fetch({ origins: [api], fetch })
    await Promise.all(Array.from({ length: 10 }, () => orders(api)))
    expect(at.count('/token')).toBe(2)
  })

  test('does not fetch one after the other for an API that refuses them all', async () => {
    const at = machine()
    const { fetch } = createApi(invalid)
    const orders = at.client.fetch({ origins: [api], fetch })
    await orders(api)
    expect((await orders(api)).status).toBe(401)
    expect(at.count('/token')).toBe(2)
    at.clock.advance(5)
    await orders(api)
    expect(at.count('/token')).toBe(3)
  })

  test('wants to know where the token may go', () => {
    expect(() => machine().client.fetch({ audience: 'orders' })).toThrow(/origins/)
    expect(() => machine().client.fetch({ resource: 'urn:orders' })).toThrow(/origins/)
    expect(() => machine().client.fetch({ origins: [] })).toThrow(/must not be empty/)
  })

  test('is not the function that calls, and says so to whoever takes it for that', () => {
    const { client } = machine()
    const call = () => Reflect.apply(client.fetch, undefined, [`${api}/orders`]) as unknown
    expect(call).toThrow(ConfigurationError)
    expect(call).toThrow('client.fetch({ resource, scope })')
  })

  test('speaks plain http: where that was asked for', async () => {
    const { sent, fetch } = createApi(fine)
    const origins = ['http://orders.internal']
    expect(() => machine().client.fetch({ origins, fetch })).toThrow(/https/)
    await machine().client.fetch({ origins, fetch, allowInsecure: true })('http://orders.internal/')
    expect(sent).toMatchObject([{ token: 'Bearer a-1' }])
  })

  test('presents no token that is bound to a key', async () => {
    const at = createGrantScene()
    at.say('/token', [200, { ...bearer, token_type: 'DPoP' }])
    const { fetch } = createApi(fine)
    const orders = at.client.fetch({ origins: [api], fetch })
    expect(String(await rejection(orders(api)))).toContain('dpop')
  })
})
