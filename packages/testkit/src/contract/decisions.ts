import assert from 'node:assert/strict'
import { hasScope, satisfies } from '@portcullis/core'
import { createTokenIssuer } from '../token-issuer.ts'
import { challengeOf, type Bench } from './bench.ts'

/** Who gets in, and what the others are told. */
export function decisions({ it, issuer, bearer, serving }: Bench): void {
  it('a request without a credential: 401 and a challenge without an error code', () =>
    serving({}, async ({ send, reached }) => {
      const received = await send()
      assert.equal(received.status, 401)
      assert.equal(challengeOf(received), 'Bearer')
      assert.equal(reached(), 0)
    }))

  it('a bad token: 401 invalid_token, and not a word about why', () =>
    serving({}, async ({ send, reached }) => {
      const foreign = createTokenIssuer({ algorithm: 'ES256' })
      const expired = { exp: Math.floor(issuer.guardOptions.now() / 1000) - 60 }
      const tokens = ['x', await foreign.issueToken(), await issuer.issueToken(expired)]
      const answers = await Promise.all(
        tokens.map((token) => send({ fields: [['Authorization', `Bearer ${token}`]] })),
      )
      for (const received of answers) {
        assert.equal(received.status, 401)
        assert.equal(challengeOf(received), 'Bearer error="invalid_token"')
      }
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1, 'the bodies tell tokens apart')
      assert.equal(reached(), 0)
    }))

  it('a token without the scope: 403 insufficient_scope, naming the scope', () =>
    serving({ rules: [hasScope('orders:write')] }, async ({ send, reached }) => {
      const received = await send({ fields: [await bearer({ scope: 'orders:read' })] })
      assert.equal(received.status, 403)
      assert.equal(challengeOf(received), 'Bearer error="insufficient_scope", scope="orders:write"')
      assert.equal(reached(), 0)
    }))

  it('a good token: the route runs and knows who is calling', () =>
    serving({ rules: [hasScope('orders:read')] }, async ({ send, reached }) => {
      const fields = [await bearer({ sub: 'alice', scope: 'orders:read orders:write' })]
      const received = await send({ fields })
      assert.equal(received.status, 200, received.text)
      const { subject, client, scopes } = Object(received.json())
      assert.deepEqual(
        { subject, client, scopes },
        { subject: 'alice', client: 'client-1', scopes: ['orders:read', 'orders:write'] },
      )
      assert.equal(reached(), 1)
    }))

  it('the raw token never slips into what is logged or sent', () =>
    serving({}, async ({ send }) => {
      const [name, value] = await bearer()
      const { text } = await send({ fields: [[name, value]] })
      assert.ok(!text.includes(value.slice('Bearer '.length)))
    }))

  it('rules may be asynchronous, and the first refusal wins', () =>
    serving(
      { rules: [satisfies(async () => false), hasScope('never:asked')] },
      async ({ send, reached }) => {
        const received = await send({ fields: [await bearer()] })
        assert.equal(received.status, 403)
        assert.deepEqual(received.field('www-authenticate'), [])
        assert.equal(reached(), 0)
      },
    ))
}
