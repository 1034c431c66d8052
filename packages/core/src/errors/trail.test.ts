import { createClock, createTokenIssuer } from '@portcullis/testkit'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createFakeIssuer } from '../../../../test/e2e/support/fake-issuer.ts'
import { request, scenarios } from '../../../../test/support/refused-requests.ts'
import { createGuard } from '../guard/create.ts'
import type { Rule } from '../guard/rule.ts'
import { hasClaim } from '../guard/rules/claim.ts'
import { allOf, anyOf, not, satisfies } from '../guard/rules/combine.ts'
import { hasAnyScope, hasScope } from '../guard/rules/scope.ts'
import { readForm } from '../http/form.ts'
import { createIssuer } from '../issuer/create.ts'
import { forbidden, refuse, type Refusal } from './refusal.ts'

const issuer = createTokenIssuer({ algorithm: 'EdDSA' })
const guard = createGuard(issuer.guardOptions)
const good = await issuer.issueToken({ scope: 'read' })

async function refusalOf(field: string | undefined, ...rules: readonly Rule[]): Promise<Refusal> {
  const verdict = await guard.with(...rules).check(request(field))
  if (verdict.granted) throw new Error('the request was granted')
  return verdict.refusal
}

// Whoever adds a code says here what is known by then: it does not compile without.
type Known = 'the issuer and the key' | 'the issuer' | 'nothing'
const known: Readonly<Record<keyof typeof scenarios, Known>> = {
  no_credential: 'nothing',
  scheme_unsupported: 'nothing',
  malformed_credential: 'nothing',
  credential_repeated: 'nothing',
  token_too_large: 'nothing',
  token_malformed: 'nothing',
  token_header_refused: 'nothing',
  token_issuer_unknown: 'nothing',
  token_encrypted: 'nothing',
  token_decryption_failed: 'nothing',
  token_type_refused: 'the issuer and the key',
  token_unverifiable: 'the issuer and the key',
  token_algorithm_refused: 'the issuer and the key',
  token_audience_refused: 'the issuer and the key',
  token_expired: 'the issuer and the key',
  token_not_yet_valid: 'the issuer and the key',
  token_too_old: 'the issuer and the key',
  token_claim_missing: 'the issuer and the key',
  token_claim_invalid: 'the issuer and the key',
  token_key_unknown: 'the issuer and the key',
  // The header names no key: that is what is wrong.
  token_key_ambiguous: 'the issuer',
  token_signature_invalid: 'the issuer and the key',
  token_revoked: 'the issuer',
  token_unbound: 'the issuer',
  scope_missing: 'the issuer',
  step_up_required: 'the issuer',
  claim_refused: 'the issuer',
  forbidden: 'the issuer',
}

// What forbidden() makes is the application's own; below.
const met = {
  ...scenarios,
  forbidden: () =>
    refusalOf(
      `Bearer ${good}`,
      satisfies(() => false),
    ),
}

describe('the trail of every refusal says which check failed', () => {
  test.each(Object.entries(met))('%s, and what is known by then', async (name, meet) => {
    const { code, trail } = await meet()
    expect(code).toBe(name)
    expect(trail.check).toMatch(/^[a-z_-]+$/)
    // The names of the record are the codes.
    const facts = known[name as keyof typeof known]
    expect([trail.issuer !== undefined, trail.kid !== undefined, trail.alg !== undefined]).toEqual(
      {
        nothing: [false, false, false],
        'the issuer': [true, false, name === 'token_key_ambiguous'],
        'the issuer and the key': [true, true, true],
      }[facts],
    )
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

  test.each([
    ['a form that is too large', 'x'.repeat(65_537)],
    ['a form without an end', new Error('the client went away')],
  ])('of %s', async (_what, sent) => {
    const body = Readable.from(
      (function* () {
        if (sent instanceof Error) throw sent
        yield Buffer.from(sent)
      })(),
    )
    const fields: Readonly<Record<string, string>> = {
      'content-type': 'application/x-www-form-urlencoded',
    }
    const verdict = await createGuard({ ...issuer.guardOptions, form: true }).check({
      method: 'POST',
      url: 'https://api.test/',
      header: (name) => fields[name],
      form: () => readForm(body),
    })
    expect(verdict).toMatchObject({
      refusal: { code: 'malformed_credential', trail: { check: 'body' } },
    })
  })
})

describe('of a token that the issuer may have signed, but not as an access token,', () => {
  const clock = createClock(1_700_000_000_000)
  const remote = createTokenIssuer({ algorithm: 'ES256', now: clock.now })
  const { issuer: url, audience, jwks } = remote.guardOptions
  const { fetch } = createFakeIssuer(url, ...jwks.keys)

  test.each([
    ['the type', {}, { typ: 'logout+jwt' }, { check: 'type', typ: 'logout+jwt' }],
    ['the claims', { nonce: 'n' }, { typ: 'JWT' }, { check: 'type', typ: 'jwt' }],
    ['the claims without a type', { at_hash: 'h' }, { typ: undefined }, { check: 'type' }],
    ['the algorithm', {}, {}, { check: 'algorithm' }],
    [
      'that only Okta may read',
      {},
      { typ: 'application/okta-internal-at+jwt' },
      { check: 'type', typ: 'okta-internal-at+jwt' },
    ],
  ])('%s is told beside issuer, key and age of the keys', async (_what, claims, header, own) => {
    const policy = own.check === 'algorithm' ? { algorithms: ['RS256'] as const } : {}
    const key = createIssuer({ issuer: url, fetch, now: clock.now })
    await key.prewarm()
    clock.advance(7)
    const strict = createGuard({ issuer: key, audience, now: clock.now, ...policy })
    const token = await remote.issueToken(claims, header)
    const verdict = await strict.check(request(`Bearer ${token}`))
    expect(verdict.granted ? 'granted' : verdict.refusal.trail).toEqual({
      issuer: url,
      alg: 'ES256',
      kid: remote.kid,
      keyAge: 7,
      ...own,
    })
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
