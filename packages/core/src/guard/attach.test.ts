import { describe, expect, test, vi } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import { demandPrincipal, keepPrincipal, keepPrincipalBeside, keptPrincipal } from './attach.ts'
import { createGuard } from './create.ts'
import { asPrincipal, type Principal } from './principal.ts'
import { readAccessToken, type TokenVerifier } from './token.ts'
import type { Granted } from './verdict.ts'

const access = readAccessToken({ sub: 'u' }, {}, { issuer: 'https://id.test', expiresAt: 1 }, [])
const principal = asPrincipal(access, 'a')
const granted = (who: Principal | undefined): Granted => ({
  granted: true,
  principal: who,
  headers: [],
})
const verifier = (): TokenVerifier => ({ verify: () => access })
const guard = createGuard({ verifier: verifier() })
const other = createGuard({ verifier: verifier() })

describe.each([
  ['on the request', keepPrincipal],
  ['beside it', keepPrincipalBeside],
])('a request behind a guard, the principal kept %s', (_where, keep) => {
  const host = {}
  keep(host, granted(principal), guard)

  test('hands out the principal that was kept', () => {
    expect(keptPrincipal(host)).toBe(principal)
    expect(demandPrincipal(host)).toBe(principal)
  })

  test('hands it out to the guard that is named, and to those derived from it', () => {
    expect(keptPrincipal(host, guard)).toBe(principal)
    expect(demandPrincipal(host, guard.with(() => undefined).optional())).toBe(principal)
  })

  test('does not hand it out as the principal of another guard', () => {
    expect(() => keptPrincipal(host, other)).toThrow(ConfigurationError)
    expect(() => demandPrincipal(host, other)).toThrow(
      'the principal was let in by another guard than the one that is named',
    )
  })

  test('shows nothing of it in a listing of its members', () => {
    expect(Object.keys(host)).toEqual([])
    expect(JSON.stringify(host)).toBe('{}')
  })

  test("is shown as auth where the host's users look for it", () => {
    const [ctx, state] = [{}, { auth: 'of somebody before' }]
    keep(ctx, granted(principal), guard, state)
    expect(state).toEqual({ auth: principal })
    keep(ctx, granted(undefined), guard, state)
    expect(state).toEqual({ auth: undefined })
  })

  test('keeps the principal of the guard that decided last', () => {
    const twice = {}
    keep(twice, granted(undefined), guard)
    keep(twice, granted(principal), other)
    expect(demandPrincipal(twice, other)).toBe(principal)
    expect(() => keptPrincipal(twice, guard)).toThrow(ConfigurationError)
  })

  test('is recognised by another copy of the package', async () => {
    vi.resetModules()
    const copy = await import('./attach.ts')
    expect(copy.demandPrincipal).not.toBe(demandPrincipal)
    expect(copy.demandPrincipal(host)).toBe(principal)
  })
})

test.each([
  ['on the request', 'beside it', keepPrincipal, keepPrincipalBeside],
  ['beside it', 'on the request', keepPrincipalBeside, keepPrincipal],
])('what was kept %s does not hide what was kept %s later', (_first, _last, first, last) => {
  const host = {}
  first(host, granted(undefined), guard)
  last(host, granted(principal), other)
  expect(keptPrincipal(host)).toBe(principal)
  expect(() => keptPrincipal(host, guard)).toThrow(ConfigurationError)
})

test('a request beside which the principal is kept gets no member', () => {
  const host = Object.freeze({})
  keepPrincipalBeside(host, granted(principal), guard)
  expect(Reflect.ownKeys(host)).toEqual([])
  expect(keptPrincipal(host)).toBe(principal)
})

describe('a request that was let in without a credential', () => {
  const host = {}
  keepPrincipal(host, granted(undefined), guard.optional())

  test('has no principal', () => {
    expect(keptPrincipal(host)).toBeUndefined()
    expect(keptPrincipal(host, guard)).toBeUndefined()
  })

  test('cannot serve a route that demands one: a mistake of the application', () => {
    expect(() => demandPrincipal(host)).toThrow(ConfigurationError)
    expect(() => demandPrincipal(host)).toThrow('the request is anonymous')
  })
})

test('a request that no guard has seen: a mistake of the application', () => {
  for (const ask of [keptPrincipal, demandPrincipal]) {
    expect(() => ask({})).toThrow(ConfigurationError)
    expect(() => ask({})).toThrow('no protect() stands in front of this route')
  }
})

test.each([undefined, null, 'a request'])('to ask for the principal of %s is a mistake', (host) => {
  // What arrives from JavaScript.
  expect(() => demandPrincipal(host as unknown as object)).toThrow(ConfigurationError)
  expect(() => keptPrincipal(host as unknown as object)).toThrow(ConfigurationError)
})
