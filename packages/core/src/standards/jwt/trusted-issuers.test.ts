import { describe, expect, test, vi } from 'vitest'
import { createFakeIssuer } from '../../../../../test/e2e/support/fake-issuer.ts'
import {
  audience,
  createClock,
  failure,
  goodClaims,
  neverFetch,
  outageOf,
  refusalOf,
  settle,
  start,
} from '../../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../../test/e2e/support/signing.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { createIssuer } from '../../issuer/create.ts'
import { jwt, type JwtSettings } from './jwt.ts'
import type { TrustedIssuer } from './policy.ts'
import type { IssuerResolver } from './trusted-issuers.ts'

const keys = ['RS256', 'ES256'].map((alg) => createTestKey(alg, 'k'))
const [rsa, ec] = keys as [ReturnType<typeof createTestKey>, ReturnType<typeof createTestKey>]
const tenant = (name: string) => `https://${name}.tenants.test`
const trusted = (issuer: string, more: Partial<TrustedIssuer> = {}): TrustedIssuer => ({
  issuer,
  audience,
  jwks: { keys: [ec.jwk] },
  ...more,
})
const tokenOf = (iss: string, more: object = {}) => ec.token(goodClaims({ iss, ...more }))

describe('several issuers, each with demands of its own', () => {
  const clock = createClock(start * 1000)
  const rule = () => undefined
  const [a, b] = [tenant('a'), tenant('b')]
  const verifier = jwt({
    issuers: [
      trusted(a, {
        audience: 'https://a.api.test',
        algorithms: ['RS256'],
        jwks: { keys: [rsa.jwk] },
      }),
      trusted(b, { audience: ['https://b.api.test'], maxTokenAge: 60, rules: [rule] }),
    ],
    now: clock.now,
    cache: false,
    fetch: neverFetch,
  })

  test('tokens of each are accepted by its own demands', async () => {
    const ofA = rsa.token(goodClaims({ iss: a, aud: 'https://a.api.test' }))
    expect(await verifier.verify(ofA)).toMatchObject({ issuer: a, rules: [] })
    const ofB = ec.token(goodClaims({ iss: b, aud: 'https://b.api.test' }))
    expect(await verifier.verify(ofB)).toMatchObject({ issuer: b, rules: [rule] })
  })

  test.each([
    [
      'the audience',
      rsa.token(goodClaims({ iss: a, aud: 'https://b.api.test' })),
      'audience_refused',
    ],
    [
      'the algorithms',
      ec.token(goodClaims({ iss: a, aud: 'https://a.api.test' })),
      'algorithm_refused',
    ],
    ['the keys', rsa.token(goodClaims({ iss: b, aud: 'https://b.api.test' })), 'key_unknown'],
    [
      'the age',
      ec.token(goodClaims({ iss: b, aud: 'https://b.api.test', iat: start - 90 })),
      'too_old',
    ],
    ['the name', ec.token(goodClaims({ iss: tenant('c') })), 'issuer_unknown'],
  ])('those of the other do not count: %s', async (_what, token, code) => {
    expect((await refusalOf(() => verifier.verify(token))).code).toBe(`token_${code}`)
  })

  test('health and prewarm are about all of them', async () => {
    await verifier.prewarm?.()
    expect(verifier.health?.().map(({ issuer }) => issuer)).toEqual([a, b])
  })

  test('prewarm fails where one of them fails', async () => {
    const down = createFakeIssuer(tenant('down'))
    down.break('all', () => new Response('', { status: 500 }))
    const { jwks: _jwks, ...remote } = trusted(tenant('down'))
    const both = jwt({ issuers: [trusted(a), remote], fetch: down.fetch })
    expect(await outageOf(() => both.prewarm?.())).toMatchObject({ code: 'issuer_unreachable' })
  })
})

function scene(resolve: IssuerResolver, settings: JwtSettings = {}) {
  const clock = createClock(start * 1000)
  const asked = vi.fn(resolve)
  const fetched: string[] = []
  const fetch = (input: unknown) => {
    fetched.push(String(input))
    return Promise.reject(new Error('down'))
  }
  const { verify, health } = jwt({
    issuers: asked,
    now: clock.now,
    cache: false,
    fetch,
    ...settings,
  })
  return { clock, asked, fetched, verify, health: () => health?.() ?? [] }
}

describe('a resolver for tenants', () => {
  test.each([
    ['at once', (iss: string) => trusted(iss)],
    ['later', (iss: string) => Promise.resolve(trusted(iss))],
  ])('that answers %s is asked once for five minutes', async (_when, resolve) => {
    const at = scene(resolve)
    for (let request = 0; request < 10; request++)
      expect(await at.verify(tokenOf(tenant('a')))).toMatchObject({ issuer: tenant('a') })
    at.clock.advance(299)
    await at.verify(tokenOf(tenant('a')))
    expect(at.asked.mock.calls).toEqual([[tenant('a')]])
    at.clock.advance(1)
    await at.verify(tokenOf(tenant('a'), { exp: start + 900 }))
    expect(at.asked).toHaveBeenCalledTimes(2)
  })

  test('is asked before anything is fetched, and nothing is for a stranger', async () => {
    const at = scene(() => undefined)
    const refusal = await refusalOf(() => at.verify(tokenOf('https://evil.test')))
    expect(refusal).toMatchObject({
      code: 'token_issuer_unknown',
      status: 401,
      trail: { check: 'issuer', presented: 'https://evil.test' },
    })
    expect(at.asked).toHaveBeenCalledTimes(1)
    expect(at.fetched).toEqual([])
  })

  test('is not asked about a token without a name, and not about one out of shape', async () => {
    const at = scene((iss) => trusted(iss))
    for (const iss of [undefined, 7, null])
      await refusalOf(() => at.verify(ec.token(goodClaims({ iss }))))
    await refusalOf(() => at.verify('not.a.token'))
    await refusalOf(() => at.verify(ec.token(goodClaims({ iss: 'x' }), { crit: [] })))
    expect(at.asked).not.toHaveBeenCalled()
  })

  test('is asked again about a stranger: tomorrow he may be a tenant', async () => {
    let known = false
    const at = scene((iss) => (known ? trusted(iss) : undefined))
    await refusalOf(() => at.verify(tokenOf(tenant('a'))))
    known = true
    expect(await at.verify(tokenOf(tenant('a')))).toMatchObject({ issuer: tenant('a') })
  })

  test('that waits is asked once for all who wait', async () => {
    let answer = (_options: TrustedIssuer | undefined) => {}
    const at = scene(
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    const all = Array.from({ length: 500 }, async () => at.verify(tokenOf(tenant('a'))))
    await settle()
    answer(trusted(tenant('a')))
    expect(new Set((await Promise.all(all)).map(({ issuer }) => issuer))).toEqual(
      new Set([tenant('a')]),
    )
    expect(at.asked).toHaveBeenCalledTimes(1)
  })

  test.each([
    [
      'throws',
      (): undefined => {
        throw new Error('the database is away')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the database is away'))],
  ])('that %s is an outage with its cause, and is asked again', async (_how, resolve) => {
    const at = scene(resolve)
    for (const time of [1, 2]) {
      const outage = await outageOf(() => at.verify(tokenOf(tenant('a'))))
      expect(outage).toMatchObject({ code: 'resolver_failed', status: 503 })
      expect(outage.message).toContain('the database is away')
      expect(outage.cause).toBeInstanceOf(Error)
      expect(at.asked).toHaveBeenCalledTimes(time)
    }
  })

  test('that lets a tenant go is believed after five minutes', async () => {
    let gone = false
    const at = scene((iss) => (gone ? undefined : trusted(iss)))
    const token = tokenOf(tenant('a'), { exp: start + 900 })
    await at.verify(token)
    gone = true
    expect(await at.verify(token)).toMatchObject({ issuer: tenant('a') })
    at.clock.advance(300)
    expect((await refusalOf(() => at.verify(token))).code).toBe('token_issuer_unknown')
    expect(at.health()).toEqual([])
  })

  test('that changes the demands is believed after five minutes, and the keys stay known', async () => {
    const fake = createFakeIssuer(tenant('a'), ec.jwk)
    const clock = createClock(start * 1000)
    let demands: Partial<TrustedIssuer> = {}
    const { jwks: _jwks, ...remote } = trusted(tenant('a'))
    const verifier = jwt({
      issuers: () => ({ ...remote, keys: { timeout: 3 }, ...demands }),
      now: clock.now,
      cache: false,
      fetch: fake.fetch,
    })
    const token = tokenOf(tenant('a'), { exp: start + 9000 })
    await verifier.verify(token)
    demands = { audience: 'https://other.test' }
    clock.advance(300)
    expect((await refusalOf(() => verifier.verify(token))).code).toBe('token_audience_refused')
    expect(fake.discoveries).toBe(1)
    demands = { keys: { timeout: 4 } }
    clock.advance(300)
    await verifier.verify(token)
    expect(fake.discoveries).toBe(2)
  })

  test('may answer with an issuer that is there already', async () => {
    const issuer = createIssuer({ issuer: tenant('a'), jwks: { keys: [ec.jwk] } })
    const options = { issuer, audience }
    const at = scene(() => options)
    await at.verify(tokenOf(tenant('a')))
    at.clock.advance(300)
    await at.verify(tokenOf(tenant('a'), { exp: start + 900 }))
    expect(at.asked).toHaveBeenCalledTimes(2)
    expect(at.health()).toEqual([issuer.health()])
  })

  test('remembers as many tenants as it is told, no more', async () => {
    const at = scene((iss) => trusted(iss), { maxTenants: 1000 })
    for (let index = 0; index < 1100; index++) await at.verify(tokenOf(tenant(`t${index}`)))
    expect(at.health()).toHaveLength(1000)
    await at.verify(tokenOf(tenant('t1099')))
    expect(at.asked).toHaveBeenCalledTimes(1100)
    await at.verify(tokenOf(tenant('t0')))
    expect(at.asked).toHaveBeenCalledTimes(1101)
  })

  test('that answers with another issuer, or with nonsense, is a bug of the program', async () => {
    const wrong: readonly object[] = [
      trusted(tenant('b')),
      trusted(`${tenant('a')}/`),
      { issuer: tenant('a') },
      { ...trusted(tenant('a')), algorithms: ['HS256'] },
    ]
    for (const answer of wrong) {
      const at = scene(() => answer as TrustedIssuer)
      const error = await failure(() => at.verify(tokenOf(tenant('a'))))
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(at.health()).toEqual([])
    }
  })

  test('knows nobody beforehand: there is nothing to prewarm', async () => {
    const asked = vi.fn(() => undefined)
    const verifier = jwt({ issuers: asked, fetch: neverFetch })
    await verifier.prewarm?.()
    expect(verifier.health?.()).toEqual([])
    expect(asked).not.toHaveBeenCalled()
  })

  test('works without a clock of its own', async () => {
    const verifier = jwt({ issuers: (iss) => trusted(iss), fetch: neverFetch })
    const exp = Math.ceil(Date.now() / 1000) + 60
    const token = tokenOf(tenant('a'), { exp, iat: undefined })
    expect(await verifier.verify(token)).toMatchObject({ issuer: tenant('a') })
  })
})
