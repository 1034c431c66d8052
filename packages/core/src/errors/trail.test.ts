import { createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, test } from 'vitest'
import { createGuard } from '../guard/create.ts'
import type { Rule } from '../guard/rule.ts'
import { hasClaim } from '../guard/rules/claim.ts'
import { allOf, anyOf, not, satisfies } from '../guard/rules/combine.ts'
import { hasAnyScope, hasScope } from '../guard/rules/scope.ts'
import { forbidden, refuse, type Refusal } from './refusal.ts'

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

describe('a refusal of the application', () => {
  test.each<[how: string, given: Refusal]>([
    ['with a trail of its own', refuse('claim_refused', 'of acme', { trail: { check: 'tenant' } })],
    ['without a trail', refuse('claim_refused', 'of acme')],
    ['as forbidden() makes it', forbidden('of acme')],
  ])('stays what the application made it, %s', async (_how, given) => {
    for (const rule of [() => given, () => Promise.resolve(given)]) {
      const { code, reason, trail } = await refusalOf(`Bearer ${good}`, rule)
      expect({ code, reason, trail }).toEqual({
        code: given.code,
        reason: 'of acme',
        trail: given.trail,
      })
    }
  })

  test.each<[check: string, rule: Rule]>([
    ['scope', hasScope('write')],
    ['scope', hasAnyScope('write', 'admin')],
    ['claim', hasClaim('tenant', 'acme')],
    ['claim', hasClaim('tenant', () => Promise.resolve(false))],
    ['rule', satisfies(() => Promise.resolve(false))],
    ['rule', not(hasScope('read'))],
    ['scope', allOf(hasScope('read'), hasScope('write'))],
    ['scope', anyOf(hasScope('write'), hasScope('admin'))],
  ])('of a rule of ours says %s, and the issuer', async (check, rule) => {
    const { trail } = await refusalOf(`Bearer ${good}`, rule)
    expect(trail).toMatchObject({ check, issuer: issuer.guardOptions.issuer })
  })
})
