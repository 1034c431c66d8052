import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../errors/configuration.ts'
import type { Refusal } from '../../errors/refusal.ts'
import { asPrincipal } from '../../guard/principal.ts'
import { ask as apply } from '../../guard/rule.ts'
import { readAccessToken } from '../../guard/token.ts'
import type { HttpRequest } from '../../http/request.ts'
import type { MaybePromise } from '../../lib/maybe-promise.ts'
import { stepUp, type StepUpOptions } from './step-up.ts'

const now = 1_700_000_000
const request: HttpRequest = {
  method: 'GET',
  url: 'https://api.test/',
  header: () => undefined,
  form: () => Promise.resolve(new URLSearchParams()),
}

const ask = (
  options: StepUpOptions,
  claims: Readonly<Record<string, unknown>>,
): MaybePromise<Refusal | undefined> => {
  const facts = { issuer: 'https://id.test', expiresAt: now + 60 }
  const principal = asPrincipal(readAccessToken(claims, {}, facts, []), 'a')
  return apply(stepUp({ now: () => now * 1000, ...options }), principal, request)
}

describe('the authentication context', () => {
  test.each([
    ['phr', 'phr'],
    [['phr', 'urn:mfa'], 'urn:mfa'],
  ])('%j passes with %j', (acr, has) => {
    expect(ask({ acr }, { acr: has })).toBeUndefined()
  })

  test.each([
    ['phr', undefined],
    ['phr', 'urn:mfa'],
    ['phr', 'phrh'],
    ['phr', ['phr']],
    [['phr', 'urn:mfa'], 'phr urn:mfa'],
  ])('%j does not pass with %j', (acr, has) => {
    expect(ask({ acr }, { acr: has })).toMatchObject({ code: 'step_up_required', status: 401 })
  })

  test('may be worth another one, where the application knows an order', () => {
    const meets = (acr: string | undefined, wanted: readonly string[]) =>
      acr === 'gold' && wanted.includes('silver')
    expect(ask({ acr: 'silver', meets }, { acr: 'gold' })).toBeUndefined()
    expect(ask({ acr: 'gold', meets }, { acr: 'silver' })).toMatchObject({ status: 401 })
  })

  test('is met by `true` only', () => {
    // From JavaScript a comparison may answer with anything.
    const meets = (() => 'no') as unknown as () => boolean
    expect(ask({ acr: 'silver', meets }, { acr: 'gold' })).toMatchObject({ status: 401 })
  })
})

describe('the age', () => {
  test.each([
    [300, 0],
    [300, 300],
    [300, 305],
    [300, -5],
  ])('%i s passes after %i s', (maxAge, age) => {
    expect(ask({ maxAge }, { auth_time: now - age })).toBeUndefined()
  })

  test.each([
    [300, now - 306, {}],
    [300, now - 301, { clockTolerance: 0 }],
    [300, now + 6, {}],
    [300, now * 1000, {}],
    [300, undefined, {}],
    [300, String(now), {}],
  ])('%i s does not pass with the auth_time %j', (maxAge, authTime, more) => {
    expect(ask({ maxAge, ...more }, { auth_time: authTime })).toMatchObject({
      code: 'step_up_required',
      trail: { check: 'step-up', issuer: 'https://id.test' },
    })
  })

  test('is that of the authentication and not of the token', () => {
    expect(ask({ maxAge: 300 }, { iat: now, auth_time: now - 3600 })).toMatchObject({ status: 401 })
  })
})

// RFC 9470 §3.
describe('the challenge', () => {
  const field = async (options: StepUpOptions): Promise<string | undefined> =>
    (await ask(options, {}))?.headers['WWW-Authenticate']

  test('names what would do', async () => {
    expect(await field({ acr: ['phr', 'urn:mfa'], maxAge: 300 })).toBe(
      'Bearer error="insufficient_user_authentication", acr_values="phr urn:mfa", max_age="300"',
    )
  })

  test('names nothing that is not demanded', async () => {
    expect(await field({ acr: 'phr' })).not.toContain('max_age')
    expect(await field({ maxAge: 300 })).not.toContain('acr_values')
  })

  test('demands both where both are asked for', () => {
    const both = { acr: 'phr', maxAge: 300 }
    expect(ask(both, { acr: 'phr' })).toMatchObject({ status: 401 })
    expect(ask(both, { auth_time: now })).toMatchObject({ status: 401 })
    expect(ask(both, { acr: 'phr', auth_time: now })).toBeUndefined()
  })
})

test.each([
  {},
  { acr: [] },
  { acr: '' },
  { acr: 'two words' },
  { acr: 'a"b' },
  { maxAge: 0 },
  { maxAge: 1.5 },
  { acrValues: 'phr' },
  undefined,
])('%j is a mistake', (options) => {
  // From JavaScript anything may come.
  expect(() => stepUp(options as StepUpOptions)).toThrow(ConfigurationError)
})
