import { createClock } from '@portcullis/testkit'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createClientScene,
  createEndpoints,
  rejection,
  type Endpoints,
} from '../../../../test/e2e/support/endpoints.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { Outage } from '../errors/outage.ts'
import { Refusal } from '../errors/refusal.ts'
import { clientSecretPost } from './authentication.ts'
import { failure } from './failure.ts'

let server: Endpoints
const clock = createClock(1_700_000_000_000)
const secret = 'hush-hush-very-secret'
const bearer = { access_token: 'the-access-token', token_type: 'Bearer' }

beforeAll(async () => {
  server = await createEndpoints()
})
beforeEach(() => server.answer('/token', { body: bearer }))
afterEach(() => vi.unstubAllEnvs())
afterAll(() => server.close())

type More = Parameters<typeof createClientScene>[2]

const refresh = (more: More = {}) =>
  createClientScene(
    server.url,
    { id: 'web', authentication: clientSecretPost(secret) },
    { now: clock.now, ...more },
  ).client.refresh('the-refresh-token')

/** What it failed with; nothing in it, causes included, may hold what is secret. */
const failed = async (more: More = {}) => {
  const error = await rejection(refresh(more))
  const texts: unknown[] = []
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    texts.push(String(at), at.stack, JSON.stringify(Object.entries(at)))
  }
  expect(texts.join('\n')).not.toMatch(/hush-hush|the-(?:access|refresh)-token/)
  return error
}

describe('an outage', () => {
  test.each([500, 502, 503, 429])('is %s, with the time to come back', async (status) => {
    server.answer('/token', { status, headers: { 'retry-after': '17' }, body: bearer })
    expect(await failed()).toMatchObject({
      code: 'endpoint_failed',
      status: 503,
      url: `${server.url}/token`,
      phase: 'status',
      retryAfter: 17,
      message: expect.stringContaining(`it answered ${status}`),
    })
  })

  test.each([
    [new Date(clock.now() + 40_000).toUTCString(), 40],
    [new Date(clock.now() - 40_000).toUTCString(), 1],
    ['tomorrow', 1],
    ['999999999', 3600],
  ])('that says to come back at %s is tried after %s s', async (field, seconds) => {
    server.answer('/token', { status: 503, headers: { 'retry-after': field } })
    expect(await failed()).toMatchObject({ retryAfter: seconds })
  })

  // RFC 9110 §5.6.7: recipients take all three forms, and the last one means GMT too.
  test.each(['America/New_York', 'Asia/Tokyo'])(
    'is over at the same time in %s, in whatever form',
    async (zone) => {
      const [week = '', day = '', month = '', year = '', time = ''] = new Date(clock.now() + 40_000)
        .toUTCString()
        .split(/,? /)
      vi.stubEnv('TZ', zone)
      for (const field of [
        `${week}, ${day} ${month} ${year} ${time} GMT`,
        `${week}day, ${day}-${month}-${year.slice(2)} ${time} GMT`,
        `${week} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`,
      ]) {
        server.answer('/token', { status: 503, headers: { 'retry-after': field } })
        // oxlint-disable-next-line no-await-in-loop -- the server answers one thing at a time
        expect([field, await failed()]).toMatchObject([field, { retryAfter: 40 }])
      }
    },
  )

  test.each([
    ['x-rate-limit-reset', 429, 25, 25],
    ['x-ratelimit-reset', 429, 25, 25],
    ['x-rate-limit-reset', 429, 4000, 60],
    ['x-rate-limit-reset', 429, -10, 1],
    ['x-rate-limit-reset', 503, 25, 1],
  ])('with %s and the status %i is tried when the window is over', async (...given) => {
    const [field, status, ahead, seconds] = given
    const reset = String(Math.ceil(clock.now() / 1000) + ahead)
    server.answer('/token', { status, headers: { [field]: reset } })
    expect(await failed()).toMatchObject({ retryAfter: seconds })
  })

  test('is a connection that breaks', async () => {
    server.answer('/token', 'reset')
    expect(await failed()).toMatchObject({ code: 'endpoint_failed', phase: 'connect' })
  })

  test('is an endpoint that nobody serves', async () => {
    const metadata = { token_endpoint: 'http://127.0.0.1:1/token' }
    expect(await failed({ metadata })).toMatchObject({
      code: 'endpoint_failed',
      phase: 'connect',
      url: 'http://127.0.0.1:1/token',
    })
  })

  test('is an answer that does not come in time', async () => {
    server.answer('/token', 'never')
    expect(await failed({ timeout: 0.05 })).toMatchObject({
      code: 'endpoint_failed',
      phase: 'connect',
      message: expect.stringContaining('no complete answer'),
    })
  })

  test('is a fetch that does not listen to its signal', async () => {
    const fetch = () => new Promise<Response>(() => undefined)
    expect(await failed({ timeout: 0.05, fetch })).toMatchObject({ code: 'endpoint_failed' })
  })

  test('is a body that never ends', async () => {
    const fetch = () =>
      Promise.resolve(
        new Response(new ReadableStream({ pull: () => new Promise(() => undefined) })),
      )
    expect(await failed({ timeout: 0.05, fetch })).toMatchObject({ phase: 'body' })
  })

  test('is a body that is too large, as it is after decompression', async () => {
    const text = JSON.stringify({ ...bearer, more: 'x'.repeat(600_000) })
    const zipped = gzipSync(text)
    expect(zipped.length).toBeLessThan(10_000)
    server.answer('/token', { body: text })
    expect(await failed()).toMatchObject({
      phase: 'body',
      message: expect.stringContaining('larger than 524288 bytes'),
    })
    const fetch = () =>
      Promise.resolve(
        new Response(new Blob([zipped]).stream().pipeThrough(new DecompressionStream('gzip'))),
      )
    expect(await failed({ fetch })).toMatchObject({ phase: 'body' })
  })

  test.each([301, 302, 307, 308])('is a redirect (%s), which is not followed', async (status) => {
    const before = server.asked.length
    server.answer('/token', { status, headers: { location: '/elsewhere' } })
    expect(await failed()).toMatchObject({ code: 'endpoint_failed', phase: 'redirect' })
    expect(server.asked.slice(before).map(({ path }) => path)).toEqual(['/token'])
  })

  test.each<[string, { status?: number; body?: unknown }]>([
    ['a page', { body: '<p>hello</p>' }],
    ['nothing', {}],
    ['a list', { body: [] }],
    ['a JSON text', { body: '"hello"' }],
    ['no access token', { body: { token_type: 'Bearer' } }],
    ['an access token that is a number', { body: { ...bearer, access_token: 7 } }],
    ['no token type', { body: { access_token: 'the-access-token' } }],
    ['an unknown token type', { body: { ...bearer, token_type: 'mac' } }],
    ['a token type that nobody asked for', { body: { ...bearer, token_type: 'DPoP' } }],
    ['a strange expires_in', { body: { ...bearer, expires_in: 'soon' } }],
    ['a negative expires_in', { body: { ...bearer, expires_in: -1 } }],
    ['a scope that is a list', { body: { ...bearer, scope: ['a'] } }],
    ['a 404 page', { status: 404, body: '<p>not here</p>' }],
    ['an error without a name', { status: 400, body: { message: 'no' } }],
    ['server_error', { status: 400, body: { error: 'server_error' } }],
    ['temporarily_unavailable', { status: 400, body: { error: 'temporarily_unavailable' } }],
  ])('is %s for an answer', async (_name, reply) => {
    server.answer('/token', reply)
    const error = await failed()
    expect(error).toMatchObject({ code: 'endpoint_failed', phase: 'content' })
    expect(String(error)).toContain(`it answered ${reply.status ?? 200}`)
  })

  test('is metadata whose address cannot be used', async () => {
    for (const token_endpoint of ['nowhere', 'ftp://id.test/token']) {
      const error = await failed({ metadata: { token_endpoint } })
      expect(Outage.is(error)).toBe(true)
    }
  })
})

describe('addresses without TLS', () => {
  test('are for loopback, unless more is allowed', async () => {
    const metadata = { token_endpoint: 'http://id.test/token' }
    const asked: string[] = []
    const fetch = (url: unknown) => {
      asked.push(String(url))
      return Promise.resolve(Response.json(bearer))
    }
    expect(await failed({ metadata, fetch })).toMatchObject({
      code: 'endpoint_failed',
      message: expect.stringContaining('must be an https: URL'),
    })
    expect(asked).toEqual([])
    await refresh({ metadata, fetch, allowInsecure: true })
    expect(asked).toEqual(['http://id.test/token'])
  })

  test('are not for an issuer that has TLS', async () => {
    const metadata = { token_endpoint: `${server.url}/token` }
    const { client } = createClientScene('https://id.test', { id: 'web' }, { metadata })
    const before = server.asked.length
    expect(await rejection(client.refresh('r'))).toMatchObject({ code: 'issuer_invalid' })
    expect(server.asked).toHaveLength(before)
  })
})

describe('a refusal', () => {
  test.each(['invalid_grant', 'invalid_request', 'interaction_required', 'access_denied'])(
    '%s means that the grant is of no use',
    async (error) => {
      const description = 'the token\u001b[2J was revoked'
      server.answer('/token', { status: 400, body: { error, error_description: description } })
      const refusal = await failed()
      expect(Refusal.is(refusal)).toBe(true)
      expect(refusal).toMatchObject({
        code: 'grant_refused',
        status: 400,
        trail: { presented: error, issuer: server.url },
        reason: `The issuer answered ${error} ('the token?[2J was revoked').`,
      })
    },
  )
})

describe('a mistake of the programmer', () => {
  test.each([
    ['invalid_client', 401, /web.*client_secret_post.*registration/],
    // A wrong secret, in the words of Keycloak, or a grant type that it does not allow.
    ['unauthorized_client', 401, /web.*client_secret_post.*grant type.*secret.*registration/],
    ['unauthorized_client', 400, /grant type/],
    ['unsupported_grant_type', 400, /grant type/],
    ['invalid_scope', 400, /scope/],
    ['invalid_target', 400, /resource or audience/],
  ])('%s with %i says what to do', async (error, status, advice) => {
    // With a challenge, as RFC 6749 §5.2 wants it for invalid_client.
    const headers = { 'www-authenticate': 'Basic realm="x"' }
    server.answer('/token', { status, headers, body: { error } })
    const mistake = await failed()
    expect(mistake).toBeInstanceOf(ConfigurationError)
    expect(String(mistake)).toContain(`${server.url} answered ${error}`)
    expect(String(mistake)).toMatch(advice)
  })

  test('is a secret that is undefined', async () => {
    server.answer('/token', { status: 401, body: { error: 'invalid_client' } })
    const { client } = createClientScene(server.url, { id: 'web' })
    expect(String(await rejection(client.refresh('r')))).toContain('is it undefined?')
  })

  test('may be a secret that the issuer reads without decoding it', async () => {
    server.answer('/token', { status: 401, body: { error: 'invalid_client' } })
    const { client } = createClientScene(server.url, { id: 'web', secret: 'p+s/w=' })
    expect(String(await rejection(client.refresh('r')))).toContain('try clientSecretPost()')
  })

  test('is an issuer without the endpoint', async () => {
    const error = await failed({ metadata: { token_endpoint: undefined } })
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toContain('token_endpoint')
  })
})

test('what is no failure of the protocol goes through as it is', () => {
  const asked = {
    endpoint: 'token_endpoint',
    issuer: 'https://id.test',
    client: 'web',
    method: 'none',
    url: undefined,
    phase: 'connect',
    status: undefined,
    clean: (words: string) => words,
  } as const
  const bug = new TypeError('x is not a function')
  const refusal = new Refusal('login_denied')
  expect(failure(bug, asked)).toBe(bug)
  expect(failure(refusal, asked)).toBe(refusal)
  expect(failure(new Refusal('token_decryption_failed'), asked)).toMatchObject({
    code: 'id_token_refused',
  })
})
