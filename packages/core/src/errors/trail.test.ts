import { createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, test } from 'vitest'
import { createGuard } from '../guard/create.ts'
import type { Rule } from '../guard/rule.ts'
import { hasClaim } from '../guard/rules/claim.ts'
import { not, satisfies } from '../guard/rules/combine.ts'
import { hasScope } from '../guard/rules/scope.ts'
import type { Refusal } from './refusal.ts'

const issuer = createTokenIssuer({ algorithm: 'EdDSA' })
const guard = createGuard(issuer.guardOptions)
const good = await issuer.issueToken({ scope: 'read' })

async function refusalOf(field: string | undefined, ...rules: readonly Rule[]): Promise<Refusal> {
  const verdict = await guard.with(...rules).check({
    method: 'GET',
    url: 'https://api.test/',
    header: (name) => (name === 'authorization' ? field : undefined),
    form: () => Promise.resolve(new URLSearchParams()),
  })
  if (verdict.granted) throw new Error('the request was granted')
  return verdict.refusal
}

describe('the trail of every refusal says which check failed', () => {
  test.each([
    ['no_credential', undefined],
    ['scheme_unsupported', 'Basic dTpw'],
    ['malformed_credential', 'Bearer'],
    ['credential_repeated', 'Bearer a, Bearer b'],
    ['token_too_large', `Bearer ${'a'.repeat(16_385)}`],
    ['token_encrypted', 'Bearer a.b.c.d.e'],
    ['token_malformed', 'Bearer a.b'],
  ])('before anything is known of a token: %s', async (code, field) => {
    const { code: met, trail } = await refusalOf(field)
    expect(met).toBe(code)
    expect(trail.check).toMatch(/^[a-z-]+$/)
  })

  test.each<[name: string, rule: Rule]>([
    ['hasScope', hasScope('write')],
    ['hasClaim', hasClaim('tenant', 'acme')],
    ['satisfies', satisfies(() => false)],
    ['not', not(hasScope('read'))],
  ])('of a genuine token, with the issuer that vouched for it: %s', async (_name, rule) => {
    const { trail } = await refusalOf(`Bearer ${good}`, rule)
    expect(trail.check).toMatch(/^[a-z-]+$/)
    expect(trail.issuer).toBe(issuer.guardOptions.issuer)
  })

  test('of a bound token that nobody proves, too', async () => {
    const bound = await issuer.issueToken({ cnf: { jkt: 'thumbprint' } })
    const { code, trail } = await refusalOf(`Bearer ${bound}`)
    expect(code).toBe('token_unbound')
    expect(trail).toMatchObject({ check: 'constraint', issuer: issuer.guardOptions.issuer })
  })
})
