import { describe, expect, test, vi } from 'vitest'
import { ConfigurationError } from '../../errors/configuration.ts'
import { Outage } from '../../errors/outage.ts'
import { forbidden, refuse, type Refusal } from '../../errors/refusal.ts'
import type { HttpRequest } from '../../http/request.ts'
import type { MaybePromise } from '../../lib/maybe-promise.ts'
import { asPrincipal } from '../principal.ts'
import { ask as apply, type Rule } from '../rule.ts'
import { readAccessToken } from '../token.ts'
import { hasClaim } from './claim.ts'
import { allOf, anyOf, not, satisfies } from './combine.ts'
import { hasScope } from './scope.ts'

const request: HttpRequest = {
  method: 'PUT',
  url: 'https://api.test/',
  header: () => undefined,
  form: () => Promise.resolve(new URLSearchParams()),
}

const principal = asPrincipal(
  readAccessToken({ sub: 'u', scope: 'a' }, {}, { issuer: 'https://id.test', expiresAt: 1 }, []),
  'a',
)

const ask = (rule: Rule): MaybePromise<Refusal | undefined> => apply(rule, principal, request)

const pass: Rule = () => undefined
const passLater: Rule = () => Promise.resolve(undefined)
const no: Rule = () => forbidden('no')
const noLater: Rule = () => Promise.resolve(forbidden('no, later'))

const neverAsked = () =>
  vi.fn<Rule>(() => {
    throw new Error('it was asked')
  })

describe('allOf', () => {
  test.each<readonly Rule[]>([[pass], [pass, pass], [passLater, pass], [pass, passLater]])(
    'passes where every rule passes',
    async (...rules) => {
      expect(await ask(allOf(...rules))).toBeUndefined()
    },
  )

  test('answers with the first refusal, and asks no further', async () => {
    const last = neverAsked()
    expect(await ask(allOf(pass, no, last))).toMatchObject({ reason: 'no' })
    expect(await ask(allOf(passLater, noLater, last))).toMatchObject({ reason: 'no, later' })
    expect(last).not.toHaveBeenCalled()
  })
})

describe('anyOf', () => {
  test.each<readonly Rule[]>([[pass], [no, pass], [noLater, pass], [no, passLater], [pass, no]])(
    'passes where one rule passes',
    async (...rules) => {
      expect(await ask(anyOf(...rules))).toBeUndefined()
    },
  )

  test('asks no further once a rule has passed', async () => {
    const last = neverAsked()
    await ask(anyOf(no, pass, last))
    await ask(anyOf(noLater, passLater, last))
    expect(last).not.toHaveBeenCalled()
  })

  test('answers with the first refusal, challenge included, and names the others for the log', async () => {
    expect(await ask(anyOf(hasScope('b'), noLater, no))).toMatchObject({
      code: 'scope_missing',
      reason: 'The route demands b.',
      headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="b"' },
      trail: { check: 'scope', alternatives: ['scope_missing', 'forbidden', 'forbidden'] },
    })
  })

  test('hands on the error of a rule that fails', async () => {
    const error = new RangeError('down')
    await expect(ask(anyOf(noLater, () => Promise.reject(error), pass))).rejects.toBe(error)
  })
})

describe('not', () => {
  test.each([no, noLater])('passes where the rule refuses', async (rule) => {
    expect(await ask(not(rule))).toBeUndefined()
  })

  test.each([pass, passLater])('refuses where the rule passes', async (rule) => {
    expect(await ask(not(rule))).toMatchObject({ code: 'forbidden', status: 403 })
  })

  test('does not take the error of a rule for a refusal', () => {
    const error = new RangeError('down')
    const broken: Rule = () => {
      throw error
    }
    expect(() => ask(not(broken))).toThrow(error)
  })

  test('twice is the rule again', async () => {
    expect(await ask(not(not(hasScope('a'))))).toBeUndefined()
    expect(await ask(not(not(hasScope('b'))))).toMatchObject({ code: 'forbidden' })
  })
})

// A rule may throw its refusal instead of answering it.
const throwing: Rule = () => {
  throw forbidden('thrown')
}
const rejecting: Rule = () => Promise.reject(forbidden('rejected'))

describe.each([
  ['throws', throwing, 'thrown'],
  ['rejects with', rejecting, 'rejected'],
])('a rule that %s its refusal has answered:', (_how, rule, reason) => {
  test('anyOf asks the others', async () => {
    expect(await ask(anyOf(rule, hasScope('a')))).toBeUndefined()
    expect(await ask(anyOf(no, rule, passLater))).toBeUndefined()
    expect(await ask(anyOf(rule, no))).toMatchObject({
      reason,
      trail: { alternatives: ['forbidden', 'forbidden'] },
    })
  })

  test('not passes', async () => {
    expect(await ask(not(rule))).toBeUndefined()
    expect(await ask(not(not(rule)))).toMatchObject({ code: 'forbidden' })
  })

  test('allOf answers with it, and asks no further', async () => {
    const last = neverAsked()
    expect(await ask(allOf(pass, rule, last))).toMatchObject({ reason })
    expect(last).not.toHaveBeenCalled()
  })

  test('also where it is a predicate that does', async () => {
    // The predicate never gets to its answer.
    const predicate = rule as () => never
    expect(await ask(anyOf(satisfies(predicate), hasClaim('sub', predicate), pass))).toBeUndefined()
    expect(await ask(not(satisfies(predicate)))).toBeUndefined()
  })
})

describe.each([
  ['an outage', new Outage('revocation_unknown', 'redis is down')],
  ['an error of the application', new RangeError('down')],
])('%s is no answer, thrown or rejected, and nothing is granted:', (_what, error) => {
  const broken: Rule = () => {
    throw error
  }
  test.each([
    ['anyOf', anyOf(broken, pass)],
    ['anyOf, later', anyOf(noLater, () => Promise.reject(error), pass)],
    ['not', not(broken)],
    ['not, later', not(() => Promise.reject(error))],
    ['allOf', allOf(pass, broken)],
    ['allOf, later', allOf(passLater, () => Promise.reject(error))],
  ])('%s', async (_how, rule) => {
    await expect((async () => ask(rule))()).rejects.toBe(error)
  })
})

test('not grants nobody whose request the rule could not read', async () => {
  const cut = refuse('malformed_credential', 'The body ended before it was complete.')
  for (const rule of [() => cut, () => Promise.reject(cut)]) expect(await ask(not(rule))).toBe(cut)
})

describe('satisfies', () => {
  test('shows the predicate the principal and the request', async () => {
    const predicate = vi.fn(() => true)
    expect(await ask(satisfies(predicate))).toBeUndefined()
    expect(predicate).toHaveBeenCalledWith(principal, request)
  })

  test('waits for the predicate', async () => {
    expect(await ask(satisfies(() => Promise.resolve(true)))).toBeUndefined()
    expect(await ask(satisfies(() => Promise.resolve(false)))).toMatchObject({ code: 'forbidden' })
  })

  test.each([1, 'yes', {}, [], undefined, null, new Error('x')])(
    'takes only true for a yes, and not %j',
    async (answer) => {
      // @ts-expect-error a predicate written in JavaScript may answer anything
      expect(await ask(satisfies(() => answer))).toMatchObject({ code: 'forbidden' })
    },
  )

  test('gives its reason to the log', async () => {
    expect(await ask(satisfies(() => false, 'Office hours only.'))).toMatchObject({
      reason: 'Office hours only.',
    })
    expect(await ask(satisfies(() => false))).toMatchObject({
      reason: 'The predicate of the route did not answer true.',
    })
  })
})

describe('rules within rules', () => {
  test('are held to their contract: a predicate is not a rule', async () => {
    // @ts-expect-error a predicate is not a rule
    const predicate: Rule = () => true
    for (const rule of [anyOf(predicate), allOf(predicate), not(predicate)]) {
      await expect((async () => ask(rule))()).rejects.toThrow('wrap a predicate in satisfies()')
    }
  })

  test('are held to it also when they answer later', async () => {
    // @ts-expect-error a predicate is not a rule
    const predicate: Rule = () => Promise.resolve(true)
    for (const rule of [anyOf(predicate), allOf(predicate), not(predicate)]) {
      await expect((async () => ask(rule))()).rejects.toThrow(TypeError)
    }
  })

  test('combine as they read', async () => {
    const rule = allOf(anyOf(hasScope('x'), hasScope('a')), not(hasScope('b')))
    expect(await ask(rule)).toBeUndefined()
  })
})

describe.each([
  ['allOf', allOf],
  ['anyOf', anyOf],
  ['not', not],
  ['satisfies', satisfies],
])('%s', (name, make) => {
  test('without a function is a mistake that shows at once', () => {
    // @ts-expect-error a scope is not a rule
    expect(() => make('read')).toThrow(
      new ConfigurationError(`${name} takes functions, and at least one`),
    )
    // @ts-expect-error at least one rule is needed
    expect(() => make(undefined)).toThrow(ConfigurationError)
  })
})

test('allOf and anyOf of nothing are mistakes', () => {
  expect(() => allOf()).toThrow(ConfigurationError)
  expect(() => anyOf()).toThrow(ConfigurationError)
})
