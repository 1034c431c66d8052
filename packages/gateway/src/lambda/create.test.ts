import { readFileSync } from 'node:fs'
import { Refusal, type SenderConstraint } from '@portcullis/core'
import { createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, test } from 'vitest'
import { invokes } from '../../../../test/support/iam-policy.ts'
import type { RouteConfig } from '../config/config.ts'
import { createLambdaAuthorizer } from './create.ts'
import type { AuthorizerEvent, HttpEvent, PolicyAnswer, SimpleAnswer } from './events.ts'
import type { LambdaDecision, LambdaOptions } from './options.ts'

const issuer = createTokenIssuer()
const metadata = { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` }
const fetch: typeof globalThis.fetch = (asked) => {
  const { url } = new Request(asked)
  return Promise.resolve(Response.json(url.endsWith('/jwks') ? issuer.jwks : metadata))
}

const scoped = (path: string, scope: string, more: Partial<RouteConfig> = {}): RouteConfig => ({
  path,
  rules: { scopes: [scope] },
  ...more,
})
const routes: readonly RouteConfig[] = [
  { path: '/public/**', allow: 'anonymous' },
  scoped('/request', 'read', { id: 'request', methods: ['GET'] }),
  scoped('/orders/{id}', 'read', { methods: ['GET'] }),
  scoped('/orders/{id}', 'write', { methods: ['PUT'] }),
  scoped('/admin/**', 'admin'),
]

const trusted = { id: 'main', issuer: issuer.issuer, audience: issuer.audience }
const authorizer = (more: Partial<LambdaOptions> = {}) =>
  createLambdaAuthorizer({ issuers: [trusted], routes, fetch, ...more })

const kinds = ['rest-token', 'rest-request', 'http-1.0', 'http-2.0'] as const
type Kind = (typeof kinds)[number]

/** A recorded event with a token in it, and perhaps another method and path. */
const eventOf = (kind: Kind, token: string | undefined, asked = 'GET/request'): AuthorizerEvent => {
  const text = readFileSync(new URL(`events/${kind}.json`, import.meta.url), 'utf8')
  const value = token === undefined ? 'nothing' : `Bearer ${token}`
  // The files hold events, and nothing but texts is replaced in them.
  const { event } = JSON.parse(
    text
      .replaceAll('TOKEN,user2', `${value},user2`)
      .replaceAll('"TOKEN"', `"${value}"`)
      .replace(`"type": "${value}"`, '"type": "TOKEN"')
      .replaceAll('/test/GET/request', `/test/${asked}`),
  ) as { event: AuthorizerEvent }
  return event
}

const policyOf = (answer: PolicyAnswer | SimpleAnswer): PolicyAnswer => {
  if ('isAuthorized' in answer) throw new Error('expected a policy')
  return answer
}

const base = 'arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/'
const callable = (answer: PolicyAnswer | SimpleAnswer, ...asked: readonly string[]) =>
  asked.filter((one) => invokes(policyOf(answer).policyDocument, base + one))

const everything = [
  'GET/public/a',
  'GET/request',
  'POST/request',
  'GET/orders/7',
  'PUT/orders/7',
  'GET/orders/7/lines',
  'GET/orders/',
  'GET/admin',
  'POST/admin/x',
  'GET/else',
  'GET/public/../admin',
]

describe.each(kinds)('an event of %s', (kind) => {
  test('gets a policy for all that the token may call, and only that', async () => {
    const authorize = authorizer()
    const token = await issuer.issueToken({ scope: 'read' })
    const answer = await authorize(eventOf(kind, token))
    expect(callable(answer, ...everything)).toEqual(['GET/public/a', 'GET/request', 'GET/orders/7'])
    expect(policyOf(answer).principalId).toBe('user-1')
    expect(policyOf(answer).context).toEqual({
      sub: 'user-1',
      client_id: 'client-1',
      scope: 'read',
      iss: issuer.issuer,
    })
  })

  test('gets the same policy whichever request came first', async () => {
    const token = await issuer.issueToken({ scope: 'write admin' })
    const first = await authorizer()(eventOf(kind, token))
    const second = await authorizer()(eventOf(kind, token, 'POST/admin/x'))
    expect(first).toEqual(second)
    expect(callable(first, ...everything)).toEqual([
      'GET/public/a',
      'PUT/orders/7',
      'GET/admin',
      'POST/admin/x',
    ])
  })

  test.each([
    ['no token', () => undefined],
    ['garbage', () => 'garbage'],
    ['an expired token', () => issuer.issueToken({ exp: 1 })],
    ['a token for others', () => issuer.issueToken({ aud: 'https://other.test' })],
  ])('is a 401 with %s', async (_, make) => {
    const event = eventOf(kind, await make())
    await expect(authorizer()(event)).rejects.toThrow(/^Unauthorized$/)
  })

  test('is a 500 where the issuer is out of reach, and never a denial', async () => {
    const token = await issuer.issueToken({ scope: 'read' })
    const broken = authorizer({ fetch: () => Promise.reject(new Error('down')) })
    const thrown: unknown = await broken(eventOf(kind, token)).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(Error)
    expect(String(thrown)).toBe('Error: Unavailable')
  })

  test('is a 500 where the issuer takes too long', async () => {
    const token = await issuer.issueToken({ scope: 'read' })
    const slow = authorizer({ fetch: () => new Promise(() => {}), deadline: 0.02 })
    await expect(slow(eventOf(kind, token))).rejects.toThrow(/^Unavailable$/)
  })

  test('with a ttl of 0 gets a policy for itself alone', async () => {
    const token = await issuer.issueToken({ scope: 'read' })
    const authorize = authorizer({ ttl: 0 })
    const good = await authorize(eventOf(kind, token))
    expect(callable(good, ...everything)).toEqual(['GET/request'])
    const bad = await authorize(eventOf(kind, token, 'POST/admin/x'))
    expect(callable(bad, ...everything)).toEqual([])
  })

  test('with a ttl of 0 gets no laxer route by the case of its path', async () => {
    const token = await issuer.issueToken({ scope: 'read' })
    const told: LambdaDecision[] = []
    const authorize = authorizer({
      ttl: 0,
      routes: [scoped('/admin/**', 'admin'), { path: '/**' }],
      onAnswer: (decision) => told.push(decision),
    })
    const asked = 'GET/Admin/x'
    expect(callable(await authorize(eventOf(kind, token, asked)), asked)).toEqual([])
    expect(told).toEqual([{ outcome: 'refused', route: undefined, code: 'path_ambiguous' }])
    const other = 'GET/Orders'
    expect(callable(await authorize(eventOf(kind, token, other)), other)).toEqual([other])
  })

  test('with a ttl of 0 can never bring wildcards of its own', async () => {
    const token = await issuer.issueToken()
    const answer = await authorizer({ ttl: 0 })(eventOf(kind, token, 'GET/public/*'))
    expect(callable(answer, 'GET/public/*', 'GET/public/a')).toEqual([])
  })
})

describe('a policy', () => {
  test('without any permission denies aloud', async () => {
    const token = await issuer.issueToken({ scope: 'none' })
    const answer = await authorizer({ routes: [scoped('/request', 'read')] })(
      eventOf('http-2.0', token, 'GET/else'),
    )
    expect(policyOf(answer).policyDocument.Statement).toEqual([
      { Action: 'execute-api:Invoke', Effect: 'Deny', Resource: [`${base}*`] },
    ])
  })

  test('has resources of at most 512 characters', async () => {
    const answer = await authorizer()(eventOf('rest-request', await issuer.issueToken()))
    const resources = policyOf(answer).policyDocument.Statement.flatMap(({ Resource }) => Resource)
    expect(Math.max(...resources.map(({ length }) => length))).toBeLessThanOrEqual(512)
    expect(() => authorizer({ routes: [{ path: `/${'a'.repeat(500)}` }] })).toThrow('longer')
  })

  test('names nobody whose name is not safe, but tells two of them apart', async () => {
    const named = async (sub: string) =>
      policyOf(
        await authorizer({ context: {} })(
          eventOf('rest-token', await issuer.issueToken({ sub, scope: 'read' })),
        ),
      ).principalId
    expect(await named('auth0|alice@example.com')).toBe('auth0|alice@example.com')
    expect(await named('a\nb')).toMatch(/^[\w-]{43}$/)
    expect(await named('a\nb')).not.toBe(await named('a\nc'))
  })

  test('denies where a claim cannot be told to the integration', async () => {
    const decisions: LambdaDecision[] = []
    const token = await issuer.issueToken({ sub: 'a\r\nX-Admin: 1', scope: 'read' })
    const answer = await authorizer({ onAnswer: (one) => decisions.push(one) })(
      eventOf('http-1.0', token),
    )
    expect(callable(answer, ...everything)).toEqual([])
    expect(policyOf(answer).context).toEqual({})
    expect(decisions).toEqual([{ outcome: 'refused', route: 'request', code: 'claim_refused' }])
  })
})

test('a policy takes no other spelling of a path that it denies', async () => {
  const inner = [scoped('/admin/**', 'admin'), scoped('/**', 'read')]
  const token = await issuer.issueToken({ scope: 'read' })
  const answer = await authorizer({ routes: inner })(eventOf('rest-token', token, 'GET/a'))
  expect(callable(answer, 'GET/a', 'GET/a/me%40example.com', 'GET/caf%C3%A9')).toHaveLength(3)
  for (const disguise of ['%61dmin', 'a%64min', 'adm%69n', 'admi%6e', 'admi%6E', '%61%64%6d%69%6e'])
    expect(callable(answer, `GET/${disguise}/x`)).toEqual([])
  const twice = ['GET/a%3Fb', 'GET/a%0Ab', 'GET/a%1fb', 'GET/%c0%afadmin', 'GET/a%7F']
  expect(callable(answer, ...twice)).toEqual([])
})

describe('a simple answer', () => {
  const simple = (more: Partial<LambdaOptions> = {}) => authorizer({ response: 'simple', ...more })
  const keyed = async (routeKey: string, asked?: string): Promise<AuthorizerEvent> => {
    const token = await issuer.issueToken({ scope: 'read' })
    const event = eventOf('http-2.0', token, asked)
    return { ...event, routeKey, identitySource: [`Bearer ${token}`, routeKey] } as HttpEvent
  }

  test('is exactly true or false', async () => {
    expect(await simple()(await keyed('GET /request'))).toMatchObject({ isAuthorized: true })
    expect(await simple()(await keyed('ANY /admin/{proxy+}', 'GET/admin/x'))).toMatchObject({
      isAuthorized: false,
    })
  })

  test('is none where it would be remembered for other routes', async () => {
    await expect(
      simple()(eventOf('http-2.0', await issuer.issueToken({ scope: 'read' }))),
    ).rejects.toThrow('$context.routeKey')
    await expect(simple()(await keyed('$default'))).rejects.toThrow('differently')
    const alone = simple({ ttl: 0 })
    const token = await issuer.issueToken({ scope: 'read' })
    expect(await alone(eventOf('http-2.0', token))).toMatchObject({ isAuthorized: true })
  })

  test('is none where it would be remembered for other methods', async () => {
    const authorize = simple({
      routes: [scoped('/a', 'read', { methods: ['GET'] }), scoped('/a', 'admin')],
    })
    await expect(authorize(await keyed('ANY /a', 'GET/a'))).rejects.toThrow('differently')
    expect(await authorize(await keyed('GET /a', 'GET/a'))).toMatchObject({ isAuthorized: true })
    await expect(authorize(await keyed('GET /a', 'POST/a'))).rejects.toThrow('differently')
  })

  test('is none for other kinds of API', async () => {
    const token = await issuer.issueToken({ scope: 'read' })
    await expect(simple()(eventOf('rest-token', token))).rejects.toThrow('2.0')
  })
})

test.each(['policy', 'simple'] as const)(
  'an answer of the kind %s is none where it would be remembered for other tokens',
  async (response) => {
    const event = eventOf('http-2.0', await issuer.issueToken({ scope: 'read' }))
    const keyed = { ...event, routeKey: 'GET /request', identitySource: ['key', 'GET /request'] }
    const authorize = (ttl: number) => authorizer({ response, ttl })(keyed)
    await expect(authorize(300)).rejects.toThrow('remembered without the token')
    await expect(authorize(0)).resolves.toBeDefined()
  },
)

describe('fields of the client', () => {
  const twice = async (): Promise<AuthorizerEvent> => {
    const token = await issuer.issueToken({ scope: 'read' })
    const event = eventOf('rest-request', token)
    const fields = { authorization: [`Bearer ${token}`, `Bearer ${token}`] }
    return { ...event, headers: {}, multiValueHeaders: fields } as AuthorizerEvent
  }

  test('are seen when they are repeated', async () => {
    await expect(authorizer()(await twice())).rejects.toThrow(/^Unauthorized$/)
  })

  test('and the certificate reach constraints', async () => {
    const seen: unknown[] = []
    const constraint: SenderConstraint = {
      confirmation: 'x5t#S256',
      prove: (request) => {
        seen.push(request.certificate?.(), request.header('accept'), request.url)
        return undefined
      },
    }
    const token = await issuer.issueToken({ scope: 'read', cnf: { 'x5t#S256': 'a' } })
    const authorize = authorizer({ ttl: 0, constraints: [constraint] })
    await authorize(eventOf('rest-request', token))
    await authorize(eventOf('http-2.0', token))
    const der = Buffer.from([0x30, 0])
    const host = 'https://abcdef123.execute-api.us-east-1.amazonaws.com'
    expect(seen).toEqual([
      der,
      '*/*',
      `${host}/test/request`,
      der,
      '*/*',
      'https://id.execute-api.us-east-1.amazonaws.com/request?parameter1=value1&parameter1=value2',
    ])
  })
})

describe('an event', () => {
  test.each([
    [{ type: 'TOKEN', methodArn: 'arn:aws:s3:::bucket' }],
    [{ type: 'TOKEN' }],
    [{ type: 'TOKEN', methodArn: `${base}GET/${'a'.repeat(1600)}` }],
  ])('that names no method is a 500 (%#)', async (event) => {
    await expect(authorizer()(event as AuthorizerEvent)).rejects.toThrow('method ARN')
  })

  test('is told of, without the token', async () => {
    const decisions: LambdaDecision[] = []
    const authorize = authorizer({ onAnswer: (one) => decisions.push(one) })
    const token = await issuer.issueToken({ scope: 'read' })
    await authorize(eventOf('rest-token', token))
    await authorize(eventOf('rest-token', token, 'GET/else'))
    await authorize(eventOf('rest-token', token, 'GET/a//b'))
    await authorize(eventOf('rest-token', 'garbage')).catch(() => undefined)
    expect(decisions).toEqual([
      { outcome: 'allowed', route: 'request', code: undefined },
      { outcome: 'refused', route: undefined, code: 'route_unknown' },
      { outcome: 'refused', route: undefined, code: 'path_ambiguous' },
      { outcome: 'refused', route: 'request', code: 'token_malformed' },
    ])
  })
})

describe('options', () => {
  const refusing = () => new Refusal('forbidden')
  const lines = { path: '/orders/{id}/lines' }
  test.each([
    ['a host', { routes: [{ path: '/a', host: 'a.test' }] }, 'routes[0].host'],
    ['an unknown member', { rutes: [] }, 'rutes'],
    ['an unknown issuer', { routes: [{ path: '/a', issuers: ['other'] }] }, 'lambda.routes'],
    ['a pattern that is none', { routes: [{ path: 'a' }] }, 'lambda.routes'],
    ['a wildcard in disguise', { routes: [{ path: '/a%2Ab' }] }, 'mean more in a policy'],
    ['routes that no policy can say', { routes: [...routes, lines] }, 'lambda.resources'],
    ['a resource that is none', { resources: ['/orders'] }, 'lambda.resources'],
    [
      'a rule in code that is remembered',
      { rules: { own: refusing }, routes: [{ path: '/a', rules: { not: { custom: ['own'] } } }] },
      'custom looks at each request',
    ],
    [
      'a constraint that is remembered',
      { constraints: [{ confirmation: 'jkt', prove: () => {} }] },
      'lambda.constraints looks at each request',
    ],
    [
      'introspection without a ttl',
      { issuers: [{ ...trusted, introspection: { client: { id: 'a', secret: 'b' } } }] },
      'lambda.ttl is missing',
    ],
  ])('with %s are refused', (_, more, message) => {
    // From JavaScript anything may come.
    expect(() => authorizer(more as Partial<LambdaOptions>)).toThrow(message)
  })

  test('take what a ttl of 0 makes harmless', () => {
    const custom = [{ path: '/a', rules: { custom: ['own'] } }]
    expect(() => authorizer({ ttl: 0, rules: { own: refusing }, routes: custom })).not.toThrow()
    expect(() => authorizer({ ttl: 0, routes: [...routes, lines] })).not.toThrow()
  })
})
