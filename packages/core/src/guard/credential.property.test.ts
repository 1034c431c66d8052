import { createTokenIssuer } from '@portcullis/testkit'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HttpRequest } from '../http/request.ts'
import { createGuard } from './create.ts'
import type { Verdict } from './verdict.ts'

const issuer = createTokenIssuer({ algorithm: 'EdDSA' })
const guard = createGuard(issuer.guardOptions)

const request = (authorization: string): HttpRequest => ({
  method: 'GET',
  url: 'https://api.test/',
  header: (name) => (name === 'authorization' ? authorization : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
})

const refusedOutright = (verdict: Verdict): void => {
  if (verdict.granted) throw new Error('a random header was let in')
  const { refusal } = verdict
  expect([400, 401]).toContain(refusal.status)
  const field = refusal.headers['WWW-Authenticate'] ?? ''
  // RFC 9110 §5.5: nothing that could end the field, or begin another.
  expect(field).toMatch(/^Bearer(?: error="invalid_(?:request|token)")?$/)
}

const anyText = fc.string({ unit: 'binary', maxLength: 300 })
const latin = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)),
})
const scheme = fc.constantFrom('Bearer', 'bearer', 'Basic', 'DPoP', 'Bearer,', ' Bearer', '')
const gap = fc.constantFrom(' ', '  ', '\t', ',', '')
const part = fc.oneof(
  fc.base64String({ maxLength: 60 }),
  fc.json().map((text) => Buffer.from(text).toString('base64url')),
  fc.constantFrom('eyJhbGciOiJub25lIn0', 'e30', ''),
)
const tokenLike = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('.'))

describe('whatever stands in the Authorization field', () => {
  test('any text is refused with 400 or 401 and a clean challenge', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyText, latin), async (field) => {
        refusedOutright(await guard.check(request(field)))
      }),
      { numRuns: 500 },
    )
  })

  test('anything that looks like a scheme and a token is refused with 400 or 401', async () => {
    await fc.assert(
      fc.asyncProperty(scheme, gap, fc.oneof(tokenLike, anyText), async (name, space, token) => {
        refusedOutright(await guard.check(request(`${name}${space}${token}`)))
      }),
      { numRuns: 1000 },
    )
  })

  test('a good token is no longer let in once one character of it is another', async () => {
    const token = await issuer.issueToken()
    expect(await guard.check(request(`Bearer ${token}`))).toMatchObject({ granted: true })
    const position = fc.nat({ max: token.length - 1 })
    await fc.assert(
      fc.asyncProperty(position, fc.string({ minLength: 1, maxLength: 1 }), async (at, letter) => {
        fc.pre(token[at] !== letter)
        const changed = token.slice(0, at) + letter + token.slice(at + 1)
        // White space at the front is not the token's.
        fc.pre(changed.trimStart() === changed)
        refusedOutright(await guard.check(request(`Bearer ${changed}`)))
      }),
      { numRuns: 500 },
    )
  })

  test('a header that is told to expose reasons still writes one harmless field', async () => {
    const open = createGuard({ ...issuer.guardOptions, exposeReason: true })
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyText, latin, tokenLike), async (field) => {
        const verdict = await open.check(request(`Bearer ${field}`))
        if (verdict.granted) throw new Error('a random header was let in')
        expect(verdict.refusal.headers['WWW-Authenticate']).toMatch(/^Bearer[\x20-\x7e]*$/)
      }),
      { numRuns: 500 },
    )
  })
})
