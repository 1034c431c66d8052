import { describe, expect, test } from 'vitest'
import {
  createFakeIssuer,
  json,
  refused,
  status,
} from '../../../../test/e2e/support/fake-issuer.ts'
import { outageOf } from '../../../../test/e2e/support/scene.ts'
import { discover } from './discovery.ts'

const issuer = 'https://id.test/oauth2/default'
const locations = [
  'https://id.test/oauth2/default/.well-known/openid-configuration',
  'https://id.test/.well-known/oauth-authorization-server/oauth2/default',
  'https://id.test/oauth2/default/.well-known/oauth-authorization-server',
] as const

/** Answers by address; everything else is a 404. */
const serve = (answers: Readonly<Record<string, () => Response>>) => {
  const calls: string[] = []
  const fetch = (input: unknown) => {
    calls.push(String(input))
    return Promise.resolve(answers[String(input)]?.() ?? new Response('', { status: 404 }))
  }
  const deadline = AbortSignal.timeout(5000)
  return { calls, options: { fetch, deadline, allow: () => undefined } }
}
const good = (url = issuer) => json({ issuer: url, jwks_uri: `${url}/keys` })

describe('the three locations', () => {
  test.each([0, 1, 2])('number %i is found, those before it are asked first', async (index) => {
    const { calls, options } = serve({ [locations[index] ?? '']: () => good() })
    const { metadata } = await discover(issuer, options)
    expect(metadata).toEqual({ issuer, jwks_uri: `${issuer}/keys` })
    expect(calls).toEqual(locations.slice(0, index + 1))
  })

  test('are two where the issuer has no path, with or without its slash', async () => {
    for (const url of ['https://id.test', 'https://id.test/']) {
      const { calls, options } = serve({})
      await outageOf(() => discover(url, options))
      expect(calls).toEqual([
        'https://id.test/.well-known/openid-configuration',
        'https://id.test/.well-known/oauth-authorization-server',
      ])
    }
  })

  test('a path that ends with a slash loses only that', async () => {
    const { calls, options } = serve({})
    await outageOf(() => discover(`${issuer}/`, options))
    expect(calls).toEqual(locations)
  })

  test('where none has metadata the outage lists what each answered', async () => {
    const { options } = serve({ [locations[1]]: () => new Response('', { status: 403 }) })
    const outage = await outageOf(() => discover(issuer, options))
    expect(outage).toMatchObject({ code: 'issuer_unreachable', phase: 'status' })
    expect(outage.message).toContain(`${locations[0]} answered 404`)
    expect(outage.message).toContain(`${locations[1]} answered 403`)
    expect(outage.message).toContain(`${locations[2]} answered 404`)
  })

  test.each([500, 502, 503, 429])(
    '%i is an outage at once, not a reason to go on',
    async (code) => {
      const { calls, options } = serve({ [locations[0]]: () => new Response('', { status: code }) })
      const outage = await outageOf(() => discover(issuer, options))
      expect(outage).toMatchObject({
        code: 'issuer_unreachable',
        url: locations[0],
        phase: 'status',
      })
      expect(outage.message).toContain(`answered ${code}`)
      expect(calls).toHaveLength(1)
    },
  )

  test('a connection that fails names the address and the innermost cause', async () => {
    const fake = createFakeIssuer('https://id.test')
    fake.break('all', refused)
    const deadline = AbortSignal.timeout(5000)
    const { fetch } = fake
    const outage = await outageOf(() =>
      discover('https://id.test', { fetch, deadline, allow: () => undefined }),
    )
    expect(outage).toMatchObject({ code: 'issuer_unreachable', phase: 'connect' })
    expect(outage.url).toBe('https://id.test/.well-known/openid-configuration')
    expect(outage.message).toContain('ECONNREFUSED')
    expect(outage.cause).toBeInstanceOf(TypeError)
  })
})

describe('the issuer of the metadata is compared to the letter', () => {
  test.each([
    'https://id.test/oauth2/default/',
    'https://id.test/oauth2/Default',
    'https://ID.test/oauth2/default',
    'https://id.test:443/oauth2/default',
    'http://id.test/oauth2/default',
    'https://id.test/oauth2',
    'https://id.test/oauth2/%64efault',
    'https://evil.test',
  ])('%s is another one', async (named) => {
    const { options } = serve({ [locations[0]]: () => json({ issuer: named }) })
    const outage = await outageOf(() => discover(issuer, options))
    expect(outage).toMatchObject({ code: 'issuer_invalid', url: locations[0], phase: 'content' })
    expect(outage.message).toContain(`'${named}'`)
    expect(outage.message).toContain('equal to the letter')
  })

  test('a slash that both have is fine', async () => {
    const url = 'https://id.test/'
    const { options } = serve({
      'https://id.test/.well-known/openid-configuration': () => good(url),
    })
    expect((await discover(url, options)).metadata.issuer).toBe(url)
  })
})

describe('nonsense is an outage', () => {
  test.each([
    ['a list', ['issuer'], 'not a JSON object'],
    ['null', 'null', 'not a JSON object'],
    ['no issuer', { jwks_uri: 'https://id.test/keys' }, 'names no issuer'],
    ['an issuer that is a number', { issuer: 7 }, 'names no issuer'],
    ['a jwks_uri that is no URL', { issuer, jwks_uri: '/keys' }, 'jwks_uri is not a URL'],
    ['a jwks_uri that is a number', { issuer, jwks_uri: 7 }, 'jwks_uri is not a URL'],
  ])('%s', async (_what, body, why) => {
    const { options } = serve({ [locations[0]]: () => json(body) })
    const outage = await outageOf(() => discover(issuer, options))
    expect(outage).toMatchObject({ code: 'issuer_invalid', url: locations[0], phase: 'content' })
    expect(outage.message).toContain(why)
  })

  test('HTML names its content type', async () => {
    const html = () => new Response('<h1>Soon</h1>', { headers: { 'content-type': 'text/html' } })
    const { options } = serve({ [locations[0]]: html })
    const outage = await outageOf(() => discover(issuer, options))
    expect(outage).toMatchObject({ code: 'issuer_unreachable', phase: 'content' })
    expect(outage).toMatchObject({ url: locations[0] })
    expect(outage.message).toContain('it is not JSON (content-type text/html)')
  })

  test('a page that stands at every unknown address hides no metadata at another one', async () => {
    const page = () => new Response('<h1>App</h1>', { headers: { 'content-type': 'text/html' } })
    const { calls, options } = serve({
      [locations[0]]: page,
      [locations[1]]: () => good(issuer),
    })
    expect((await discover(issuer, options)).metadata.issuer).toBe(issuer)
    expect(calls).toHaveLength(2)
  })
})

test('metadata without a jwks_uri, and members that nobody asked for, are handed on', async () => {
  const body = { issuer, introspection_endpoint: `${issuer}/introspect` }
  const { options } = serve({ [locations[0]]: () => json(body) })
  expect((await discover(issuer, options)).metadata).toEqual(body)
})

test.each([
  [{}, 3600],
  [{ 'cache-control': 'max-age=1' }, 300],
  [{ 'cache-control': 'max-age=7200', age: '200' }, 7000],
  [{ 'cache-control': 'max-age=31536000' }, 86_400],
  [{ 'cache-control': 'no-store' }, 300],
])('metadata served with %j are used for %i seconds', async (headers, lifetime) => {
  const { options } = serve({ [locations[0]]: () => json({ issuer }, { headers }) })
  expect((await discover(issuer, options)).lifetime).toBe(lifetime)
})

test('404 is the only kind of answer without a body that is read on', async () => {
  const fake = createFakeIssuer('https://id.test')
  fake.break('discovery', status(204))
  const { fetch } = fake
  const deadline = AbortSignal.timeout(5000)
  const outage = await outageOf(() =>
    discover('https://id.test', { fetch, deadline, allow: () => undefined }),
  )
  expect(outage.message).toContain('answered 204')
})
