import { createClock, createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, test } from 'vitest'
import { Refusal } from '../errors/refusal.ts'
import type { HttpRequest } from '../http/request.ts'
import type { GenuineToken, SenderConstraint } from './constraint.ts'
import { createGuard, type GuardSettings } from './create.ts'
import type { Credential } from './credential.ts'
import type { Verdict } from './verdict.ts'

const clock = createClock(1_700_000_000_000)
const issuer = createTokenIssuer({ algorithm: 'ES256', now: clock.now })

const request = (headers: Readonly<Record<string, string>>): HttpRequest => ({
  method: 'GET',
  url: 'https://api.test/',
  header: (name) => headers[name],
  form: () => Promise.resolve(new URLSearchParams()),
})

const check = async (
  cnf: unknown,
  settings: GuardSettings = {},
  headers: Readonly<Record<string, string>> = {},
  scheme = 'Bearer',
): Promise<Verdict> => {
  const token = await issuer.issueToken(cnf === undefined ? {} : { cnf })
  const guard = createGuard({ ...issuer.guardOptions, ...settings })
  return guard.check(request({ authorization: `${scheme} ${token}`, ...headers }))
}

const refusalOf = (verdict: Verdict): Refusal => {
  if (verdict.granted) throw new Error('it was granted')
  return verdict.refusal
}

// Proves that the request names the thumbprint that the token is bound to, in a field of its own.
const byField = (over: Partial<SenderConstraint> = {}): SenderConstraint => ({
  confirmation: 'x-print',
  prove: (asked, { confirmation }) => {
    if (asked.header('x-print') === confirmation?.['x-print']) return undefined
    throw new Refusal('token_unbound', 'The field x-print names another thumbprint.')
  },
  ...over,
})

describe('a token with a cnf that no enabled constraint proves', () => {
  test.each([
    ['where no constraint is enabled', { jkt: 'abc' }, []],
    ['where the enabled ones prove something else', { jkt: 'abc' }, [byField()]],
    ['where it is empty', {}, [byField()]],
    [
      'where only its prototype names what is proven',
      { jkt: 'abc' },
      [byField({ confirmation: 'toString' })],
    ],
  ])('is refused %s', async (_, cnf, constraints) => {
    const refusal = refusalOf(await check(cnf, { constraints }))
    expect(refusal).toMatchObject({ code: 'token_unbound', status: 401 })
    expect(refusal.headers['WWW-Authenticate']).toBe('Bearer error="invalid_token"')
    expect(refusal.trail.check).toBe('constraint')
  })

  test('is refused with a reason that names the members', async () => {
    expect(refusalOf(await check({ jkt: 'abc', 'x5t#S256': 'd' })).reason).toContain(
      "'jkt', 'x5t#S256'",
    )
    expect(refusalOf(await check({})).reason).toContain('an empty cnf')
  })

  test('is refused by an optional guard too', async () => {
    const token = await issuer.issueToken({ cnf: { jkt: 'abc' } })
    const guard = createGuard(issuer.guardOptions).optional()
    const verdict = await guard.check(request({ authorization: `Bearer ${token}` }))
    expect(refusalOf(verdict).code).toBe('token_unbound')
  })
})

describe('a constraint', () => {
  const constraints = [byField()]

  test('lets the owner of a bound token pass', async () => {
    const verdict = await check({ 'x-print': 'p1' }, { constraints }, { 'x-print': 'p1' })
    expect(verdict).toMatchObject({ granted: true, headers: [] })
  })

  test('refuses anybody else', async () => {
    const verdict = await check({ 'x-print': 'p1' }, { constraints }, { 'x-print': 'p2' })
    expect(refusalOf(verdict).reason).toBe('The field x-print names another thumbprint.')
  })

  test('that proves one member makes further unknown members fine', async () => {
    const cnf = { 'x-print': 'p1', osc: 'whatever' }
    expect(await check(cnf, { constraints }, { 'x-print': 'p1' })).toMatchObject({ granted: true })
  })

  test('does not concern a token that is not bound', async () => {
    const never = byField({
      prove: () => {
        throw new Error('it was asked')
      },
    })
    expect(await check(undefined, { constraints: [never] })).toMatchObject({ granted: true })
  })

  test('is asked again for a token that is remembered', async () => {
    const token = await issuer.issueToken({ cnf: { 'x-print': 'p1' } })
    const guard = createGuard({ ...issuer.guardOptions, constraints })
    const authorization = `Bearer ${token}`
    const first = await guard.check(request({ authorization, 'x-print': 'p1' }))
    const second = await guard.check(request({ authorization }))
    const third = await guard.check(request({ authorization, 'x-print': 'p1' }))
    expect([first.granted, second.granted, third.granted]).toEqual([true, false, true])
  })

  test('is shown the token and the credential, and no raw text that it did not get', async () => {
    const shown: { token: GenuineToken; credential: Credential }[] = []
    const watching = byField({
      prove: (_, token, credential) => {
        shown.push({ token, credential })
        return undefined
      },
    })
    await check({ 'x-print': 'p1' }, { constraints: [watching] })
    expect(shown).toMatchObject([
      {
        token: { issuer: issuer.issuer, subject: 'user-1', confirmation: { 'x-print': 'p1' } },
        credential: { scheme: 'bearer' },
      },
    ])
  })

  test('must be proven together with every other one that the token names', async () => {
    const other = byField({
      confirmation: 'y-print',
      prove: (asked) => {
        if (asked.header('y-print') === 'y') return undefined
        throw new Refusal('token_unbound', 'y is missing')
      },
    })
    const both = { 'x-print': 'x', 'y-print': 'y' }
    const settings = { constraints: [byField(), other] }
    expect(await check(both, settings, both)).toMatchObject({ granted: true })
    expect(refusalOf(await check(both, settings, { 'x-print': 'x' })).reason).toBe('y is missing')
  })

  test('may answer later, and refuse later', async () => {
    const slow = byField({
      prove: async (asked, token, credential) => {
        await Promise.resolve()
        return byField().prove(asked, token, credential)
      },
    })
    const settings = { constraints: [slow] }
    const cnf = { 'x-print': 'p1' }
    expect(await check(cnf, settings, { 'x-print': 'p1' })).toMatchObject({ granted: true })
    expect(refusalOf(await check(cnf, settings)).code).toBe('token_unbound')
  })

  test('that breaks is a bug, and no refusal', async () => {
    const broken = byField({
      prove: () => {
        throw new RangeError('broken')
      },
    })
    await expect(check({ 'x-print': 'p1' }, { constraints: [broken] })).rejects.toThrow(RangeError)
  })
})

describe('the fields that constraints return', () => {
  const nonce = byField({ prove: () => [['X-Nonce', '1']] })
  const later = byField({
    confirmation: 'y-print',
    prove: () => Promise.resolve([['X-Nonce', '2'] as const]),
  })

  test('travel in the verdict, in the order of the constraints', async () => {
    const cnf = { 'y-print': 'y', 'x-print': 'x' }
    expect(await check(cnf, { constraints: [nonce, later] })).toMatchObject({
      granted: true,
      headers: [
        ['X-Nonce', '1'],
        ['X-Nonce', '2'],
      ],
    })
  })
})

describe('a constraint with a scheme of its own', () => {
  const proof = byField({
    confirmation: 'jkt',
    scheme: 'Proof',
    challenge: { algs: 'ES256 EdDSA' },
    prove: (_, { confirmation }) => {
      if (confirmation?.['jkt'] === 'k') return [['Proof-Nonce', 'n']]
      throw new Refusal('token_unbound', 'The token is not bound to the key of the proof.')
    },
  })
  const settings = { constraints: [proof], realm: 'api' }

  test('accepts its scheme, and its fields travel with the answer', async () => {
    expect(await check({ jkt: 'k' }, settings, {}, 'PROOF')).toMatchObject({
      granted: true,
      headers: [['Proof-Nonce', 'n']],
    })
  })

  test('is asked about an unbound token under its scheme, instead of letting it pass', async () => {
    expect(refusalOf(await check(undefined, settings, {}, 'Proof')).reason).toBe(
      'The token is not bound to the key of the proof.',
    )
  })

  test('is asked about a bound token that comes as Bearer', async () => {
    expect(refusalOf(await check({ jkt: 'other' }, settings)).code).toBe('token_unbound')
  })

  test('adds its challenge beside that of Bearer', async () => {
    const guard = createGuard({ ...issuer.guardOptions, ...settings })
    expect(refusalOf(await guard.check(request({}))).headers['WWW-Authenticate']).toBe(
      'Bearer realm="api", Proof realm="api", algs="ES256 EdDSA"',
    )
  })

  test('adds a bare challenge where it has no parameters', async () => {
    const bare = byField({ scheme: 'Bare' })
    const guard = createGuard({ ...issuer.guardOptions, constraints: [bare] })
    expect(refusalOf(await guard.check(request({}))).headers['WWW-Authenticate']).toBe(
      'Bearer, Bare',
    )
  })
})
