import { afterEach, describe, expect, test, vi } from 'vitest'
import { ConfigurationError } from '../../errors/configuration.ts'
import type { Refusal } from '../../errors/refusal.ts'
import type { HttpRequest } from '../../http/request.ts'
import type { MaybePromise } from '../../lib/maybe-promise.ts'
import { asPrincipal } from '../principal.ts'
import { ask as apply, type Rule } from '../rule.ts'
import { readAccessToken } from '../token.ts'
import { hasClaim, type ClaimValue } from './claim.ts'

const request: HttpRequest = {
  method: 'GET',
  url: 'https://api.test/',
  header: () => undefined,
  form: () => Promise.resolve(new URLSearchParams()),
}

const ask = (rule: Rule<unknown>, claims: unknown): MaybePromise<Refusal | undefined> => {
  const facts = { issuer: 'https://id.test', expiresAt: 1 }
  return apply(rule, asPrincipal(readAccessToken({}, claims, facts, []), 'a'), request)
}

const claims = {
  tenant: 'acme',
  level: 3,
  admin: true,
  manager: null,
  groups: ['staff', 'ops', 7],
  empty: [],
  realm_access: { roles: ['reader'], 'a.b': { c: 'deep' } },
  'https://acme.example/roles': ['owner'],
}

describe('hasClaim with a value', () => {
  test.each<readonly [string | readonly string[], ClaimValue]>([
    ['tenant', 'acme'],
    ['level', 3],
    ['admin', true],
    ['manager', null],
    ['groups', 'ops'],
    ['groups', 7],
    ['realm_access.roles', 'reader'],
    [['https://acme.example/roles'], 'owner'],
    [['realm_access', 'a.b', 'c'], 'deep'],
    ['groups.1', 'ops'],
  ])('passes where %j is or contains %j', (path, value) => {
    expect(ask(hasClaim(path, value), claims)).toBeUndefined()
  })

  test.each<readonly [string | readonly string[], ClaimValue]>([
    ['tenant', 'ACME'],
    ['tenant', 'acm'],
    ['tenant', true],
    ['level', '3'],
    ['admin', 'true'],
    ['admin', 1],
    ['manager', false],
    ['absent', null],
    ['groups', 'op'],
    ['groups', 'staff,ops,7'],
    ['empty', ''],
    ['realm_access', 'reader'],
    ['realm_access.roles.deeper', 'reader'],
    ['tenant.length', 4],
    ['https://acme.example/roles', 'owner'],
    ['manager.name', 'x'],
  ])('refuses where %j neither is nor contains %j', (path, value) => {
    expect(ask(hasClaim(path, value), claims)).toMatchObject({
      code: 'claim_refused',
      status: 403,
      headers: {},
      trail: { check: 'claim' },
    })
  })

  test('names the claim in the reason, and never its value', () => {
    const refusal = ask(hasClaim('realm_access.roles', 'boss'), claims)
    expect(refusal).toMatchObject({
      reason: 'The claim realm_access.roles does not satisfy the route.',
    })
    expect(JSON.stringify(refusal)).not.toContain('reader')
  })
})

describe('names of the prototype', () => {
  afterEach(() => {
    Reflect.deleteProperty(Object.prototype, 'tenant')
  })

  test.each([
    ['constructor.name', 'Object'],
    ['__proto__.tenant', 'acme'],
    ['toString.name', 'toString'],
    ['groups.length.constructor.name', 'Number'],
  ])('are not found: %s', (path, value) => {
    expect(ask(hasClaim(path, value), claims)).toMatchObject({ code: 'claim_refused' })
  })

  test.each(['constructor', '__proto__', 'toString'])('give a predicate nothing: %s', (path) => {
    const predicate = vi.fn(() => false)
    void ask(hasClaim(path, predicate), claims)
    expect(predicate).toHaveBeenCalledWith(undefined)
  })

  test('that were polluted grant nothing', () => {
    Reflect.set(Object.prototype, 'tenant', 'acme')
    expect(ask(hasClaim('tenant', 'acme'), {})).toMatchObject({ code: 'claim_refused' })
    expect(ask(hasClaim('realm_access.tenant', 'acme'), claims)).toMatchObject({
      code: 'claim_refused',
    })
  })

  test('that the issuer wrote itself are found', () => {
    const written: unknown = JSON.parse('{"__proto__":{"tenant":"acme"}}')
    expect(ask(hasClaim('__proto__.tenant', 'acme'), written)).toBeUndefined()
  })
})

describe('hasClaim with a predicate', () => {
  test('hands it the claim', () => {
    const predicate = vi.fn((value: unknown) => Number(value) >= 3)
    expect(ask(hasClaim('level', predicate), claims)).toBeUndefined()
    expect(predicate).toHaveBeenCalledWith(3)
    expect(ask(hasClaim('absent', predicate), claims)).toMatchObject({ code: 'claim_refused' })
  })

  test('waits for it', async () => {
    const later = (value: unknown) => Promise.resolve(value === 'acme')
    expect(await ask(hasClaim('tenant', later), claims)).toBeUndefined()
    expect(await ask(hasClaim('level', later), claims)).toMatchObject({ code: 'claim_refused' })
  })

  test.each([1, 'yes', {}, undefined, null])(
    'takes only true for a yes, and not %j',
    async (answer) => {
      // @ts-expect-error a predicate written in JavaScript may answer anything
      const rule = hasClaim('tenant', () => answer)
      expect(await ask(rule, claims)).toMatchObject({ code: 'claim_refused' })
    },
  )

  test('leaves what it throws alone', () => {
    const error = new RangeError('no')
    const rule = hasClaim('tenant', () => {
      throw error
    })
    expect(() => ask(rule, claims)).toThrow(error)
  })
})

describe('hasClaim, asked wrongly,', () => {
  test.each([[''], ['.'], ['a.'], ['.a'], ['a..b'], [[]], [['a', '']]])(
    'refuses the path %j',
    (path) => {
      expect(() => hasClaim(path, 'x')).toThrow(ConfigurationError)
      expect(() => hasClaim(path, 'x')).toThrow('hasClaim needs the path of a claim')
    },
  )

  test.each([[undefined], [['a']], [{ a: 1 }]])('refuses to compare with %j', (expected) => {
    // @ts-expect-error only plain values can be compared
    expect(() => hasClaim('a', expected)).toThrow(ConfigurationError)
  })

  test('refuses what is no path', () => {
    // @ts-expect-error a path is a string, or an array of strings
    expect(() => hasClaim(undefined, 'x')).toThrow(ConfigurationError)
  })

  test('is not moved by changes to the path it was given', () => {
    const path = ['tenant']
    const rule = hasClaim(path, 'acme')
    path[0] = 'level'
    expect(ask(rule, claims)).toBeUndefined()
  })
})
