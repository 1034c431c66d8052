import { describe, expect, test } from 'vitest'
import {
  bearer,
  createGrantScene,
  refusing,
  type GrantScene,
} from '../../../../test/support/grant-scene.ts'
import { rejection } from '../../../../test/e2e/support/endpoints.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { Outage } from '../errors/outage.ts'
import { createMachineTokens } from './client-credentials.ts'
import type { Trade } from './grant.ts'

const none = {
  expiresAt: undefined,
  scope: undefined,
  refreshToken: undefined,
  idToken: undefined,
  claims: undefined,
}

// Each answer has another token, so that one can tell what was kept.
const issuing = (scene: GrantScene, lifetime: number | undefined, times = 9): void => {
  const tokens = Array.from({ length: times }, (_, at) => ({
    access_token: `a-${at + 1}`,
    token_type: 'Bearer',
    ...(lifetime !== undefined && { expires_in: lifetime }),
  }))
  scene.say('/token', ...tokens.map((body) => [200, body] as const))
}

const started = (lifetime: number | undefined = 300, more = {}): GrantScene => {
  const scene = createGrantScene(more)
  issuing(scene, lifetime)
  return scene
}

const token = async ({ client }: GrantScene, wish = {}): Promise<string> =>
  (await client.clientCredentials(wish)).accessToken

test('members that the issuer writes as null are members that it leaves out', async () => {
  const scene = createGrantScene()
  const nulls = { scope: null, expires_in: null, refresh_token: null, id_token: null }
  scene.say('/token', [200, { access_token: 'a-null', token_type: 'Bearer', ...nulls }])
  expect(await scene.client.clientCredentials()).toMatchObject({
    accessToken: 'a-null',
    scope: undefined,
    expiresIn: undefined,
    refreshToken: undefined,
  })
})

test('a token that is null is no token', async () => {
  const scene = createGrantScene()
  scene.say('/token', [200, { access_token: null, token_type: 'Bearer' }])
  expect(await rejection(scene.client.clientCredentials())).toBeInstanceOf(Outage)
})

// RFC 6749 §4.4, RFC 8707 §2.
test('a token is asked for with scope, audience and resource', async () => {
  const scene = started()
  const parameters = { tenant: 'acme', scope: 'admin', grant_type: 'password' }
  const resource = ['https://a.test', 'https://b.test']
  const got = await scene.client.clientCredentials({
    scope: 'orders:read orders:write',
    audience: 'orders',
    resource,
    parameters,
  })
  expect(got).toEqual({
    accessToken: 'a-1',
    tokenType: 'bearer',
    expiresIn: 300,
    expiresAt: 1_700_000_300,
    scope: undefined,
    refreshToken: undefined,
    idToken: undefined,
    claims: undefined,
  })
  const { form, headers } = scene.last()
  expect(headers.get('authorization')).toBe(`Basic ${btoa('robot:robot%2Dsecret')}`)
  expect(form.getAll('resource')).toEqual(resource)
  form.delete('resource')
  expect(Object.fromEntries(form)).toEqual({
    grant_type: 'client_credentials',
    scope: 'orders:read orders:write',
    audience: 'orders',
    tenant: 'acme',
  })
})

describe('it is kept', () => {
  test('and given to whoever wants the same, in whatever order it was written', async () => {
    const scene = started()
    expect(await token(scene, { scope: 'a b', audience: 'x' })).toBe('a-1')
    expect(await token(scene, { audience: 'x', scope: 'b  a' })).toBe('a-1')
    expect(scene.count('/token')).toBe(1)
  })

  test('apart for each scope, audience, resource and parameter', async () => {
    const scene = started()
    const wishes = [
      {},
      { scope: 'a' },
      { scope: 'b' },
      { audience: 'a' },
      { resource: 'a:a' },
      { parameters: { tenant: 'a' } },
    ]
    const got = await Promise.all(wishes.map((wish) => token(scene, wish)))
    expect(new Set(got).size).toBe(wishes.length)
  })

  test('once, however many ask at the same time', async () => {
    const scene = started()
    const got = await Promise.all(Array.from({ length: 100 }, () => token(scene)))
    expect(new Set(got)).toEqual(new Set(['a-1']))
    expect(scene.count('/token')).toBe(1)
  })

  // min(60 s, a quarter of the lifetime) ahead of its end.
  test.each([
    [3600, 3539, 3540],
    [100, 74, 75],
    [undefined, 44, 45],
  ])('and renewed ahead of its end: it lives %s s', async (lifetime, still, renewed) => {
    const scene = createGrantScene()
    issuing(scene, lifetime)
    await token(scene)
    scene.clock.advance(still)
    expect(await token(scene)).toBe('a-1')
    scene.clock.advance(renewed - still)
    expect(await token(scene)).toBe('a-2')
  })

  test('no longer where the clock was set back by much', async () => {
    const scene = started()
    await token(scene)
    scene.clock.advance(-3600)
    expect(await token(scene)).toBe('a-2')
  })

  test('within bounds: the least lately used one goes', async () => {
    const scene = started(300, { maxTokens: 2 })
    await token(scene, { scope: 'a' })
    await token(scene, { scope: 'b' })
    await token(scene, { scope: 'c' })
    expect(await token(scene, { scope: 'c' })).toBe('a-3')
    expect(await token(scene, { scope: 'a' })).toBe('a-4')
  })
})

test('an API that refuses an old token late is shown the one that is kept by now', async () => {
  const { clock } = createGrantScene()
  let made = 0
  const trade: Trade = async ({ granted }) => {
    made += 1
    const accessToken = `a-${made}`
    return granted({ ...none, accessToken, tokenType: 'bearer', expiresIn: 100 }, {})
  }
  const machine = createMachineTokens({ trade, now: clock.now, most: 1 })
  await machine.get({})
  clock.advance(80)
  expect(await machine.get({})).toHaveProperty('accessToken', 'a-2')
  expect(await machine.replace({}, 'a-1')).toHaveProperty('accessToken', 'a-2')
  expect(await machine.replace({}, 'a-2')).toHaveProperty('accessToken', 'a-3')
})

describe('while the issuer is down', () => {
  test('a token that lives goes on being used, and the issuer is left in peace for a while', async () => {
    const scene = started(100)
    await token(scene)
    scene.clock.advance(80)
    scene.say('/token', 'down')
    expect(await token(scene)).toBe('a-1')
    expect(await token(scene)).toBe('a-1')
    expect(scene.count('/token')).toBe(2)
    scene.clock.advance(5)
    expect(await token(scene)).toBe('a-1')
    expect(scene.count('/token')).toBe(3)
    scene.say('/token', [200, { ...bearer, access_token: 'later' }])
    scene.clock.advance(5)
    expect(await token(scene)).toBe('later')
  })

  test('an expired one is an outage', async () => {
    const scene = started(100)
    await token(scene)
    scene.clock.advance(100)
    scene.say('/token', 'down')
    expect(Outage.is(await rejection(token(scene)))).toBe(true)
  })

  test('a failed flight is not kept', async () => {
    const scene = createGrantScene()
    scene.say('/token', 'down', [200, bearer])
    await rejection(token(scene))
    expect(await token(scene)).toBe('a-1')
  })
})

test.each(['invalid_client', 'invalid_scope', 'invalid_request', 'access_denied', 'invalid_grant'])(
  '%s is a mistake of the programmer, never the fault of whoever called us',
  async (error) => {
    const scene = createGrantScene()
    scene.say('/token', refusing(error))
    const failed = await rejection(token(scene))
    expect(failed).toBeInstanceOf(ConfigurationError)
    expect(String(failed)).toContain(error)
    expect(String(failed)).not.toContain('robot-secret')
  },
)

test.each([
  [{ scopes: 'a' }, 'did you mean scope'],
  [{ scope: ['a'] }, 'non-empty string'],
])('%j is a mistake', async (wish, text) => {
  // From JavaScript anything may come.
  const failed = await rejection(started().client.clientCredentials(wish as object))
  expect(String(failed)).toContain(text)
})
