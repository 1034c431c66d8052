import { forbidden, isPromise, Outage } from '@portcullis/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { caseRoutes, requestCases } from '../../../../test/support/gateway-cases.ts'
import { bearer, createGatewayWorld, inquiryOf } from '../../../../test/support/gateway-world.ts'
import type { Compiled } from '../compiled.ts'
import type { Route } from '../routing/route.ts'
import { createCheck } from './create.ts'

describe('the table of requests', () => {
  const world = createGatewayWorld({ routes: caseRoutes })
  test.each(requestCases)('$name: $method $host$target', async (one) => {
    const { caller } = one
    const scopes = Array.isArray(caller) ? caller.join(' ') : ''
    const token = caller === 'bad' ? 'x.y.z' : await world.tokens.issueToken({ scope: scopes })
    const fields = caller === 'nobody' ? {} : bearer(token)
    const answer = await world.ask({ ...one, fields: { ...one.headers, ...fields } })
    expect(answer.outcome).toBe(one.status === 200 ? 'allowed' : 'refused')
    expect(answer).toMatchObject(one.status === 200 ? {} : { status: one.status, code: one.code })
    expect(answer.route?.id).toBe(one.route)
  })

  test('it has at least 40 cases', () => {
    expect(requestCases.length).toBeGreaterThanOrEqual(40)
  })
})

test('a known token is answered at once', async () => {
  const { ask, check, tokens } = createGatewayWorld({})
  const inquiry = { fields: bearer(await tokens.issueToken()) }
  await ask(inquiry)
  const answer = check(inquiryOf(inquiry))
  expect(isPromise(answer)).toBe(false)
  expect(answer).toMatchObject({ outcome: 'allowed', principal: { subject: 'user-1' } })
})

test('a 401 has one challenge with the realm, and a 400 of ours has none', async () => {
  const { ask } = createGatewayWorld({ realm: 'orders' })
  expect(await ask({})).toMatchObject({
    status: 401,
    headers: [['WWW-Authenticate', 'Bearer realm="orders"']],
  })
  expect(await ask({ target: '/a//b' })).toMatchObject({ status: 400, headers: [] })
})

describe('several challenges', () => {
  test('are one field, because some proxies hand on only the first', async () => {
    const two = {
      code: 'no_credential',
      status: 401,
      headers: { 'www-authenticate': 'A', 'WWW-Authenticate': 'B', 'DPoP-Nonce': 'n' },
    }
    const refusal = Object.assign(forbidden('no'), {})
    const world = createGatewayWorld({})
    const route: Route = {
      id: 'r',
      upstream: undefined,
      guard: guardOf(() => ({
        granted: false,
        refusal: Object.create(refusal, Object.getOwnPropertyDescriptors(two)),
      })),
    }
    const answer = await createCheck(() => withRoute(world.compiled, route))(inquiryOf({}))
    expect(answer).toMatchObject({
      status: 401,
      headers: [
        ['WWW-Authenticate', 'A, B'],
        ['DPoP-Nonce', 'n'],
      ],
    })
  })
})

/** A compiled configuration with one route for everything. */
const withRoute = (compiled: Compiled, route: Route): Compiled => ({
  ...compiled,
  table: { routes: [route], find: () => route, slipsPast: () => false },
})

/** A guard that answers as it is told; nothing else is asked of it here. */
const guardOf = (check: () => unknown): NonNullable<Route['guard']> => {
  const guard: Partial<NonNullable<Route['guard']>> = { check: () => check() as never }
  return guard as NonNullable<Route['guard']>
}

describe('what is nobody’s denial', () => {
  test('an outage of the issuer is unavailable, with its code', async () => {
    const { ask, tokens, breakDown } = createGatewayWorld({})
    breakDown()
    const answer = await ask({ fields: bearer(await tokens.issueToken()) })
    expect(answer).toMatchObject({ outcome: 'unavailable', code: 'issuer_unreachable' })
    expect(answer).toMatchObject({ retryAfter: expect.any(Number), cause: expect.any(Outage) })
  })

  test.each([
    [
      'throws an error',
      () => {
        throw new Error('a bug')
      },
    ],
    [
      'throws no error',
      () => {
        // oxlint-disable-next-line typescript/only-throw-error -- rules are anybody's code
        throw 'text'
      },
    ],
    ['rejects', () => Promise.reject(new Error('a bug'))],
    ['rejects with nothing', () => Promise.reject(undefined)],
  ])('a guard that %s is unavailable, and neither allowed nor refused', async (_name, act) => {
    const { compiled } = createGatewayWorld({})
    const route = { id: 'r', upstream: undefined, guard: guardOf(act) }
    const answer = await createCheck(() => withRoute(compiled, route))(inquiryOf({}))
    expect(answer).toMatchObject({ outcome: 'unavailable', code: 'failed', retryAfter: 1, route })
  })

  test('nothing that is asked can make it throw', () => {
    const check = createCheck(() => {
      throw new Error('no configuration')
    })
    expect(check(inquiryOf({}))).toMatchObject({ outcome: 'unavailable', code: 'failed' })
    const { check: other } = createGatewayWorld({})
    const broken = inquiryOf({
      header: () => {
        throw new Error('a dialect’s mistake')
      },
    })
    return expect(Promise.resolve(other(broken))).resolves.toMatchObject({ code: 'failed' })
  })

  test('a refusal that identity throws is a refusal', async () => {
    const { compiled, tokens } = createGatewayWorld({ identity: { headers: { 'X-User': 'name' } } })
    const failing: Compiled = {
      ...compiled,
      identity: {
        ...compiled.identity,
        fields: () => {
          throw forbidden('it cannot be the value of a field')
        },
      },
    }
    const answer = await createCheck(() => failing)(
      inquiryOf({ fields: bearer(await tokens.issueToken()) }),
    )
    expect(answer).toMatchObject({ outcome: 'refused', status: 403, code: 'forbidden' })
  })
})

describe('the deadline', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('is kept where somebody does not answer, and a late failure harms nobody', async () => {
    vi.useFakeTimers()
    const unhandled = vi.fn<() => void>()
    process.on('unhandledRejection', unhandled)
    let fail: (error: Error) => void = () => undefined
    const never = new Promise((_resolve, reject) => {
      fail = reject
    })
    const { compiled } = createGatewayWorld({ deadline: 0.2 })
    const route = { id: 'r', upstream: undefined, guard: guardOf(() => never) }
    const answer = createCheck(() => withRoute(compiled, route))(inquiryOf({}))
    await vi.advanceTimersByTimeAsync(199)
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await answer).toMatchObject({
      outcome: 'unavailable',
      code: 'deadline_passed',
      retryAfter: 1,
      route,
    })
    fail(new Error('too late'))
    vi.useRealTimers()
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  test('leaves no timer behind where the answer came in time', async () => {
    vi.useFakeTimers()
    const { ask, tokens } = createGatewayWorld({})
    const token = await tokens.issueToken()
    expect(await ask({ fields: bearer(token) })).toMatchObject({ outcome: 'allowed' })
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('upper and lower case are no way past an earlier route', async () => {
  const { ask, tokens } = createGatewayWorld({
    routes: [{ path: '/admin/**', rules: { scopes: ['admin'] } }, { path: '/**' }],
  })
  const fields = bearer(await tokens.issueToken({ scope: 'other' }))
  const asked = (target: string) => ask({ target, fields })
  expect(await asked('/admin/users')).toMatchObject({ code: 'scope_missing' })
  for (const target of ['/Admin/users', '/ADMIN', '/admiN/']) {
    expect(await asked(target)).toMatchObject({ status: 400, code: 'path_ambiguous' })
  }
  expect(await asked('/Other')).toMatchObject({ outcome: 'allowed' })
})

describe('preflight', () => {
  const preflight = {
    method: 'OPTIONS',
    target: '/orders/1',
    fields: { origin: 'https://app.example', 'access-control-request-method': 'GET' },
  }
  const routes = [
    { id: 'read', path: '/orders/{id}', methods: ['GET'], rules: { scopes: ['a'] } },
    { id: 'own', path: '/own', methods: ['OPTIONS'] },
    { id: 'all', path: '/own' },
  ]
  const config = { preflight: true, routes, identity: { headers: { 'X-User': 'sub' } } }

  test('passes when it is switched on, without any identity', async () => {
    const { ask } = createGatewayWorld(config)
    expect(await ask(preflight)).toEqual({
      outcome: 'allowed',
      route: undefined,
      principal: undefined,
      identity: [['X-User', '']],
      toClient: [],
      freshFor: 0,
    })
  })

  test.each([
    ['for a method that no route is for', { 'access-control-request-method': 'PUT' }],
    ['without Origin', { origin: undefined }],
    ['without Access-Control-Request-Method', { 'access-control-request-method': undefined }],
    ['with an empty one', { 'access-control-request-method': '' }],
    ['with a credential, which no browser adds', { authorization: 'Bearer anything' }],
  ])('does not pass %s', async (_name, change) => {
    const { ask } = createGatewayWorld(config)
    const fields = { ...preflight.fields, ...change }
    const header = (name: string) => Object.entries(fields).find(([key]) => key === name)?.[1]
    expect(await ask({ ...preflight, header })).toMatchObject({ code: 'route_unknown' })
  })

  test('does not pass with another method, on another path, or where it is switched off', async () => {
    const { ask } = createGatewayWorld(config)
    expect(await ask({ ...preflight, method: 'GET' })).toMatchObject({ code: 'no_credential' })
    expect(await ask({ ...preflight, target: '/x' })).toMatchObject({ code: 'route_unknown' })
    const off = createGatewayWorld({ ...config, preflight: false })
    expect(await off.ask(preflight)).toMatchObject({ code: 'route_unknown' })
  })

  test('is left to a route that names OPTIONS itself', async () => {
    const { ask } = createGatewayWorld(config)
    expect(await ask({ ...preflight, target: '/own' })).toMatchObject({
      code: 'no_credential',
      route: { id: 'own' },
    })
  })
})

describe('identity', () => {
  test('is always sent whole, and the client’s own copies are absent for the guard', async () => {
    const seen: (string | undefined)[] = []
    const { ask, tokens } = createGatewayWorld(
      {
        identity: { headers: { 'X-User': 'sub', 'X-Team': 'team' } },
        routes: [
          { path: '/open', allow: 'anonymous' },
          { path: '/**', rules: { custom: ['look'] } },
        ],
      },
      {
        extension: {
          rules: {
            look: (_principal, request) => {
              seen.push(request.header('x-user'), request.header('x-other'), request.url)
              return undefined
            },
          },
        },
      },
    )
    const fields = { ...bearer(await tokens.issueToken()), 'x-user': 'root', 'x-other': 'kept' }
    expect(await ask({ target: '/a?b', fields })).toMatchObject({
      identity: [
        ['X-User', 'user-1'],
        ['X-Team', ''],
      ],
    })
    expect(seen).toEqual([undefined, 'kept', 'https://api.example/a?b'])
    expect(await ask({ target: '/open', fields })).toMatchObject({
      principal: undefined,
      identity: [
        ['X-User', ''],
        ['X-Team', ''],
      ],
    })
  })

  test('in Authorization does not hide the client’s credential', async () => {
    const token = { issuer: 'https://gw.test', audience: 'up' }
    const { ask, tokens, compiled } = createGatewayWorld({ identity: { token } })
    expect(compiled.identity.names).toContain('authorization')
    expect(await ask({ fields: bearer(await tokens.issueToken()) })).toMatchObject({
      outcome: 'allowed',
    })
  })
})

describe('what a gateway may remember', () => {
  const fresh = async (
    world: ReturnType<typeof createGatewayWorld>,
    claims = {},
    target = '/',
  ): Promise<number | undefined> => {
    const answer = await world.ask({
      target,
      fields: bearer(await world.tokens.issueToken(claims)),
    })
    return answer.outcome === 'allowed' ? answer.freshFor : undefined
  }

  test('lasts five seconds, and never longer than the token', async () => {
    const world = createGatewayWorld({})
    const exp = Math.floor(world.clock.now() / 1000) + 4
    expect(await fresh(world)).toBe(5)
    expect(await fresh(world, { exp })).toBe(4)
    world.clock.advance(6)
    expect(await fresh(world, { exp })).toBe(0)
  })

  test('is nothing where nobody was named, a rule in code decided, or the issuer is asked', async () => {
    const routes = [
      { path: '/open', allow: 'anonymous' as const },
      { path: '/code', rules: { anyOf: [{ custom: ['pass'] }, { scopes: ['x'] }] } },
      { path: '/**' },
    ]
    const extension = { rules: { pass: () => undefined } }
    const world = createGatewayWorld({ routes }, { extension })
    expect(await fresh(world, {}, '/open')).toBe(0)
    expect(await fresh(world, {}, '/code')).toBe(0)
    expect(await fresh(world, {}, '/other')).toBeGreaterThan(0)
  })

  test('is nothing for a token that is bound', async () => {
    const constraint = { confirmation: 'jkt', prove: () => undefined }
    const world = createGatewayWorld({}, { extension: { constraints: [constraint] } })
    expect(await fresh(world, { cnf: { jkt: 'x' } })).toBe(0)
    expect(await fresh(world)).toBeGreaterThan(0)
  })
})
