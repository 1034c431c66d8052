import { expect, test } from 'vitest'
import { json } from '../../../../test/e2e/support/fake-issuer.ts'
import { createClock, outageOf, start } from '../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../test/e2e/support/signing.ts'
import { createIssuer } from './create.ts'
import type { PublicKey } from './key-set.ts'
import { createMetadataSource } from './metadata.ts'

const url = 'https://id.test'
const named = (kid: string) => (keys: readonly PublicKey[]) => keys.find((key) => key.kid === kid)

/** An issuer that publishes its metadata for a day, and its keys now here, now there. */
function scene(initial = `${url}/old`) {
  const clock = createClock(start * 1000)
  const calls: string[] = []
  let [place, described, kid] = [initial, initial, 'a']
  let reachable = true
  const keys = Object.fromEntries(
    ['a', 'b'].map((name) => [name, createTestKey('ES256', name).jwk]),
  )
  const answer = (address: string): Response => {
    if (!address.includes('/.well-known/'))
      return address === place ? json({ keys: [keys[kid]] }) : new Response('', { status: 404 })
    if (!reachable) return new Response('', { status: 500 })
    const headers = { 'cache-control': 'max-age=86400' }
    return json({ issuer: url, jwks_uri: described }, { headers })
  }
  const issuer = createIssuer({
    issuer: url,
    now: clock.now,
    fetch: (input) => {
      const address = input instanceof Request ? input.url : String(input)
      calls.push(address.slice(url.length))
      return Promise.resolve(answer(address))
    },
  })
  return {
    clock,
    issuer,
    calls,
    move: (to: string) => ([place, described, kid] = [to, to, 'b']),
    cutDiscovery: () => (reachable = false),
  }
}

const discovery = '/.well-known/openid-configuration'

test('keys that moved are found at the second try, while the metadata are fresh', async () => {
  const at = scene()
  await at.issuer.prewarm()
  at.move(`${url}/new`)
  at.clock.advance(20)
  expect(await outageOf(() => at.issuer.keys.choose(named('b')))).toMatchObject({ status: 503 })
  at.clock.advance(1)
  expect(await at.issuer.keys.choose(named('b'))).toMatchObject({ kid: 'b' })
  expect(at.calls).toEqual([discovery, '/old', '/old', discovery, '/new'])
})

test('once they are found, nothing is discovered again', async () => {
  const at = scene()
  await at.issuer.prewarm()
  at.move(`${url}/new`)
  at.clock.advance(20)
  await outageOf(() => at.issuer.keys.choose(named('b')))
  at.clock.advance(1)
  await at.issuer.keys.choose(named('b'))
  const known = at.calls.length
  at.clock.advance(601)
  await at.issuer.keys.choose(named('b'))
  expect(at.calls.slice(known)).toEqual(['/new'])
})

test('where the issuer cannot be asked, the place that is known is tried again', async () => {
  const at = scene()
  await at.issuer.prewarm()
  at.move(`${url}/new`)
  at.cutDiscovery()
  at.clock.advance(20)
  for (let time = 0; time < 3; time++) {
    expect(await outageOf(() => at.issuer.keys.choose(named('b')))).toMatchObject({
      code: 'keys_unreachable',
      url: `${url}/old`,
    })
    at.clock.advance(60)
  }
})

test('metadata that are doubted are fetched once, and then believed', async () => {
  let fetches = 0
  const source = createMetadataSource({
    now: () => start * 1000,
    initial: undefined,
    fetchMetadata: () =>
      Promise.resolve({ metadata: { issuer: url, fetched: ++fetches }, lifetime: 3600 }),
  })
  const deadline = AbortSignal.timeout(60_000)
  await source.get(deadline)
  source.doubt()
  const both = await Promise.all([source.get(deadline), source.get(deadline)])
  expect(both).toMatchObject([{ fetched: 2 }, { fetched: 2 }])
  expect(await source.get(deadline)).toMatchObject({ fetched: 2 })
})
