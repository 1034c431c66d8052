import assert from 'node:assert/strict'
import { challengeOf, type Bench } from './bench.ts'
import type { Received } from './exchange.ts'

/** Exactly one credential, from the place where it belongs. */
export function credentials({ it, issuer, bearer, guard, serving }: Bench): void {
  const isInvalidRequest = (received: Received) => {
    assert.equal(received.status, 400, received.text)
    assert.equal(challengeOf(received), 'Bearer error="invalid_request"')
  }

  it('two Authorization fields: 400, whichever of them is good', () =>
    serving({}, async ({ send, reached }) => {
      const good = await bearer()
      const bad = ['Authorization', 'Bearer x'] as const
      isInvalidRequest(await send({ fields: [good, bad] }))
      isInvalidRequest(await send({ fields: [bad, good] }))
      isInvalidRequest(await send({ fields: [good, ['authorization', good[1]]] }))
      assert.equal(reached(), 0)
    }))

  it('a token in the header and one in the form: 400', () =>
    serving({ guard: guard({ form: true }) }, async ({ send, reached }) => {
      const type = ['Content-Type', 'application/x-www-form-urlencoded'] as const
      const body = `access_token=${await issuer.issueToken()}`
      isInvalidRequest(await send({ method: 'POST', fields: [await bearer(), type], body }))
      assert.equal(reached(), 0)
    }))

  it('a scheme without a token: 400', () =>
    serving({}, async ({ send }) => {
      isInvalidRequest(await send({ fields: [['Authorization', 'Bearer']] }))
    }))

  it('the scheme is read without regard to case', () =>
    serving({}, async ({ send }) => {
      const token = await issuer.issueToken()
      const received = await send({ fields: [['aUTHORIZATION', `bEARER ${token}`]] })
      assert.equal(received.status, 200, received.text)
    }))

  it('another scheme: 401, and no error code', () =>
    serving({}, async ({ send, reached }) => {
      const received = await send({ fields: [['Authorization', 'Basic dXNlcjpwYXNz']] })
      assert.equal(received.status, 401)
      assert.equal(challengeOf(received), 'Bearer')
      assert.equal(reached(), 0)
    }))

  it('a token in the query is not looked at', () =>
    serving({}, async ({ send, reached }) => {
      const received = await send({ path: `/guarded?access_token=${await issuer.issueToken()}` })
      assert.equal(received.status, 401)
      assert.equal(reached(), 0)
    }))

  it('a token in the form is not looked at, unless the guard says so', () =>
    serving({}, async ({ send, reached }) => {
      const fields = [['Content-Type', 'application/x-www-form-urlencoded']] as const
      const body = `access_token=${await issuer.issueToken()}`
      assert.equal((await send({ method: 'POST', fields, body })).status, 401)
      assert.equal(reached(), 0)
    }))
}
