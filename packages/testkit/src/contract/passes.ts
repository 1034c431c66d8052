import assert from 'node:assert/strict'
import { forbidden, type Guard, type SenderConstraint } from '@portcullis/core'
import type { Bench } from './bench.ts'

/** Guards that let more through, and what they send along. */
export function passes({ it, can, bearer, guard, serving }: Bench): void {
  it('an optional guard lets a request without a credential pass, and no bad one', () =>
    serving(
      {
        guard: guard().optional(),
        answer: ({ optionalPrincipal }) => ({ subject: optionalPrincipal()?.subject ?? 'nobody' }),
      },
      async ({ send, reached }) => {
        assert.deepEqual((await send()).json(), { subject: 'nobody' })
        assert.deepEqual((await send({ fields: [await bearer()] })).json(), { subject: 'user-1' })
        assert.equal((await send({ fields: [['Authorization', 'Bearer x']] })).status, 401)
        assert.equal(reached(), 2)
      },
    ))

  it('principal() does not pretend that an anonymous request has one', () =>
    serving({ guard: guard().optional() }, async ({ send }) => {
      assert.equal((await send()).status, 500)
    }))

  it('a preflight passes where the guard allows it, and only a preflight', async () => {
    const asks = ['Access-Control-Request-Method', 'POST'] as const
    const preflight = {
      method: 'OPTIONS',
      fields: [['Origin', 'https://page.test'], asks],
    } as const
    const answer = () => ({ passed: true })
    await serving({ answer }, async ({ send }) => {
      assert.equal((await send(preflight)).status, 401)
    })
    await serving({ answer, guard: guard({ allowPreflight: true }) }, async ({ send, reached }) => {
      assert.deepEqual((await send(preflight)).json(), { passed: true })
      assert.equal((await send({ method: 'OPTIONS' })).status, 401)
      assert.equal((await send({ fields: preflight.fields })).status, 401)
      assert.equal(reached(), 1)
    })
  })

  const nonces: SenderConstraint = {
    confirmation: 'test',
    prove: async () => [
      ['X-Nonce', 'one'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ],
  }
  const bound = { cnf: { test: 'anything' } }

  it('what a verdict wants sent is sent, each field as often as it says', () =>
    serving({ guard: guard({ constraints: [nonces] }) }, async ({ send }) => {
      const received = await send({ fields: [await bearer(bound)] })
      assert.equal(received.status, 200, received.text)
      assert.deepEqual(received.field('x-nonce'), ['one'])
      assert.deepEqual(received.field('set-cookie'), ['a=1', 'b=2'])
    }))

  it('a reply that comes with the refusal is sent instead of it', () => {
    const reply = {
      status: 302,
      headers: [
        ['Location', '/login'],
        ['Set-Cookie', 'a=1'],
      ],
    } as const
    const check = () => ({ granted: false, refusal: forbidden(), reply }) as const
    const sends: Guard = { ...guard(), check, with: () => sends }
    return serving({ guard: sends }, async ({ send, reached }) => {
      const received = await send()
      assert.equal(received.status, 302)
      assert.deepEqual(received.field('location'), ['/login'])
      assert.deepEqual(received.field('set-cookie'), ['a=1'])
      assert.deepEqual([received.field('www-authenticate'), reached()], [[], 0])
    })
  })

  it('a token that is bound, and that nobody proves, is refused', () =>
    serving({}, async ({ send, reached }) => {
      const received = await send({ fields: [await bearer(bound)] })
      assert.equal(received.status, 401)
      assert.equal(reached(), 0)
    }))

  if (can('sendFirst')) {
    it('where the response has begun, fields that can no longer be sent end that request alone', () => {
      const wish = {
        guard: guard({ constraints: [nonces] }),
        sendFirst: true,
        answer: () => ({ route: true }),
      }
      return serving(wish, async ({ send }) => {
        await send({ fields: [await bearer(bound)], patience: 200 }).catch(() => undefined)
        const next = await send({ fields: [await bearer()], patience: 2_000 })
        assert.equal(next.text, 'early{"route":true}')
      })
    })
  }
}
