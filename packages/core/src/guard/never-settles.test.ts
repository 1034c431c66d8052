import { createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, test } from 'vitest'
import { Outage } from '../errors/outage.ts'
import { createGuard } from './create.ts'
import type { Guard } from './guard.ts'

const issuer = createTokenIssuer()
const token = await issuer.issueToken()

const ask = async (guard: Guard): Promise<unknown> =>
  guard.check({
    method: 'GET',
    url: 'https://api.test/',
    header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined),
    form: () => Promise.resolve(new URLSearchParams()),
  })

// The first promise never settles, as with a connection that was lost; the others do.
function lostAtFirst<T>(answer: T): () => Promise<T> {
  let asked = 0
  return () => (asked++ === 0 ? new Promise<T>(() => undefined) : Promise.resolve(answer))
}

/** What two who ask at once hear, after how many milliseconds, and what the next one hears. */
async function story(guard: Guard) {
  const began = performance.now()
  const [first, second] = await Promise.allSettled([ask(guard), ask(guard)])
  const took = performance.now() - began
  const heard = [first, second].map((one) => (one.status === 'rejected' ? one.reason : one.value))
  return { heard: heard as unknown[], took, afterwards: await ask(guard) }
}

const { guardOptions } = issuer
// Both at once, for their time is real.
const stories = Promise.all([
  story(createGuard({ issuers: lostAtFirst(guardOptions) })),
  story(createGuard({ ...guardOptions, revoked: lostAtFirst(false) })),
])

describe('a promise that never settles is an outage within 5 seconds, and the next one is heard', () => {
  test('of a resolver, for all who wait for the tenant', async () => {
    const [{ heard, took, afterwards }] = await stories
    expect(heard.map((error) => Outage.is(error))).toEqual([true, true])
    expect(heard[0]).toMatchObject({ code: 'resolver_failed', status: 503 })
    expect(took).toBeLessThan(5500)
    expect(afterwards).toMatchObject({ granted: true })
  }, 8000)

  test('of a revoked hook, for the request that it is asked about', async () => {
    const [, { heard, took, afterwards }] = await stories
    expect(Outage.is(heard[0])).toBe(true)
    expect(heard[0]).toMatchObject({ code: 'revocation_unknown', status: 503 })
    expect(heard[1]).toMatchObject({ granted: true })
    expect(took).toBeLessThan(5500)
    expect(afterwards).toMatchObject({ granted: true })
  }, 8000)
})
