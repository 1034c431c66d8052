import {
  ConfigurationError,
  createGuard,
  jwt,
  jwtAndIntrospection,
  jwtOrIntrospection,
} from '@portcullis/core'
import { describe, expect, test } from 'vitest'
import { codeOf, outageOf } from '../../../../../test/e2e/support/scene.ts'
import {
  audience,
  createIntrospectionScene,
  issuer,
  start,
} from '../../../../../test/support/introspection-scene.ts'

const createTwo = () => {
  const scene = createIntrospectionScene()
  const { jwks } = scene.tokens
  const { now } = scene.clock
  const two = {
    jwt: jwt({ issuers: [{ issuer, audience, jwks }], now }),
    introspection: scene.verifier,
  }
  const token = (claims = {}) =>
    scene.tokens.issueToken({ aud: audience, sub: 'from-the-jwt', ...claims })
  return { ...scene, two, token }
}

describe('a JWT where it is one, introspection otherwise', () => {
  test('asks about no JWT', async () => {
    const { two, token, asked } = createTwo()
    const verifier = jwtOrIntrospection(two)
    expect((await verifier.verify(await token())).subject).toBe('from-the-jwt')
    expect(asked).toEqual([])
  })

  test.each([
    ['is a single word', 'opaque'],
    ['has two parts', 'a.b'],
    ['has three parts that are none of a JWT', 'v4.public.token'],
    [
      'has three parts, the first of which is JSON without alg',
      `${btoa('{"a":1}').replaceAll('=', '')}.b.c`,
    ],
  ])('asks about a token that %s', async (_, opaque) => {
    const { two, asked } = createTwo()
    expect((await jwtOrIntrospection(two).verify(opaque)).subject).toBe('alice')
    expect(asked).toHaveLength(1)
  })

  test('refuses a JWT that does not hold, without asking', async () => {
    const { two, token, asked } = createTwo()
    const verifier = jwtOrIntrospection(two)
    const forged = `${(await token()).slice(0, -8)}AAAAAAAA`
    expect(await codeOf(() => verifier.verify(forged))).toBe('token_signature_invalid')
    const expired = await token({ exp: start - 60 })
    expect(await codeOf(() => verifier.verify(expired))).toBe('token_expired')
    const encrypted = `${btoa('{"alg":"dir","enc":"A128GCM"}').replaceAll('=', '')}.a.b.c.d`
    expect(await codeOf(() => verifier.verify(encrypted))).toBe('token_encrypted')
    expect(asked).toEqual([])
  })
})

describe('a JWT, then introspection too', () => {
  test('asks about every JWT that holds, and believes the JWT', async () => {
    const { two, token, asked } = createTwo()
    const verifier = jwtAndIntrospection(two)
    expect(await verifier.verify(await token())).toMatchObject({
      subject: 'from-the-jwt',
      claims: { sub: 'from-the-jwt' },
    })
    expect(asked).toHaveLength(1)
  })

  test('refuses what the issuer has taken back', async () => {
    const { two, token, say } = createTwo()
    say({ active: false })
    const revoked = await token()
    expect(await codeOf(() => jwtAndIntrospection(two).verify(revoked))).toBe('token_revoked')
  })

  test('does not ask about what does not hold', async () => {
    const { two, token, asked } = createTwo()
    const verifier = jwtAndIntrospection(two)
    expect(await codeOf(() => verifier.verify('opaque'))).toBe('token_malformed')
    const other = await token({ aud: 'other' })
    expect(await codeOf(() => verifier.verify(other))).toBe('token_audience_refused')
    expect(asked).toEqual([])
  })

  test('is an outage where nobody can be asked', async () => {
    const { two, token, breakDown } = createTwo()
    breakDown()
    const good = await token()
    expect((await outageOf(() => jwtAndIntrospection(two).verify(good))).code).toBe(
      'endpoint_failed',
    )
  })

  test('takes the earlier end, and a binding of which only the issuer knows', async () => {
    const { two, token, say } = createTwo()
    say({ exp: start + 10, cnf: { jkt: 'a' } })
    const verifier = jwtAndIntrospection(two)
    expect(await verifier.verify(await token())).toMatchObject({
      expiresAt: start + 10,
      confirmation: { jkt: 'a' },
    })
    const bound = await token({ cnf: { jkt: 'b' } })
    expect((await verifier.verify(bound)).confirmation).toEqual({ jkt: 'b' })
  })
})

describe.each([
  ['jwtOrIntrospection', jwtOrIntrospection],
  ['jwtAndIntrospection', jwtAndIntrospection],
])('%s', (_, combine) => {
  test('warms and watches both', async () => {
    const { two } = createTwo()
    const guard = createGuard({ verifier: combine(two) })
    await guard.prewarm()
    expect(guard.health()).toMatchObject({ ok: true, issuers: [{ issuer }, { issuer }] })
  })

  test('says at once what is missing', () => {
    const { two } = createTwo()
    // Wrong on purpose.
    expect(() => combine({ jwt: two.jwt } as typeof two)).toThrow(ConfigurationError)
    expect(() => combine({ ...two, jwt: {} } as typeof two)).toThrow('must be what jwt() made')
    expect(() => combine({ ...two, other: 1 } as typeof two)).toThrow('is not an option')
  })
})
