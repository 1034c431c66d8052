import { expect, test } from 'vitest'
import { createGuard, principal, protect } from '@portcullis/fetch'
import { createTokenIssuer } from '@portcullis/testkit'

const issuer = createTokenIssuer({ algorithm: 'EdDSA' })
const token = await issuer.issueToken({ sub: 'alice' })

test('what a host passes besides the request reaches the handler', async () => {
  const guarded = protect(createGuard(issuer.guardOptions))(
    (request, env: { readonly region: string }, id: number) =>
      Response.json({ of: principal(request).subject, region: env.region, id }),
  )
  const headers = { authorization: `Bearer ${token}` }
  const answer = await guarded(new Request('https://api.test/', { headers }), { region: 'eu' }, 7)
  expect(await answer.json()).toEqual({ of: 'alice', region: 'eu', id: 7 })
})

test('a form that was read for its token can still be read by the handler', async () => {
  const guard = createGuard({ ...issuer.guardOptions, form: true })
  const guarded = protect(guard)(async (request) => {
    const form = new URLSearchParams(await request.text())
    return Response.json({ of: principal(request).subject, note: form.get('note') })
  })
  const body = new URLSearchParams({ access_token: token, note: 'kept' })
  const answer = await guarded(new Request('https://api.test/', { method: 'POST', body }))
  expect(await answer.json()).toEqual({ of: 'alice', note: 'kept' })
})

test('a body that was read before the guard holds no token any more', async () => {
  const guard = createGuard({ ...issuer.guardOptions, form: true })
  const guarded = protect(guard)((request) => Response.json({ of: principal(request).subject }))
  const body = new URLSearchParams({ access_token: token })
  const request = new Request('https://api.test/', { method: 'POST', body })
  await request.text()
  expect((await guarded(request)).status).toBe(401)
})

test('a form that is too large is refused, and nobody waits for the rest of it', async () => {
  const guard = createGuard({ ...issuer.guardOptions, form: true })
  const guarded = protect(guard)(() => Response.json({}))
  const body = new URLSearchParams({ access_token: token, note: 'x'.repeat(70_000) })
  const answer = await guarded(new Request('https://api.test/', { method: 'POST', body }))
  expect(answer.status).toBe(400)
})
