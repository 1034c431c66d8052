import { createGuard, createLogin, sealedSessions } from '@portcullis/core'
import { expect, test } from 'vitest'
import { createFakeIssuer, refused } from '../../../../test/e2e/support/fake-issuer.ts'
import { audience, createClock, settle, start } from '../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../test/e2e/support/signing.ts'

const url = 'https://id.test'
const { jwk } = createTestKey('ES256', 'a')

function scene() {
  const clock = createClock(start * 1000)
  const fake = createFakeIssuer(url, jwk)
  return { clock, fake, runtime: { fetch: fake.fetch, now: clock.now } }
}

const login = (runtime: ReturnType<typeof scene>['runtime']) =>
  createLogin({
    issuer: url,
    client: { id: 'web', secret: 'web-secret' },
    baseUrl: 'https://app.test',
    sessions: sealedSessions({ secrets: ['a'.repeat(43)] }),
    ...runtime,
  })

// The guide's readiness probe, where it decides whether any traffic comes.
test.each([
  [
    'tokens',
    ({ runtime }: ReturnType<typeof scene>) => createGuard({ issuer: url, audience, ...runtime }),
  ],
  ['sessions', ({ runtime }: ReturnType<typeof scene>) => createGuard({ login: login(runtime) })],
])(
  'a guard for %s that started in an outage is ready when the issuer is',
  async (_what, guardOf) => {
    const at = scene()
    const guard = guardOf(at)
    at.fake.break('all', refused)
    await guard.prewarm().catch(() => undefined)
    expect(guard.health().ok).toBe(false)
    at.fake.heal()
    at.clock.advance(10)
    expect(guard.health().ok).toBe(false)
    await settle()
    expect(guard.health()).toMatchObject({ ok: true, issuers: [{ status: 'fresh' }] })
  },
)

test('a guard that was idle for days is ready', async () => {
  const at = scene()
  const guard = createGuard({ issuer: url, audience, ...at.runtime })
  await guard.prewarm()
  at.clock.advance(200_000)
  expect(guard.health()).toMatchObject({ ok: true, issuers: [{ status: 'stale', failures: 0 }] })
  await settle()
  expect(guard.health()).toMatchObject({ ok: true, issuers: [{ status: 'fresh' }] })
})
