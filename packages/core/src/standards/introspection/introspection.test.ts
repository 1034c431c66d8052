import {
  clientSecretPost,
  ConfigurationError,
  createGuard,
  createIssuer,
  introspection,
  type IntrospectionOptions,
} from '@portcullis/core'
import { describe, expect, test } from 'vitest'
import { codeOf, outageOf, refusalOf } from '../../../../../test/e2e/support/scene.ts'
import {
  active,
  audience,
  createIntrospectionScene,
  issuer,
  start,
} from '../../../../../test/support/introspection-scene.ts'

// RFC 7662 §2.1.
test('the token is asked about in the form, authenticated as our client', async () => {
  const { verify, asked } = createIntrospectionScene()
  await verify('s3cret.token~')
  const [
    { url, form, headers } = { url: '', form: new URLSearchParams(), headers: new Headers() },
  ] = asked
  expect(url).toBe(`${issuer}/introspect`)
  expect(Object.fromEntries(form)).toEqual({
    token: 's3cret.token~',
    token_type_hint: 'access_token',
  })
  expect(headers.get('authorization')).toBe(`Basic ${btoa('api:api%2Dsecret')}`)
  expect(headers.get('accept')).toBe('application/json')
})

test('every client authentication serves', async () => {
  const { verify, asked } = createIntrospectionScene({
    client: { id: 'api', authentication: clientSecretPost('in-the-form') },
  })
  await verify()
  expect(asked[0]?.form.get('client_secret')).toBe('in-the-form')
  expect(asked[0]?.headers.get('authorization')).toBeNull()
})

// RFC 7662 §2.2.
test('an active token is told in the words of the guard', async () => {
  const { verify, say } = createIntrospectionScene()
  say({ acr: 'gold', amr: ['pwd'], auth_time: start - 9, cnf: { jkt: 'thumb' }, tenant: 'acme' })
  expect(await verify()).toMatchObject({
    issuer,
    subject: 'alice',
    client: 'web',
    scopes: ['orders:read', 'orders:write'],
    audience: [audience],
    acr: 'gold',
    amr: ['pwd'],
    authenticatedAt: start - 9,
    expiresAt: start + 300,
    confirmation: { jkt: 'thumb' },
    claims: { ...active, tenant: 'acme' },
    rules: [],
  })
})

test('what the issuer says is frozen', async () => {
  const { verify, say } = createIntrospectionScene()
  say({ roles: [{ name: 'a' }] })
  const { claims, scopes } = await verify()
  expect(Object.isFrozen(claims)).toBe(true)
  expect(Object.isFrozen((claims['roles'] as object[])[0])).toBe(true)
  expect(Object.isFrozen(scopes)).toBe(true)
})

test('a token without an end has none', async () => {
  const { verify, say } = createIntrospectionScene()
  say({ exp: undefined })
  expect((await verify()).expiresAt).toBe(Number.POSITIVE_INFINITY)
})

test('a token that is not active is refused, whatever else is said', async () => {
  const { verify, say } = createIntrospectionScene()
  say({ active: false })
  const refusal = await refusalOf(() => verify('dead-token'))
  expect(refusal).toMatchObject({ code: 'token_revoked', status: 401, trail: { check: 'active' } })
  expect(refusal.headers['WWW-Authenticate']).toContain('error="invalid_token"')
})

test.each([['true'], [1], [null], [undefined], ['false']])(
  'active: %j is nonsense, and no permission',
  async (value) => {
    const { verify, say } = createIntrospectionScene()
    say({ active: value })
    expect(await codeOf(verify)).toBe('endpoint_failed')
  },
)

describe('no request is made', () => {
  test.each([
    ['a space', 'a b'],
    ['a line break', 'a\r\nX-Admin: 1'],
    ['a quote', '"a"'],
    ['an equals sign in the middle', 'a=b'],
    ['letters beyond ASCII', 'tökén'],
    ['nothing', ''],
    ['a form of its own', 'a&client_id=b'],
  ])('for a token that holds %s', async (_, token) => {
    const { verify, asked } = createIntrospectionScene()
    expect(await codeOf(() => verify(token))).toBe('token_malformed')
    expect(asked).toEqual([])
  })

  test('for a token that is too long', async () => {
    const { verify, asked } = createIntrospectionScene({ maxTokenSize: 10 })
    await verify('a'.repeat(10))
    expect(await codeOf(() => verify('a'.repeat(11)))).toBe('token_too_large')
    expect(await codeOf(() => createIntrospectionScene().verify('a'.repeat(16_385)))).toBe(
      'token_too_large',
    )
    expect(asked).toHaveLength(1)
  })

  test('before the first token', () => {
    const { verifier, asked } = createIntrospectionScene()
    createGuard({ verifier }).health()
    expect(asked).toEqual([])
  })
})

test('an endpoint that was given is asked without any discovery', async () => {
  const urls: string[] = []
  const verifier = introspection({
    issuer,
    client: { id: 'api' },
    audience,
    endpoint: 'https://elsewhere.test/check?tenant=1',
    now: () => start * 1000,
    fetch: async (url) => {
      urls.push(new Request(url).url)
      return Response.json(active)
    },
  })
  await verifier.verify('a')
  expect(urls).toEqual(['https://elsewhere.test/check?tenant=1'])
})

test('an issuer can be shared', async () => {
  const metadata = { issuer, introspection_endpoint: `${issuer}/introspect` }
  const shared = createIssuer({ issuer, metadata })
  const { verify } = createIntrospectionScene({ issuer: shared })
  expect((await verify()).subject).toBe('alice')
})

test('a schema types what the issuer says, and refuses what does not fit', async () => {
  const validate = (value: unknown) => {
    const { tenant } = Object(value)
    return typeof tenant === 'string'
      ? { value: { tenant } }
      : { issues: [{ message: 'no tenant' }] }
  }
  const { fetch, now, ...rest } = createOptions()
  const verifier = introspection<{ tenant: string }>({
    ...rest,
    now,
    fetch,
    claims: { '~standard': { version: 1, vendor: 'test', validate } },
  })
  const access = await verifier.verify('acme')
  expect(access.claims.tenant).toBe('acme')
  expect(Object.isFrozen(access.claims)).toBe(true)
  expect(await refusalOf(() => verifier.verify('none'))).toMatchObject({
    code: 'token_claim_invalid',
    reason: expect.stringContaining('no tenant'),
  })
})

/** An issuer that says the token itself is the tenant. */
const createOptions = () => ({
  issuer,
  client: { id: 'api' },
  audience,
  endpoint: `${issuer}/introspect`,
  now: () => start * 1000,
  fetch: (async (url, init) => {
    const token = new URLSearchParams(await new Request(url, init).text()).get('token')
    return Response.json({ ...active, ...(token !== 'none' && { tenant: token }) })
  }) satisfies typeof fetch,
})

describe('wrong options are said at once', () => {
  const good = { issuer, client: { id: 'api', secret: 'a-secret-value' } }
  test.each<[string, Partial<IntrospectionOptions> | Record<string, unknown>]>([
    ['introspection.audiance is not an option; did you mean audience?', { audiance: 'a' }],
    ['introspection.client is missing', { client: undefined }],
    ['introspection.client.id is missing', { client: {} }],
    ['introspection.issuer must be a string', { issuer: {} }],
    ['introspection.endpoint must be an https: URL', { endpoint: 'http://id.test/introspect' }],
    ['introspection.endpoint must be an absolute URL', { endpoint: '/introspect' }],
    ['introspection.cache.ttl is not an option', { cache: { ttl: 1 } }],
    ['introspection.cache.maxAge must be', { cache: { maxAge: 0 } }],
    ['introspection.breaker.failures must be', { breaker: { failures: 0 } }],
    ['introspection.signed.algorithms', { signed: { algorithms: ['HS256'] } }],
    ['introspection.maxInFlight must be', { maxInFlight: 0 }],
    ['introspection.audience', { audience: [] }],
    ['introspection.timeout must be', { timeout: 0 }],
  ])('%s', (message, wrong) => {
    // Wrong on purpose.
    const options = { ...good, ...wrong } as IntrospectionOptions
    expect(() => introspection(options)).toThrow(ConfigurationError)
    expect(() => introspection(options)).toThrow(message)
    expect(() => introspection(options)).not.toThrow('a-secret-value')
  })
})

test('prewarm fetches the metadata, and fails with an outage', async () => {
  const { verifier } = createIntrospectionScene()
  await createGuard({ verifier }).prewarm()
  const down = introspection({
    issuer,
    client: { id: 'api' },
    fetch: () => Promise.reject(new TypeError('fetch failed')),
  })
  expect((await outageOf(() => createGuard({ verifier: down }).prewarm())).code).toBe(
    'issuer_unreachable',
  )
})
