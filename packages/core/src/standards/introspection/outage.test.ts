import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createGuard, introspection, Outage, type HttpRequest } from '@portcullis/core'
import { describe, expect, test } from 'vitest'
import { codeOf, outageOf, settle } from '../../../../../test/e2e/support/scene.ts'
import {
  audience,
  createIntrospectionScene,
  described,
  issuer,
  type Said,
} from '../../../../../test/support/introspection-scene.ts'

const secret = 'opaque-and-secret-token'

const status =
  (code: number, body: unknown = {}, headers = {}): Said =>
  () =>
    Response.json(body, { status: code, headers })

// A client must never throw its token away because of something between the issuer and us.
describe('it is a 503 and never a 401 where the issuer', () => {
  test.each<[string, Said]>([
    ['cannot be reached', () => Promise.reject(new TypeError('fetch failed'))],
    ['answers 500', status(500)],
    ['answers 503', status(503)],
    ['answers 429', status(429, {}, { 'retry-after': '7' })],
    ['redirects', status(302, {}, { location: 'https://evil.test/' })],
    ['answers 404', status(404, { error: 'not_found' })],
    ['says that our client is unknown', status(401, { error: 'invalid_client' })],
    ['says so in a challenge', status(401, {}, { 'www-authenticate': 'Basic realm="id"' })],
    ['forbids us to ask', status(403, { error: 'unauthorized_client' })],
    ['says that our request is malformed', status(400, { error: 'invalid_request' })],
    ['says that the token is invalid, in the wrong way', status(400, { error: 'invalid_token' })],
    [
      'answers with a page',
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
    ],
    ['answers with nothing', () => new Response(null)],
    ['answers with half of it', () => new Response('{"active":tr')],
    ['answers with a list', () => Response.json([true])],
    ['answers with more than anybody reads', () => Response.json({ a: 'a'.repeat(600_000) })],
    ['quotes the token', status(400, { error: 'invalid_request', error_description: secret })],
  ])('%s', async (_, said) => {
    const { verify, sayBy } = createIntrospectionScene()
    sayBy(said)
    const outage = await outageOf(() => verify(secret))
    expect(outage).toMatchObject({ code: 'endpoint_failed', status: 503 })
    expect(outage.url).toContain(issuer)
    expect(outage.message + String(outage.stack) + String(outage.cause)).not.toContain(secret)
  })

  test('does not answer in time', async () => {
    const { verify, sayBy } = createIntrospectionScene({ timeout: 0.05 })
    sayBy(() => new Promise(() => {}))
    expect((await outageOf(verify)).message).toContain('no complete answer')
  })

  test('publishes no metadata, or none with an endpoint', async () => {
    const ask = (fetch: typeof globalThis.fetch) => async () =>
      introspection({ issuer, client: { id: 'api' }, audience, fetch }).verify('a')
    expect(await codeOf(ask(async () => new Response('', { status: 404 })))).toBe(
      'issuer_unreachable',
    )
    const outage = await outageOf(ask(async () => Response.json({ issuer })))
    expect(outage.message).toContain('name no introspection_endpoint')
  })
})

test('what is wrong with our registration is told in the log', async () => {
  const { verify, sayBy } = createIntrospectionScene()
  sayBy(status(401, { error: 'invalid_client' }))
  const { message } = await outageOf(() => verify(secret))
  expect(message).toContain("it does not know the client 'api'")
  expect(message).not.toContain('api-secret')
})

test('a guard answers 503 with Retry-After, and reports an outage', async () => {
  const { verifier, sayBy } = createIntrospectionScene()
  sayBy(status(503, {}, { 'retry-after': '9' }))
  const events: string[] = []
  const guard = createGuard({ verifier, observe: ({ type }) => events.push(type) })
  const failed = await outageOf(() => guard.check(bearing(secret)))
  expect(failed.headers).toEqual({ 'Retry-After': '9' })
  expect(events).toEqual(['outage'])
})

const bearing = (token: string): HttpRequest => ({
  method: 'GET',
  url: 'https://api.test/orders',
  header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
})

describe('the breaker', () => {
  const failing = async (more = {}) => {
    const scene = createIntrospectionScene(more)
    scene.breakDown()
    for (let turn = 0; turn < 5; turn++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await outageOf(() => scene.verify(`t${turn}`))
    }
    return scene
  }

  test('opens after five failures in a row: nobody asks, and everybody is told at once', async () => {
    const { verify, asked, verifier } = await failing()
    expect(asked).toHaveLength(5)
    const outage = await outageOf(() => verify())
    expect(asked).toHaveLength(5)
    expect(outage.retryAfter).toBe(10)
    expect(outage.message).toContain('ECONNREFUSED')
    expect(verifier.health?.()).toMatchObject([{ issuer, ok: false, status: 'down', failures: 5 }])
  })

  test('lets one request try when its time is over, while others go on being told', async () => {
    const { verify, asked, clock, sayBy } = await failing()
    clock.advance(10)
    const answers: (() => void)[] = []
    sayBy(() => new Promise((resolve) => answers.push(() => resolve(described()))))
    const tried = verify('a')
    expect(Outage.is(await outageOf(() => verify('b')))).toBe(true)
    await expect.poll(() => answers.length).toBe(1)
    answers[0]?.()
    expect((await tried).subject).toBe('alice')
    expect(asked).toHaveLength(6)
    sayBy(() => described())
    expect((await verify('b')).subject).toBe('alice')
  })

  test('stays open where that one fails, and closes where the next one does not', async () => {
    const { verify, asked, clock, verifier, say } = await failing()
    clock.advance(10)
    await outageOf(() => verify())
    await outageOf(() => verify())
    expect(asked).toHaveLength(6)
    clock.advance(10)
    say()
    await verify()
    expect(verifier.health?.()).toMatchObject([{ ok: true, failures: 0, lastFailure: undefined }])
  })

  test('is no complaint any more when the next token may ask: without tokens it would stay', async () => {
    const { verify, clock, verifier, sayBy } = await failing()
    const health = () => verifier.health?.()
    clock.advance(9)
    expect(health()).toMatchObject([{ status: 'down', ok: false, failures: 5 }])
    clock.advance(1)
    expect(health()).toMatchObject([{ status: 'fresh', ok: true, failures: 5 }])
    let answer = (_response: Response) => {}
    sayBy(() => new Promise((resolve) => (answer = resolve)))
    const tried = outageOf(() => verify())
    await settle()
    expect(health()).toMatchObject([{ status: 'down', ok: false }])
    answer(new Response('', { status: 500 }))
    await tried
    expect(health()).toMatchObject([{ status: 'down', ok: false, failures: 6 }])
  })

  test('opens at once, for as long as the issuer says, but for a minute at most', async () => {
    const { verify, asked, clock, sayBy } = createIntrospectionScene()
    sayBy(status(429, {}, { 'retry-after': '30' }))
    await outageOf(() => verify())
    clock.advance(29)
    expect((await outageOf(() => verify())).retryAfter).toBe(1)
    expect(asked).toHaveLength(1)
    clock.advance(1)
    sayBy(status(503, {}, { 'retry-after': '3000' }))
    await outageOf(() => verify())
    expect((await outageOf(() => verify())).retryAfter).toBe(60)
    expect(asked).toHaveLength(2)
  })

  test('opened by the issuer, stays open where the one that tries fails in another way', async () => {
    const { verify, asked, clock, sayBy, breakDown } = createIntrospectionScene()
    sayBy(status(429, {}, { 'retry-after': '30' }))
    await outageOf(() => verify())
    clock.advance(30)
    breakDown()
    await outageOf(() => verify())
    expect((await outageOf(() => verify())).retryAfter).toBe(10)
    expect(asked).toHaveLength(2)
  })

  test('is not opened by tokens that the issuer stumbles over: anybody can send them', async () => {
    const { verify, asked, sayBy, say } = createIntrospectionScene()
    sayBy(status(400, { error: 'invalid_request' }))
    for (let turn = 0; turn < 20; turn++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await outageOf(() => verify(`t${turn}`))
    }
    say({ exp: 'soon' })
    for (let turn = 0; turn < 20; turn++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await outageOf(() => verify(`u${turn}`))
    }
    expect(asked).toHaveLength(40)
  })

  test('is not opened by failures between which the issuer answers', async () => {
    const { verify, asked, breakDown, say } = createIntrospectionScene()
    for (let turn = 0; turn < 20; turn++) {
      if (turn % 4 === 3) say({ active: false })
      else breakDown()
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await verify(`t${turn}`).catch(() => undefined)
    }
    expect(asked).toHaveLength(20)
  })

  test('does not stay open where the clock is set back', async () => {
    const { verify, clock, say } = await failing()
    clock.advance(-86_400)
    say({ iat: undefined })
    expect((await verify()).subject).toBe('alice')
  })

  test('can be set, and left out', async () => {
    const { asked, verify } = await failing({ breaker: { failures: 2, openFor: 3 } })
    expect(asked).toHaveLength(2)
    expect((await outageOf(() => verify())).retryAfter).toBe(3)
    const without = await failing({ breaker: false })
    await outageOf(() => without.verify())
    expect(without.asked).toHaveLength(6)
  })
})

describe('a flood of tokens', () => {
  test('never makes more requests at a time than allowed, and the rest is told at once', async () => {
    const { verify, waiting, sayBy, asked } = createIntrospectionScene({ maxInFlight: 8 })
    const answers: (() => void)[] = []
    sayBy(() => new Promise((resolve) => answers.push(() => resolve(described()))))
    const all = Array.from({ length: 1000 }, (_, index) => verify(`garbage-${index}`))
    const settled = Promise.allSettled(all)
    await expect.poll(() => answers.length).toBe(8)
    expect(waiting()).toEqual({ now: 8, most: 8 })
    for (const answer of answers) answer()
    const failed = (await settled).filter(({ status: how }) => how === 'rejected')
    expect(failed).toHaveLength(992)
    expect(asked).toHaveLength(8)
    sayBy(() => described())
    expect((await verify('later')).subject).toBe('alice')
  })

  test('of 10,000 keeps neither requests nor memory', async () => {
    const count = { asked: 0, now: 0, most: 0 }
    const { verify } = introspection({
      issuer,
      client: { id: 'api' },
      audience,
      endpoint: `${issuer}/introspect`,
      cache: { entries: 100, maxAge: 3600 },
      maxInFlight: 50,
      timeout: 3,
      fetch: async () => {
        count.most = Math.max(count.most, ++count.now)
        await settle()
        count.now--
        return Response.json({ active: count.asked++ === 0, aud: audience, sub: 'alice' })
      },
    })
    const flood = async (rounds: number, name: string) => {
      for (let round = 0; round < rounds; round++) {
        const some = Array.from({ length: 50 }, (_, index) =>
          codeOf(() => verify(`${name}-${round}-${index}`)),
        )
        // oxlint-disable-next-line no-await-in-loop -- as many at a time as are allowed
        expect(new Set(await Promise.all(some))).toEqual(new Set(['token_revoked']))
      }
    }
    await verify('good')
    await flood(10, 'warm')
    const before = heap()
    await flood(200, 'garbage')
    expect(count).toEqual({ asked: 10_501, now: 0, most: 50 })
    // The good one was not pushed out.
    expect((await verify('good')).subject).toBe('alice')
    expect(count.asked).toBe(10_501)
    // What a request holds is let go with its deadline.
    await expect.poll(() => heap() - before, { timeout: 10_000 }).toBeLessThan(5)
  }, 60_000)

  test('of one token makes one request', async () => {
    const { verify, asked } = createIntrospectionScene()
    const all = await Promise.all(Array.from({ length: 500 }, () => verify('same')))
    expect(asked).toHaveLength(1)
    expect(new Set(all.map(({ subject }) => subject))).toEqual(new Set(['alice']))
    await verify('same')
    expect(asked).toHaveLength(2)
  })

  test('of one bad token gives each request an error of its own', async () => {
    const { verify, say } = createIntrospectionScene()
    say({ active: false })
    const errors = await Promise.all(
      Array.from({ length: 3 }, () => verify('same').catch((error: unknown) => error)),
    )
    expect(new Set(errors).size).toBe(3)
  })
})

/** In MiB, without what nobody holds on to. */
const heap = (): number => {
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}

setFlagsFromString('--expose-gc')
// The flag puts it there.
const collect = runInNewContext('gc') as () => void
