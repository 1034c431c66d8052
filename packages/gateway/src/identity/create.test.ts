import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { createCallers, request, routeTo, start } from '../../../../test/support/gateway-caller.ts'
import { codeOf, failure } from '../../../../test/e2e/support/scene.ts'
import type { IdentityConfig } from '../config/config.ts'
import { createIdentity } from './create.ts'
import { createSigningKeys } from './signing-keys.ts'

const gateway = 'http://gw.test:9100'
const orders = routeTo('https://orders.internal')
const token = { issuer: gateway }

const scene = (config: IdentityConfig | undefined = { token }) => {
  const callers = createCallers()
  const signingKeys = createSigningKeys({
    algorithm: config.token?.algorithm,
    now: callers.clock.now,
  })
  return {
    ...callers,
    signingKeys,
    identity: createIdentity(config, { signingKeys, now: callers.clock.now }),
  }
}

const bearerOf = (fields: readonly (readonly [string, string])[]): string => {
  const [[name, value] = ['', '']] = fields
  expect(name).toBe('Authorization')
  expect(value).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/)
  return value.slice('Bearer '.length)
}

describe('the internal token', () => {
  test('is a JWT access token of the gateway, for the upstream of the route', async () => {
    const { identity, caller, issuer } = scene()
    const jwt = bearerOf(identity.fields(await caller({ scope: 'a b' }), orders))
    expect(decodeProtectedHeader(jwt)).toEqual({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: expect.any(String),
    })
    expect(decodeJwt(jwt)).toEqual({
      iss: gateway,
      aud: 'https://orders.internal',
      iat: start,
      exp: start + 60,
      jti: expect.stringMatching(/^[\da-f-]{36}$/),
      sub: 'user-1',
      client_id: 'client-1',
      subject_issuer: issuer.issuer,
      scope: 'a b',
    })
  })

  test.each(['ES256', 'EdDSA'] as const)(
    'is signed with %s by a published key',
    async (algorithm) => {
      const { identity, caller, signingKeys, clock } = scene({ token: { ...token, algorithm } })
      const jwt = bearerOf(identity.fields(await caller(), orders))
      const [jwk] = signingKeys.published().keys
      const key = await importJWK({ ...jwk }, algorithm)
      const options = {
        audience: 'https://orders.internal',
        typ: 'at+jwt',
        currentDate: new Date(clock.now()),
      }
      await expect(jwtVerify(jwt, key, options)).resolves.toBeDefined()
    },
  )

  test('names the client as its subject where there is no user', async () => {
    const { identity, caller } = scene()
    const jwt = bearerOf(identity.fields(await caller({ sub: undefined }), orders))
    expect(decodeJwt(jwt)).toMatchObject({ sub: 'client-1', client_id: 'client-1' })
  })

  test('is refused to whoever is neither user nor client', async () => {
    const { identity, caller } = scene()
    const nobody = await caller({ sub: undefined, client_id: undefined })
    expect(await codeOf(() => identity.fields(nobody, orders))).toBe('claim_refused')
  })

  test('hands on the configured claims that the client has itself, and no others', async () => {
    const claims = [
      'tenant',
      'groups',
      'sub',
      'toString',
      'constructor',
      'https://acme.example/x.y',
    ]
    const { identity, caller } = scene({ token: { ...token, claims } })
    const said = {
      tenant: 't',
      groups: ['a', 'é"'],
      email: 'a@b',
      'https://acme.example/x.y': { z: 1 },
    }
    const payload = decodeJwt(bearerOf(identity.fields(await caller(said), orders)))
    expect(payload).toMatchObject({
      tenant: 't',
      groups: ['a', 'é"'],
      'https://acme.example/x.y': { z: 1 },
    })
    for (const name of ['email', 'toString', 'constructor', 'act', 'cnf'])
      expect(Object.hasOwn(payload, name)).toBe(false)
  })

  test('never makes two scopes of one', async () => {
    const { identity, caller } = scene()
    const sly = await caller({ scope: undefined, scp: ['read admin'] })
    expect(await codeOf(() => identity.fields(sly, orders))).toBe('claim_refused')
  })

  test('is not made where it would be too long for a field', async () => {
    const { identity, caller } = scene({ token: { ...token, claims: ['groups'] } })
    const important = await caller({ groups: ['g'.repeat(7000)] })
    expect(await codeOf(() => identity.fields(important, orders))).toBe('claim_refused')
  })

  test('travels bare in a field of its own', async () => {
    const { identity, caller } = scene({ token: { ...token, header: 'X-Caller' } })
    const [[name, value] = ['', '']] = identity.fields(await caller(), orders)
    expect(name).toBe('X-Caller')
    expect(decodeJwt(value)).toMatchObject({ sub: 'user-1' })
  })

  test('is for the audience of the configuration where the route names none', async () => {
    const { identity, caller } = scene({ token: { ...token, audience: 'everybody' } })
    const who = await caller()
    expect(decodeJwt(bearerOf(identity.fields(who, routeTo(undefined))))).toMatchObject({
      aud: 'everybody',
    })
    expect(decodeJwt(bearerOf(identity.fields(who, orders)))).toMatchObject({
      aud: orders.upstream,
    })
  })

  test('is absent, and its field empty, where no audience is known', async () => {
    const { identity, caller } = scene()
    expect(identity.fields(await caller(), routeTo(undefined))).toEqual([['Authorization', '']])
  })
})

describe('the life of an internal token', () => {
  test('serves every request with the same token until four fifths of it are over', async () => {
    const { identity, issuer, bearer, clock } = scene()
    const presented = await issuer.issueToken()
    const first = identity.fields(await bearer(presented), orders)
    clock.advance(47.9)
    expect(identity.fields(await bearer(presented), orders)).toBe(first)
    clock.advance(0.2)
    const second = identity.fields(await bearer(presented), orders)
    expect(second).not.toEqual(first)
    expect(decodeJwt(bearerOf(second))).toMatchObject({ exp: start + 108 })
  })

  test('is kept apart by upstream and by caller', async () => {
    const { identity, caller } = scene()
    const [alice, bob] = [await caller({ sub: 'alice' }), await caller({ sub: 'bob' })]
    const routes = [orders, routeTo('https://stock.internal')]
    const seen = [1, 2].map(() =>
      [alice, bob].flatMap((who) => routes.map((route) => identity.fields(who, route))),
    )
    expect(seen[1]).toEqual(seen[0])
    const said = (seen[0] ?? []).map((fields) => decodeJwt(bearerOf(fields)))
    expect(said.map(({ sub, aud }) => `${sub} ${String(aud)}`)).toEqual([
      'alice https://orders.internal',
      'alice https://stock.internal',
      'bob https://orders.internal',
      'bob https://stock.internal',
    ])
  })

  test('is replaced for one upstream without those for the others', async () => {
    const { identity, caller, clock } = scene()
    const [who, stock] = [await caller(), routeTo('https://stock.internal')]
    const old = identity.fields(who, orders)
    clock.advance(30)
    const other = identity.fields(who, stock)
    clock.advance(20)
    expect(identity.fields(who, orders)).not.toBe(old)
    expect(identity.fields(who, stock)).toBe(other)
  })

  test('never exceeds that of the client', async () => {
    const { identity, caller, clock } = scene()
    const who = await caller({ exp: start + 20.7 })
    const made = identity.fields(who, orders)
    expect(decodeJwt(bearerOf(made))).toMatchObject({ exp: start + 20 })
    clock.advance(18.9)
    // There is no longer one to be had.
    expect(identity.fields(who, orders)).toBe(made)
  })

  test('ends in a refusal, and never in a token that ends within a second', async () => {
    const { identity, caller, clock } = scene()
    const who = await caller({ exp: start + 20 })
    identity.fields(who, orders)
    clock.advance(19)
    expect(await codeOf(() => identity.fields(who, orders))).toBe('token_expired')
    // The guard's tolerance for clocks lets the client in; the internal token has none to give.
    clock.advance(3)
    expect(await codeOf(() => identity.fields(who, orders))).toBe('token_expired')
  })

  test('starts again where the clock was set back', async () => {
    const { identity, caller, clock } = scene()
    const who = await caller()
    const made = identity.fields(who, orders)
    clock.advance(-30)
    expect(decodeJwt(bearerOf(identity.fields(who, orders)))).toMatchObject({ iat: start - 30 })
    expect(identity.fields(who, orders)).not.toBe(made)
  })

  test.each([
    [60, 5],
    [20, 3],
    [6, 1],
    [5, 0],
  ])('of %i s lets an answer be remembered for %i s', (lifetime, freshFor) => {
    expect(scene({ token: { ...token, lifetime } }).identity.freshFor).toBe(freshFor)
  })

  test('outlasts every answer that was remembered', async () => {
    const { identity, caller, clock } = scene({ token: { ...token, lifetime: 20 } })
    const who = await caller()
    for (let tenth = 0; tenth < 400; tenth++) {
      const { exp = 0 } = decodeJwt(bearerOf(identity.fields(who, orders)))
      expect(exp - clock.now() / 1000).toBeGreaterThanOrEqual(identity.freshFor)
      clock.advance(0.1)
    }
  })
})

describe('every field', () => {
  const headers = { 'X-Auth-Subject': 'sub', 'X-Auth-Tenant': 'tenant' }

  test('is named, in lower case', () => {
    expect(scene({ token, headers }).identity.names).toEqual([
      'authorization',
      'x-auth-subject',
      'x-auth-tenant',
    ])
  })

  test('is sent empty for an anonymous request', () => {
    const { identity } = scene({ token, headers })
    const empty = [
      ['Authorization', ''],
      ['X-Auth-Subject', ''],
      ['X-Auth-Tenant', ''],
    ]
    expect(identity.fields(undefined, orders)).toEqual(empty)
    expect(identity.fields(undefined, undefined)).toEqual(empty)
  })

  test('is sent empty where there is nothing to say', async () => {
    const { identity, caller } = scene({ headers })
    expect(identity.fields(await caller(), orders)).toEqual([
      ['X-Auth-Subject', 'user-1'],
      ['X-Auth-Tenant', ''],
    ])
  })

  test('is made once for the same token, and nobody can change it', async () => {
    const { identity, issuer, bearer } = scene({ token, headers })
    const presented = await issuer.issueToken()
    const made = identity.fields(await bearer(presented), orders)
    expect(identity.fields(await bearer(presented), orders)).toBe(made)
    expect(made.every(Object.isFrozen) && Object.isFrozen(made)).toBe(true)
  })
})

test('without a configuration there is nothing to send, to clear or to serve', async () => {
  const identity = createIdentity(undefined)
  const { caller } = createCallers()
  expect(identity.names).toEqual([])
  expect(identity.fields(await caller(), orders)).toEqual([])
  expect(await identity.handler(request(`${gateway}/jwks`))).toBeUndefined()
  expect(identity.freshFor).toBe(5)
})

test('no refusal shows a claim or a token', async () => {
  const { identity, caller } = scene({
    token: { ...token, claims: ['secret'] },
    headers: { 'X-S': 'secret' },
  })
  const error = await failure(async () =>
    identity.fields(await caller({ secret: 'geheim\n' }), orders),
  )
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).toContain('claim secret')
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/geheim|eyJ/)
})
