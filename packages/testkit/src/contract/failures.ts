import assert from 'node:assert/strict'
import { createGuard, Outage, Refusal, satisfies } from '@portcullis/core'
import type { Bench } from './bench.ts'
import type { Received } from './exchange.ts'

/** Only a refusal is ever a 4xx. */
export function failures({ it, can, issuer, bearer, serving }: Bench): void {
  // Nothing is known of the issuer but its name, and it cannot be reached.
  const cutOff = () => {
    const { issuer: name, audience, now } = issuer.guardOptions
    const fetch = () => Promise.reject(new TypeError('fetch failed'))
    return createGuard({ issuer: name, audience, now, fetch })
  }

  it('an issuer that cannot be reached: 503 with Retry-After, and no challenge', () =>
    serving({ guard: cutOff() }, async ({ send, reached }) => {
      const received = await send({ fields: [await bearer()] })
      assert.equal(received.status, 503, received.text)
      assert.match(received.field('retry-after').join(), /^[1-9][0-9]*$/)
      assert.deepEqual(received.field('www-authenticate'), [])
      assert.equal(reached(), 0)
    }))

  const isOurFault = (received: Received) => {
    assert.equal(received.status, 500)
    assert.deepEqual(received.field('www-authenticate'), [])
  }
  const thrown = new Error('a bug in a rule')

  it('a rule that throws, or rejects: 500, never 401 or 403', async () => {
    const throws = satisfies(() => {
      throw thrown
    })
    const rejects = satisfies(() => Promise.reject(thrown))
    for (const rule of [throws, rejects]) {
      // oxlint-disable-next-line no-await-in-loop -- one server after the other
      await serving({ rules: [rule] }, async ({ send, reached }) => {
        isOurFault(await send({ fields: [await bearer()] }))
        assert.equal(reached(), 0)
      })
    }
  })

  it('principal() throws where no protect stands in front', () =>
    serving({}, async ({ send }) => {
      isOurFault(await send({ path: '/unguarded', fields: [await bearer()] }))
    }))

  if (can('errorHandler')) {
    it("the application's own error handler sees refusals, outages and its own errors", async () => {
      const seen: unknown[] = []
      const onError = (error: unknown) => {
        seen.push(error)
        return 418
      }
      const throws = satisfies(() => Promise.reject(thrown))
      const wishes = [{}, { guard: cutOff() }, { rules: [throws] }]
      for (const wish of wishes) {
        // oxlint-disable-next-line no-await-in-loop -- one server after the other
        await serving({ ...wish, onError }, async ({ send }) => {
          const received = await send({
            fields: 'guard' in wish || 'rules' in wish ? [await bearer()] : [],
          })
          assert.equal(received.status, 418)
        })
      }
      const [refusal, outage, own] = seen
      assert.ok(Refusal.is(refusal) && refusal.code === 'no_credential', String(refusal))
      assert.ok(Outage.is(outage) && outage.retryAfter >= 1, String(outage))
      assert.equal(own, thrown)
    })
  }

  if (can('sendFirst')) {
    it('where the response has begun, a refused request still does not reach the route', () =>
      serving({ sendFirst: true, answer: () => ({ route: true }) }, async ({ send, reached }) => {
        // Some hosts cut such a response off, some leave it open: both are theirs to choose.
        const refused = await send({ patience: 200 }).catch(() => undefined)
        assert.ok(!refused?.text.includes('route'))
        assert.equal(reached(), 0)
        const granted = await send({ fields: [await bearer()], patience: 2_000 })
        assert.equal(granted.text, 'early{"route":true}')
      }))
  }
}
