import assert from 'node:assert/strict'
import type { Bench, Wish } from './bench.ts'

const form = ['Content-Type', 'application/x-www-form-urlencoded; charset=UTF-8'] as const

/** Methods and bodies. */
export function bodies({ it, can, issuer, bearer, guard, serving }: Bench): void {
  it('HEAD is decided like GET, and answered without a body', () =>
    serving({}, async ({ send, reached }) => {
      const refused = await send({ method: 'HEAD' })
      assert.deepEqual([refused.status, refused.text], [401, ''])
      assert.deepEqual(refused.field('www-authenticate'), ['Bearer'])
      const granted = await send({ method: 'HEAD', fields: [await bearer()] })
      assert.deepEqual([granted.status, granted.text, reached()], [200, '', 1])
    }))

  it('a body with any method is no obstacle', () =>
    serving({}, async ({ send }) => {
      const body = '{"much": "ado"}'
      const json = ['Content-Type', 'application/json'] as const
      const granted = await send({ method: 'PUT', fields: [await bearer(), json], body })
      assert.equal(granted.status, 200, granted.text)
      assert.equal((await send({ method: 'DELETE', fields: [json], body })).status, 401)
    }))

  const fromForm = (wish: Wish) => () =>
    serving({ guard: guard({ form: true }), ...wish }, async ({ send, reached }) => {
      const token = await issuer.issueToken({ sub: 'from the form' })
      const post = (body: string) => send({ method: 'POST', fields: [form], body })
      const granted = await post(`a=1&access_token=${token}`)
      assert.equal(granted.status, 200, granted.text)
      assert.equal(Object(granted.json()).subject, 'from the form')
      assert.equal((await post('a=1')).status, 401)
      assert.equal((await post(`access_token=${token}&access_token=${token}`)).status, 400)
      assert.equal(reached(), 1)
    })

  it('a form that nobody has read yet is read for its token', fromForm({}))
  if (!can('parsedBody')) return
  it('a form that the host has parsed is used', fromForm({ parsedBody: true }))
  it('a form behind a parser of JSON alone is read', fromForm({ parsedJson: true }))
}
