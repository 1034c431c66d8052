import { describe, expect, test } from 'vitest'
import { json } from '../../../../test/e2e/support/fake-issuer.ts'
import { createClock, outageOf, settle, start } from '../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../test/e2e/support/signing.ts'
import { createIssuer } from './create.ts'
import type { PublicKey } from './key-set.ts'

const url = 'https://id.test'
const named = (kid: string) => (keys: readonly PublicKey[]) => keys.find((key) => key.kid === kid)

/** An issuer that publishes its metadata for a day, and its keys now here, now there. */
function scene({ timeout = 5 } = {}) {
  const clock = createClock(start * 1000)
  const calls: string[] = []
  let [place, described, kid] = [`${url}/old`, `${url}/old`, 'a']
  let discovered: () => Response | Promise<Response> = () => {
    const headers = { 'cache-control': 'max-age=86400' }
    return json({ issuer: url, jwks_uri: described }, { headers })
  }
  const keys = Object.fromEntries(
    ['a', 'b'].map((name) => [name, createTestKey('ES256', name).jwk]),
  )
  let published = (address: string): Response | Promise<Response> =>
    address === place ? json({ keys: [keys[kid]] }) : new Response('', { status: 404 })
  const issuer = createIssuer({
    issuer: url,
    now: clock.now,
    keys: { timeout },
    fetch: async (input) => {
      const address = input instanceof Request ? input.url : String(input)
      calls.push(address.slice(url.length))
      return address.includes('/.well-known/') ? discovered() : published(address)
    },
  })
  return {
    clock,
    issuer,
    calls,
    move: (to: string) => ([place, described, kid] = [to, to, 'b']),
    rotate: () => (kid = 'b'),
    discoveryAnswers: (answer: typeof discovered) => (discovered = answer),
    /** Answers for the keys, until the returned function is called. */
    keysAnswer: (answer: typeof published) => {
      const before = published
      published = answer
      return () => (published = before)
    },
  }
}

const discovery = '/.well-known/openid-configuration'
const hang = () => new Promise<never>(() => {})
const fail = () => new Response('', { status: 500 })

test('keys that moved are found at once, while the metadata are fresh', async () => {
  const at = scene()
  await at.issuer.prewarm()
  at.move(`${url}/new`)
  at.clock.advance(20)
  expect(await at.issuer.keys.choose(named('b'))).toMatchObject({ kid: 'b' })
  expect(at.calls).toEqual([discovery, '/old', '/old', discovery, '/new'])
})

test('once they are found, nothing is discovered again', async () => {
  const at = scene()
  await at.issuer.prewarm()
  at.move(`${url}/new`)
  at.clock.advance(20)
  await at.issuer.keys.choose(named('b'))
  const known = at.calls.length
  at.clock.advance(601)
  await at.issuer.keys.choose(named('b'))
  expect(at.calls.slice(known)).toEqual(['/new'])
})

test('where the old place hangs, they are found at the second try', async () => {
  const at = scene({ timeout: 0.2 })
  await at.issuer.prewarm()
  at.move(`${url}/new`)
  const heal = at.keysAnswer(hang)
  at.clock.advance(20)
  expect(await outageOf(() => at.issuer.keys.choose(named('b')))).toMatchObject({
    url: `${url}/old`,
  })
  heal()
  await settle()
  at.clock.advance(1)
  expect(await at.issuer.keys.choose(named('b'))).toMatchObject({ kid: 'b' })
  expect(at.calls).toEqual([discovery, '/old', '/old', discovery, '/new'])
})

test('where the issuer cannot be asked, the place that is known is tried again', async () => {
  const at = scene()
  await at.issuer.prewarm()
  at.move(`${url}/new`)
  at.discoveryAnswers(fail)
  at.clock.advance(20)
  for (let time = 0; time < 3; time++) {
    expect(await outageOf(() => at.issuer.keys.choose(named('b')))).toMatchObject({
      code: 'keys_unreachable',
      url: `${url}/old`,
    })
    at.clock.advance(60)
  }
})

test('where the new place fails too, that is the outage', async () => {
  const at = scene()
  await at.issuer.prewarm()
  at.move(`${url}/new`)
  at.keysAnswer(fail)
  expect(await outageOf(() => at.issuer.keys.choose(named('b')))).toMatchObject({
    code: 'keys_unreachable',
    url: `${url}/new`,
  })
})

test('on a cold start the place that was named just now is not asked for again', async () => {
  const at = scene()
  at.keysAnswer(fail)
  expect(await outageOf(() => at.issuer.prewarm())).toMatchObject({ url: `${url}/old` })
  expect(at.calls).toEqual([discovery, '/old'])
})

describe('while discovery hangs', () => {
  test('keys that are well arrive, after one fetch that failed', async () => {
    const at = scene({ timeout: 0.3 })
    await at.issuer.prewarm()
    at.discoveryAnswers(hang)
    const heal = at.keysAnswer(fail)
    const began = performance.now()
    expect(await outageOf(() => at.issuer.keys.choose(named('b')))).toMatchObject({
      code: 'keys_unreachable',
      phase: 'status',
      url: `${url}/old`,
    })
    expect(performance.now() - began).toBeLessThan(1500)
    heal()
    at.rotate()
    for (const wait of [1, 20, 601]) {
      at.clock.advance(wait)
      expect(await at.issuer.keys.choose(named('b'))).toMatchObject({ kid: 'b' })
    }
    expect(at.issuer.health()).toMatchObject({ status: 'fresh', failures: 0 })
  })

  test('keys that hang too are the outage, with the time that they had', async () => {
    const at = scene({ timeout: 0.2 })
    await at.issuer.prewarm()
    at.discoveryAnswers(hang)
    at.keysAnswer(hang)
    for (let time = 0; time < 3; time++) {
      at.clock.advance(60)
      const outage = await outageOf(() => at.issuer.keys.choose(named('b')))
      expect(outage).toMatchObject({ code: 'keys_unreachable', url: `${url}/old` })
      expect(outage.message).toMatch(/no complete answer after \d{3,} ms/)
    }
  })
})
