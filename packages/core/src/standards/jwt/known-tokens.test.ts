import { expect, test } from 'vitest'
import { createFakeIssuer, refused } from '../../../../../test/e2e/support/fake-issuer.ts'
import {
  audience,
  codeOf,
  createClock,
  goodClaims,
  issuer,
  settle,
  start,
} from '../../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../../test/e2e/support/signing.ts'
import type { KeyOptions } from '../../issuer/create.ts'
import { isPromise } from '../../lib/maybe-promise.ts'
import { jwt } from './jwt.ts'

const [a, b] = [createTestKey('EdDSA', 'a'), createTestKey('EdDSA', 'b')]
const token = a.token(goodClaims({ exp: start + 900_000 }))

/** Keys that may be used for a minute, and proofs that are remembered for a day. */
function scene(keys: KeyOptions = {}) {
  const clock = createClock(start * 1000)
  const fake = createFakeIssuer(issuer, a.jwk)
  fake.keyHeaders({ 'cache-control': 'max-age=60' })
  const { verify } = jwt({
    issuers: [{ issuer, audience, keys }],
    cache: { maxAge: 86_400 },
    now: clock.now,
    fetch: fake.fetch,
  })
  return { clock, fake, verify: () => verify(token) }
}

test('where no other token comes, keys are renewed in time, and nobody waits but the first', async () => {
  const at = scene()
  let waits = 0
  for (let second = 0; second < 600; second++) {
    const answer = at.verify()
    if (isPromise(answer)) waits += 1
    await answer
    await settle()
    at.clock.advance(1)
  }
  expect(waits).toBe(1)
  expect(at.fake.keyFetches).toBeGreaterThanOrEqual(600 / 60)
})

test('a key that left the set is trusted no longer than the set may be used, though nobody asked for another', async () => {
  const at = scene()
  const known = await at.verify()
  at.fake.publish(b.jwk)
  at.clock.advance(29)
  expect(at.verify()).toBe(known)
  at.clock.advance(31)
  expect(await codeOf(at.verify)).toBe('token_key_unknown')
})

test('a key that left the set is found out in the background where its token comes often', async () => {
  const at = scene()
  await at.verify()
  at.fake.publish(b.jwk)
  at.clock.advance(31)
  expect(isPromise(at.verify())).toBe(false)
  await settle()
  expect(await codeOf(at.verify)).toBe('token_key_unknown')
})

test('a known token is an outage where keys may not be used past their time', async () => {
  const at = scene({ staleFor: 0 })
  await at.verify()
  at.fake.break('all', refused)
  at.clock.advance(61)
  expect(await codeOf(at.verify)).toBe('keys_unreachable')
})

test('a known token passes through an outage as long as keys may be used past their time', async () => {
  const at = scene({ staleFor: 3600 })
  const known = await at.verify()
  at.fake.break('all', refused)
  at.clock.advance(61)
  expect(await at.verify()).toMatchObject({ subject: known.subject })
  at.clock.advance(3600)
  expect(await codeOf(at.verify)).toBe('keys_unreachable')
})
