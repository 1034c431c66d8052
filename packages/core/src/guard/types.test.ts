import { createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { forbidden } from '../errors/refusal.ts'
import type { HttpRequest } from '../http/request.ts'
import type { Schema } from '../lib/standard-schema.ts'
import { memoryRevocations } from '../session/memory-revocations.ts'
import { revokedBy } from '../session/revoked-by.ts'
import { stepUp } from '../standards/step-up/step-up.ts'
import { demandPrincipal, keepPrincipal, keptPrincipal } from './attach.ts'
import { createGuard, type GuardOptions } from './create.ts'
import type { Guard } from './guard.ts'
import type { GuardEvent } from './observe.ts'
import type { Principal } from './principal.ts'
import type { Rule } from './rule.ts'
import { hasClaim } from './rules/claim.ts'
import { allOf, anyOf, not, satisfies } from './rules/combine.ts'
import { hasAnyScope, hasScope } from './rules/scope.ts'
import type { Claims } from '../lib/claims.ts'
import type { TokenVerifier } from './token.ts'
import type { Verdict } from './verdict.ts'

interface Tenant {
  readonly tenant: string
}

const tenantSchema: Schema<Tenant> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const tenant: unknown = Object(value)['tenant']
      return typeof tenant === 'string'
        ? { value: { tenant: tenant.toUpperCase() } }
        : { issues: [{ message: 'must be a text', path: ['tenant'] }] }
    },
  },
}

const source = createTokenIssuer({ algorithm: 'EdDSA' })
const typed = createGuard({ ...source.guardOptions, claims: tenantSchema })

const bearing = (token: string): HttpRequest => ({
  method: 'GET',
  url: 'https://api.test/',
  header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
})

describe('the options of a guard', () => {
  const one = { issuer: 'https://id.test', audience: 'https://api.test' }

  test('name the issuer in one way only', () => {
    // @ts-expect-error issuer and issuers exclude each other
    expect(() => createGuard({ ...one, issuers: [one] })).toThrow(TypeError)
    // @ts-expect-error a verifier of your own brings its own issuers
    expect(() => createGuard({ ...one, verifier: typed.verifier })).toThrow(TypeError)
    // @ts-expect-error without an audience, tokens for any other API would pass
    expect(() => createGuard({ issuer: one.issuer })).toThrow(TypeError)
    // @ts-expect-error the audience belongs to each of the issuers
    expect(() => createGuard({ audience: one.audience, issuers: [one] })).toThrow(TypeError)
    // @ts-expect-error somebody must be trusted
    expect(() => createGuard({})).toThrow(TypeError)
  })

  test('know no symmetric algorithm, and no misspelt name', () => {
    // @ts-expect-error HS256 cannot be enabled
    expect(() => createGuard({ ...one, algorithms: ['HS256'] })).toThrow(TypeError)
    // @ts-expect-error audiance is no option
    expect(() => createGuard({ ...one, audiance: 'x' })).toThrow(TypeError)
  })

  test('may be a union that is decided late', () => {
    expectTypeOf(createGuard<Claims>)
      .parameter(0)
      .toEqualTypeOf<GuardOptions>()
  })
})

describe('a claims schema', () => {
  test('types the claims of the guard, of its verdicts and of its rules', () => {
    expectTypeOf(typed).toEqualTypeOf<Guard<Tenant>>()
    typed.with((principal) => {
      expectTypeOf(principal).toEqualTypeOf<Principal<Tenant>>()
      return undefined
    })
    expectTypeOf<Extract<Verdict<Tenant>, { granted: true }>['principal']>().toEqualTypeOf<
      Principal<Tenant> | undefined
    >()
    const rules = [
      satisfies<Tenant>(({ claims }) => claims.tenant === 'ACME'),
      hasScope('a'),
      hasClaim('tenant', 'ACME'),
    ]
    expectTypeOf(typed.with(...rules)).toEqualTypeOf<Guard<Tenant>>()
    // @ts-expect-error the schema knows no such claim
    satisfies<Tenant>(({ claims }) => claims.other === 1)
  })

  test('types what stands beside a rule that reads no claims, however deep', () => {
    typed.with(
      hasScope('a'),
      allOf(
        hasScope('a'),
        satisfies(({ claims }) => {
          expectTypeOf(claims).toEqualTypeOf<Tenant>()
          return true
        }),
        anyOf(
          hasAnyScope('a', 'b'),
          hasClaim('tenant', 'ACME'),
          allOf(
            stepUp({ maxAge: 60 }),
            not(satisfies(({ claims }) => claims.tenant === 'ACME')),
            ({ claims }) => (claims.tenant === 'ACME' ? undefined : forbidden()),
          ),
        ),
      ),
    )
    const anywhere = anyOf(hasScope('a'), hasClaim('b', 1))
    expectTypeOf(typed.with(not(anywhere))).toEqualTypeOf<Guard<Tenant>>()
  })

  test('gives the route what it made of the claims, typed by the guard that is named', async () => {
    const verdict = await typed.check(bearing(await source.issueToken({ tenant: 'acme' })))
    if (!verdict.granted) throw verdict.refusal
    const host = {}
    keepPrincipal(host, verdict, typed)
    const { claims } = demandPrincipal(host, typed)
    expectTypeOf(claims).toEqualTypeOf<Tenant>()
    expect(claims).toEqual({ tenant: 'ACME' })
    expectTypeOf(keptPrincipal(host)).toEqualTypeOf<Principal | undefined>()
  })

  test('refuses a token whose claims it does not accept', async () => {
    expect(await typed.check(bearing(await source.issueToken({ tenant: 7 })))).toMatchObject({
      refusal: {
        code: 'token_claim_invalid',
        reason: 'The claims do not fit the schema (tenant: must be a text).',
      },
    })
  })
})

describe('the claims of a guard', () => {
  const one = source.guardOptions

  test('are not made unknown by rules and hooks that read none', () => {
    const revoked = revokedBy(memoryRevocations())
    const observe = (event: GuardEvent<unknown>): void => expect(event).toBeDefined()
    expectTypeOf(createGuard({ ...one, rules: [hasScope('a')] })).toEqualTypeOf<Guard>()
    expectTypeOf(createGuard({ ...one, revoked })).toEqualTypeOf<Guard>()
    expectTypeOf(createGuard({ ...one, observe })).toEqualTypeOf<Guard>()
    expectTypeOf(
      createGuard({ issuers: [{ ...one, rules: [anyOf(hasScope('a'), hasScope('b'))] }] }),
    ).toEqualTypeOf<Guard>()
    expectTypeOf(
      createGuard({ ...one, claims: tenantSchema, rules: [hasScope('a')], revoked, observe }),
    ).toEqualTypeOf<Guard<Tenant>>()
  })

  test('are not what a rule or a hook takes them for, where nothing has checked them', () => {
    const rule: Rule<Tenant> = ({ claims }) => (claims.tenant === 'ACME' ? undefined : forbidden())
    // @ts-expect-error no schema makes a tenant of the claims
    createGuard({ ...one, rules: [rule] })
    // @ts-expect-error nor for a hook
    createGuard({ ...one, revoked: ({ claims }: Principal<Tenant>) => claims.tenant === 'ACME' })
    expectTypeOf(createGuard({ ...one, claims: tenantSchema, rules: [rule] })).toEqualTypeOf<
      Guard<Tenant>
    >()
  })
})

describe('a verdict', () => {
  test('hides the principal until it is known to be granted', async () => {
    const verdict = await typed.check(bearing('x'))
    // @ts-expect-error a refused verdict has no principal
    expect(verdict.principal).toBeUndefined()
    if (verdict.granted) throw new Error('it was granted')
    expectTypeOf(verdict).not.toHaveProperty('principal')
  })
})

describe('a principal', () => {
  test('cannot be written to', () => {
    const write = (principal: Principal) => {
      // @ts-expect-error everything about it is readonly
      principal.subject = 'root'
      // @ts-expect-error lists as well
      principal.scopes.push('admin')
      // @ts-expect-error claims as well
      principal.claims['admin'] = true
    }
    expectTypeOf(write).toBeFunction()
  })
})

describe('rules', () => {
  test('of a plain guard need no type arguments', () => {
    expectTypeOf(anyOf(hasScope('a'), hasClaim('b', 1))).toEqualTypeOf<Rule<unknown>>()
    const combined: Rule = allOf(
      not(hasScope('a')),
      satisfies(({ subject }) => subject === 'u'),
    )
    expectTypeOf(combined).toBeFunction()
  })

  test('that answer a boolean do not compile', () => {
    // @ts-expect-error a predicate is not a rule
    const rule: Rule = ({ subject }) => subject === 'u'
    // @ts-expect-error not later either
    const later: Rule = async ({ subject }) => subject === 'u'
    expectTypeOf(rule).toEqualTypeOf(later)
  })

  test('may throw what they have to say, and answer nothing', () => {
    const rule: Rule = ({ subject }) => {
      if (subject !== 'u') throw forbidden()
    }
    const later: Rule = async ({ subject }) => {
      if (subject !== 'u') throw forbidden()
    }
    expectTypeOf(rule).toEqualTypeOf(later)
  })
})

test('the verifier of a guard can stand in another guard, claims type included', () => {
  expectTypeOf(typed.verifier).toEqualTypeOf<TokenVerifier<Tenant>>()
  expectTypeOf(createGuard({ verifier: typed.verifier })).toEqualTypeOf<Guard<Tenant>>()
})
