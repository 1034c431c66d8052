import { createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, test, vi } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import { Outage } from '../errors/outage.ts'
import { forbidden } from '../errors/refusal.ts'
import type { HttpRequest } from '../http/request.ts'
import { isPromise } from '../lib/maybe-promise.ts'
import { createGuard } from './create.ts'
import type { Rule } from './rule.ts'
import { hasScope } from './rules/scope.ts'
import type { TokenVerifier } from './token.ts'
import type { Verdict } from './verdict.ts'

const issuer = createTokenIssuer({ algorithm: 'EdDSA' })
const good = await issuer.issueToken({ scope: 'read' })

const request = (
  authorization?: string,
  method = 'GET',
  headers: Readonly<Record<string, string>> = {},
): HttpRequest => ({
  method,
  url: 'https://api.test/',
  header: (name) => (name === 'authorization' ? authorization : headers[name]),
  form: () => Promise.resolve(new URLSearchParams()),
})

const codeOf = (verdict: Verdict): string =>
  verdict.granted ? 'granted' : `${verdict.refusal.status} ${verdict.refusal.code}`

const guard = createGuard(issuer.guardOptions)

describe('check', () => {
  test('grants a good token, and says whose it is', async () => {
    expect(await guard.check(request(`Bearer ${good}`))).toMatchObject({
      granted: true,
      principal: { subject: 'user-1', client: 'client-1', via: 'token', token: good },
      headers: [],
    })
  })

  test('answers at once where nothing must be waited for, a refusal as well as a grant', () => {
    expect(isPromise(guard.check(request(`Bearer ${good}`)))).toBe(false)
    expect(isPromise(guard.check(request()))).toBe(false)
  })

  test('answers later where a rule does', async () => {
    const verdict = guard.with(() => Promise.resolve(undefined)).check(request(`Bearer ${good}`))
    expect(isPromise(verdict)).toBe(true)
    expect(codeOf(await verdict)).toBe('granted')
  })

  test('rejects, and never throws, where a part of it breaks', async () => {
    const verifier: TokenVerifier = {
      verify: () => {
        throw new RangeError('a bug')
      },
    }
    const answer = createGuard({ verifier }).check(request('Bearer a'))
    expect(isPromise(answer)).toBe(true)
    await expect(answer).rejects.toThrow(new RangeError('a bug'))
  })

  test.each([
    [
      'at once',
      () => {
        throw new Outage('keys_unreachable', 'down')
      },
    ],
    ['later', () => Promise.reject(new Outage('keys_unreachable', 'down'))],
  ])('rejects with the outage of a verifier that fails %s', async (_, verify) => {
    const answer = createGuard({ verifier: { verify } }).check(request('Bearer a'))
    await expect(answer).rejects.toMatchObject({ code: 'keys_unreachable', status: 503 })
  })

  test.each([
    [
      'at once',
      () => {
        throw forbidden('no')
      },
    ],
    ['later', () => Promise.reject(forbidden('no'))],
  ])('makes a verdict of a refusal that a verifier throws %s', async (_, verify) => {
    const verdict = await createGuard({ verifier: { verify } }).check(request('Bearer a'))
    expect(codeOf(verdict)).toBe('403 forbidden')
  })

  test('knows refusals and outages that another copy of the package made', async () => {
    vi.resetModules()
    const { forbidden: foreign } = await import('../errors/refusal.ts')
    const { Outage: Foreign } = await import('../errors/outage.ts')
    const seen: string[] = []
    const asked = (verify: TokenVerifier['verify']) =>
      createGuard({ verifier: { verify }, observe: ({ type }) => seen.push(type) }).check(
        request('Bearer a'),
      )
    expect(codeOf(await asked(() => Promise.reject(foreign('no'))))).toBe('403 forbidden')
    const outage = new Foreign('keys_unreachable', 'down')
    await expect(asked(() => Promise.reject(outage))).rejects.toBe(outage)
    expect(seen).toEqual(['refused', 'outage'])
  })
})

describe('with', () => {
  test('adds rules, after those that are there, and leaves the first guard alone', async () => {
    const said: string[] = []
    const saying =
      (word: string): Rule =>
      () => {
        said.push(word)
        return undefined
      }
    const first = createGuard({ ...issuer.guardOptions, rules: [saying('guard')] })
    const second = first.with(saying('a'), saying('b')).with(saying('c'))
    await second.check(request(`Bearer ${good}`))
    expect(said.splice(0)).toEqual(['guard', 'a', 'b', 'c'])
    await first.check(request(`Bearer ${good}`))
    expect(said).toEqual(['guard'])
  })

  test('keeps the verifier, so that principals are recognised', () => {
    expect(guard.with(hasScope('read')).optional().verifier).toBe(guard.verifier)
  })

  test('without any rule is the guard itself', () => {
    expect(guard.with()).toBe(guard)
  })

  test('takes functions only, and says so when the route is declared', () => {
    // @ts-expect-error a scope is not a rule
    expect(() => guard.with('read')).toThrow(ConfigurationError)
    // @ts-expect-error a scope is not a rule
    expect(() => guard.with('read')).toThrow(
      "a rule is a function, such as hasScope('a'), not string",
    )
  })
})

describe('optional', () => {
  const optional = guard.optional()

  test('lets a request without a credential pass, without a principal', async () => {
    expect(await optional.check(request())).toEqual({
      granted: true,
      principal: undefined,
      headers: [],
    })
  })

  test('still says who a credential belongs to', async () => {
    expect(await optional.check(request(`Bearer ${good}`))).toMatchObject({
      principal: { subject: 'user-1' },
    })
  })

  test.each([
    ['a bad token', `Bearer ${good.slice(0, -8)}AAAAAAAA`, '401 token_signature_invalid'],
    ['no token at all after the scheme', 'Bearer', '400 malformed_credential'],
    ['a scheme that is not accepted', 'Basic dTpw', '401 scheme_unsupported'],
    ['a repeated field', `Bearer ${good}, Bearer ${good}`, '400 credential_repeated'],
  ])('does not let %s pass', async (_, field, outcome) => {
    expect(codeOf(await optional.check(request(field)))).toBe(outcome)
  })

  test('asks no rule about an anonymous request, and all of them about a token', async () => {
    const strict = optional.with(hasScope('write'))
    expect(codeOf(await strict.check(request()))).toBe('granted')
    expect(codeOf(await strict.check(request(`Bearer ${good}`)))).toBe('403 scope_missing')
  })

  test('leaves the first guard as strict as it was', async () => {
    expect(codeOf(await guard.check(request()))).toBe('401 no_credential')
  })
})

describe('allowPreflight', () => {
  const open = createGuard({ ...issuer.guardOptions, allowPreflight: true })
  const preflight = { origin: 'https://app.test', 'access-control-request-method': 'POST' }

  test('lets a preflight pass, without a principal', async () => {
    expect(await open.check(request(undefined, 'OPTIONS', preflight))).toEqual({
      granted: true,
      principal: undefined,
      headers: [],
    })
  })

  test.each([
    ['a GET with the fields of a preflight', 'GET', preflight],
    ['OPTIONS without an origin', 'OPTIONS', { 'access-control-request-method': 'POST' }],
    ['OPTIONS without the method that is asked for', 'OPTIONS', { origin: 'https://app.test' }],
    ['OPTIONS with an empty origin', 'OPTIONS', { ...preflight, origin: '' }],
  ])('does not let %s pass', async (_, method, headers) => {
    expect(codeOf(await open.check(request(undefined, method, headers)))).toBe('401 no_credential')
  })

  test('does not let a credential pass that nobody has looked at', async () => {
    expect(codeOf(await open.check(request('Bearer not-a-token', 'OPTIONS', preflight)))).toBe(
      '401 token_malformed',
    )
  })

  test('is off unless it is switched on', async () => {
    const verdict = await guard.check(request(undefined, 'OPTIONS', preflight))
    expect(codeOf(verdict)).toBe('401 no_credential')
  })

  test('stays as it is for guards that are derived', async () => {
    const derived = open.with(hasScope('write'))
    expect(codeOf(await derived.check(request(undefined, 'OPTIONS', preflight)))).toBe('granted')
  })
})

describe('prewarm and health', () => {
  const never = () => {
    throw new Error('nobody verifies here')
  }

  test('are those of the verifier', async () => {
    const prewarm = vi.fn(() => Promise.resolve())
    const state = {
      status: 'down',
      keys: 0,
      age: undefined,
      failures: 1,
      lastFailure: undefined,
    } as const
    const sick = { issuer: 'https://b.test', ok: false, ...state }
    const well = { ...sick, issuer: 'https://a.test', ok: true }
    const made = createGuard({ verifier: { verify: never, prewarm, health: () => [well, sick] } })
    await made.prewarm()
    expect(prewarm).toHaveBeenCalledOnce()
    expect(made.health()).toEqual({ ok: false, issuers: [well, sick] })
    expect(createGuard({ verifier: { verify: never, health: () => [well] } }).health().ok).toBe(
      true,
    )
  })

  test('of a verifier that has neither: nothing to do, and nothing to complain about', async () => {
    const bare = createGuard({ verifier: { verify: never } })
    await expect(bare.prewarm()).resolves.toBeUndefined()
    expect(bare.health()).toEqual({ ok: true, issuers: [] })
  })

  test('of static keys: ready at once', async () => {
    await expect(guard.prewarm()).resolves.toBeUndefined()
    expect(guard.health()).toMatchObject({
      ok: true,
      issuers: [{ issuer: issuer.issuer, status: 'fresh', keys: 1 }],
    })
  })
})
