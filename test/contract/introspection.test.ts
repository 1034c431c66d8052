import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import {
  createGuard,
  hasScope,
  introspection,
  jwt,
  jwtAndIntrospection,
  jwtOrIntrospection,
  type IntrospectionOptions,
  type TokenVerifier,
} from '@portcullis/core'
import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { call, listen, type RunningApp } from '../e2e/support/app.ts'
import { expresses } from './express.ts'
import { fetches } from './fetch.ts'
import { koas } from './koa.ts'

const opaque = 'https://opaque.test'
const signed = 'https://api.test'
const scopes = ['orders:read', 'orders:write']

// oidc-provider introspects no JWTs: this is what an issuer that does would say.
const takenBack = new Set<string>()
const live = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
  if (request.url !== '/live') return false
  const token = new URLSearchParams(await text(request)).get('token') ?? ''
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ active: !takenBack.has(token), aud: signed }))
  return true
}

let server: AuthorizationServer
beforeAll(async () => {
  server = await createAuthorizationServer({
    resources: { [opaque]: { scopes, format: 'opaque' }, [signed]: { scopes } },
    routes: live,
  })
})
afterAll(() => server.close())

const asking = (audience: string, more: Partial<IntrospectionOptions> = {}): TokenVerifier =>
  introspection({
    issuer: server.issuer,
    client: { id: 'api', secret: 'api-secret' },
    audience,
    timeout: 0.5,
    ...more,
  })

const revoke = (token: string, client = 'machine'): Promise<Response> =>
  fetch(`${server.issuer}/revoke`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client}:${client}%2Dsecret`)}` },
    body: new URLSearchParams({ token }),
  })

describe.each([...expresses, ...koas, ...fetches])('introspection on $name', ({ createApp }) => {
  let app: RunningApp | undefined
  afterEach(async () => {
    server.faults.clear()
    await app?.close()
  })
  const serve = async (verifier: TokenVerifier): Promise<string> => {
    const listener = createApp({
      guard: createGuard({ verifier }),
      rules: [hasScope('orders:read')],
      answer: ({ principal }) => principal(),
      mount: '',
      proxy: false,
      parsedBody: false,
      sendFirst: false,
    })
    app = await listen(listener)
    return `${app.url}/guarded`
  }

  test('an opaque token lets in whoever it was issued to', async () => {
    const url = await serve(asking(opaque))
    const token = await server.issueToken({ scope: 'orders:read', resource: opaque })
    const { status, body } = await call(url, token)
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({
      issuer: server.issuer,
      client: 'machine',
      audience: [opaque],
      scopes: ['orders:read'],
      via: 'token',
    })
    expect(body).not.toContain(token)
  })

  test('a scope too few is a 403, no token and an unknown one are 401', async () => {
    const url = await serve(asking(opaque))
    const token = await server.issueToken({ scope: 'orders:write', resource: opaque })
    const few = await call(url, token)
    expect(few.status).toBe(403)
    expect(few.challenge).toContain('error="insufficient_scope"')
    const none = await call(url)
    expect([none.status, none.challenge]).toEqual([401, 'Bearer'])
    const unknown = await call(url, 'nobody-issued-this')
    expect(unknown.status).toBe(401)
    expect(unknown.challenge).toContain('error="invalid_token"')
  })

  test('a token that was revoked is refused at once', async () => {
    const url = await serve(asking(opaque))
    const token = await server.issueToken({ scope: 'orders:read', resource: opaque })
    expect((await call(url, token)).status).toBe(200)
    expect((await revoke(token)).status).toBe(200)
    expect((await call(url, token)).status).toBe(401)
  })

  test.each([
    ['down', { kind: 'down' }],
    ['silent', { kind: 'hang' }],
    ['halfway', { kind: 'stall' }],
    ['broken', { kind: 'status', status: 500 }],
    ['busy', { kind: 'status', status: 429, headers: { 'retry-after': '2' } }],
    ['a page', { kind: 'garbage' }],
    ['a stranger to us', { kind: 'status', status: 401, body: '{"error":"invalid_client"}' }],
  ] as const)('an issuer that is %s is a 503 and never a 401', async (_, fault) => {
    const url = await serve(asking(opaque))
    const token = await server.issueToken({ scope: 'orders:read', resource: opaque })
    server.faults.set('introspection', fault)
    const { status, retryAfter, challenge, body } = await call(url, token)
    expect(status).toBe(503)
    expect(challenge).toBeNull()
    expect(Number(retryAfter)).toBeGreaterThanOrEqual(1)
    expect(body).not.toContain(token)
  })

  test('a JWT where it is one, introspection otherwise', async () => {
    const local = jwt({ issuers: [{ issuer: server.issuer, audience: signed }] })
    const url = await serve(jwtOrIntrospection({ jwt: local, introspection: asking(opaque) }))
    const asked = server.requests.of('introspection')
    const one = await server.issueToken({ scope: 'orders:read', resource: signed })
    expect((await call(url, one)).status).toBe(200)
    expect(server.requests.of('introspection')).toBe(asked)
    const other = await server.issueToken({ scope: 'orders:read', resource: opaque })
    expect((await call(url, other)).status).toBe(200)
    expect(server.requests.of('introspection')).toBe(asked + 1)
  })

  test('a JWT, then introspection too', async () => {
    const local = jwt({ issuers: [{ issuer: server.issuer, audience: signed }] })
    const asked = asking(signed, { endpoint: `${server.issuer}/live` })
    const url = await serve(jwtAndIntrospection({ jwt: local, introspection: asked }))
    const token = await server.issueToken({ scope: 'orders:read', resource: signed })
    expect((await call(url, token)).status).toBe(200)
    takenBack.add(token)
    expect((await call(url, token)).status).toBe(401)
    expect((await call(url, 'opaque')).status).toBe(401)
  })
})
