import { EventEmitter, once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { createGateway } from '@portcullis/gateway'
import { createTokenIssuer } from '@portcullis/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import type { Answer } from '../../packages/gateway/src/check/answer.ts'
import type { Inquiry } from '../../packages/gateway/src/check/inquiry.ts'
import type { Listener } from '../../packages/gateway/src/listen/http.ts'
import {
  listenGrpc,
  type GrpcListenerOptions,
} from '../../packages/gateway/src/dialects/envoy-grpc/listen.ts'
import { createGrpcCaller, grpcQuestion, type GrpcCaller } from './support/grpc-client.ts'

const allowed: Answer = {
  outcome: 'allowed',
  route: undefined,
  principal: undefined,
  identity: [
    ['Authorization', 'Bearer internal'],
    ['X-Auth-Subject', 'alice'],
    ['X-Auth-Scope', ''],
  ],
  toClient: [['DPoP-Nonce', 'n']],
  freshFor: 0,
}
const refusal = (status: 400 | 401 | 403, challenge?: string): Answer => ({
  outcome: 'refused',
  route: undefined,
  status,
  headers: challenge === undefined ? [] : [['WWW-Authenticate', challenge]],
  code: 'token_expired',
  refusal: undefined,
})
const outage: Answer = {
  outcome: 'unavailable',
  route: undefined,
  retryAfter: 7,
  code: 'keys_unavailable',
  cause: undefined,
}

const ends: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const start = async (
  options: Pick<GrpcListenerOptions, 'check'> & Partial<GrpcListenerOptions>,
): Promise<{ caller: GrpcCaller; listener: Listener; place: string }> => {
  const listener = await listenGrpc({ address: { tcp: '127.0.0.1:0' }, ...options })
  const { address } = listener
  const place = 'unix' in address ? `unix:${address.unix}` : `${address.host}:${address.port}`
  const caller = createGrpcCaller(place)
  ends.push(
    () => listener.close(0),
    () => caller.close(),
  )
  return { caller, listener, place }
}

const fieldsOf = (fields: readonly { header: { key: string; value: string } }[] = []) =>
  Object.fromEntries(fields.map(({ header }) => [header.key, header.value]))

describe('Envoy over gRPC', () => {
  test('reads what the client sent, in its own words', async () => {
    const seen: Inquiry[] = []
    const { caller } = await start({ check: (inquiry) => (seen.push(inquiry), allowed) })
    await caller.check(grpcQuestion({ authorization: 'Bearer a', ':path': '/orders' }))
    const [inquiry] = seen
    expect(inquiry).toMatchObject({
      method: 'GET',
      scheme: 'https',
      host: 'api.test',
      target: '/orders?of=alice',
    })
    expect(inquiry?.header('authorization')).toBe('Bearer a')
    expect(inquiry?.header('toString')).toBeUndefined()
    expect(inquiry?.certificate?.()).toBeUndefined()
  })

  test('knows a host by one name', async () => {
    const seen: Inquiry[] = []
    const { caller } = await start({ check: (inquiry) => (seen.push(inquiry), allowed) })
    await caller.check(grpcQuestion({}, { host: 'API.test.:8443' }))
    expect(seen[0]?.host).toBe('api.test')
  })

  test('reads the certificate that Envoy includes', async () => {
    const seen: Inquiry[] = []
    const { caller } = await start({ check: (inquiry) => (seen.push(inquiry), allowed) })
    const pem = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n'
    for (const certificate of [encodeURIComponent(pem), 'garbage%', '%41%ZZ']) {
      await caller.check({
        attributes: { ...Object(grpcQuestion()).attributes, source: { certificate } },
      })
    }
    expect(seen.map((inquiry) => inquiry.certificate?.())).toEqual([
      Buffer.from([0x30, 0]),
      undefined,
      undefined,
    ])
  })

  test('says again what it has said, and of each caller only his own', async () => {
    const identities = ['alice', 'bob'].map((name) => [['X-Auth-Subject', name]] as const)
    const turns = [0, 1, 0, 0, 1].map((index) => identities[index] ?? [])
    const answers = turns.map((identity): Answer => ({ ...allowed, identity, toClient: [] }))
    const noncing: Answer = { ...allowed, identity: identities[0] ?? [] }
    const all = [...answers, noncing, ...answers]
    const { caller } = await start({ check: () => all.shift() ?? outage })
    const said = []
    for (let turn = 0; turn < 11; turn++) {
      const { ok_response: response } = await caller.check(grpcQuestion())
      const nonce = fieldsOf(response?.response_headers_to_add)['DPoP-Nonce']
      said.push([fieldsOf(response?.headers)['X-Auth-Subject'], nonce])
    }
    const expected = ['alice', 'bob', 'alice', 'alice', 'bob'].map((name) => [name, undefined])
    expect(said).toEqual([...expected, ['alice', 'n'], ...expected])
  })

  test('shows repeated fields that came raw', async () => {
    const seen: Inquiry[] = []
    const { caller } = await start({ check: (inquiry) => (seen.push(inquiry), allowed) })
    const raw = (key: string, value: string) => ({ key, raw_value: Buffer.from(value, 'latin1') })
    await caller.check(
      grpcQuestion(
        {},
        { header_map: { headers: [raw('authorization', 'Bearer a'), raw('authorization', 'é')] } },
      ),
    )
    expect(seen[0]?.header('authorization')).toBe('Bearer a, é')
  })

  test('overwrites fields that have a value and removes those that have none', async () => {
    const { caller } = await start({ check: () => allowed })
    const answer = await caller.check(grpcQuestion())
    expect(answer.status.code).toBe(0)
    expect(answer.http_response).toBe('ok_response')
    expect(fieldsOf(answer.ok_response?.headers)).toEqual({
      Authorization: 'Bearer internal',
      'X-Auth-Subject': 'alice',
    })
    expect(answer.ok_response?.headers_to_remove).toEqual(['x-auth-scope'])
    expect(fieldsOf(answer.ok_response?.response_headers_to_add)).toEqual({ 'DPoP-Nonce': 'n' })
    for (const field of answer.ok_response?.headers ?? []) {
      expect(field.append).toEqual({ value: false })
      expect(field.append_action).toBe(2)
    }
  })

  test.each([
    [refusal(401, 'Bearer error="invalid_token"'), 16, 401, 'invalid_token'],
    [refusal(401, 'Bearer realm="api"'), 16, 401, 'unauthorized'],
    [refusal(403, 'Bearer error="insufficient_scope"'), 7, 403, 'insufficient_scope'],
    [refusal(403), 7, 403, 'forbidden'],
    [refusal(400), 3, 400, 'invalid_request'],
    [outage, 14, 503, 'temporarily_unavailable'],
  ])('denies with status, challenge and body (%#)', async (given, code, status, error) => {
    const { caller } = await start({ check: () => Promise.resolve(given) })
    const answer = await caller.check(grpcQuestion())
    expect(answer.status.code).toBe(code)
    expect(answer.http_response).toBe('denied_response')
    expect(answer.denied_response?.status.code).toBe(status)
    expect(JSON.parse(answer.denied_response?.body ?? '')).toEqual({ error })
    expect(fieldsOf(answer.denied_response?.headers)).toEqual({
      ...(given.outcome === 'refused' && Object.fromEntries(given.headers)),
      ...(given.outcome === 'unavailable' && { 'Retry-After': '7' }),
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
    })
  })

  test.each([
    ['no request at all', {}],
    ['no method', grpcQuestion({}, { method: '' })],
    ['a path that is none', grpcQuestion({}, { path: '*' })],
    ['no scheme', grpcQuestion({}, { scheme: '' })],
    ['no host', grpcQuestion({}, { host: '' })],
    ['a host that is two', grpcQuestion({}, { host: 'api.test, other.test' })],
    ['a body', grpcQuestion({}, { body: 'x' })],
    ['a raw body', grpcQuestion({}, { raw_body: Buffer.from('x') })],
  ])('refuses %s without asking', async (_, question) => {
    const { caller } = await start({ check: () => allowed })
    expect((await caller.check(question)).denied_response?.status.code).toBe(400)
  })

  test('tells of every answer', async () => {
    const told: unknown[] = []
    const { caller } = await start({
      check: () => allowed,
      onAnswer: (answer, inquiry, seconds) =>
        told.push([answer.outcome, inquiry?.target, seconds >= 0 && seconds < 1]),
    })
    await caller.check(grpcQuestion())
    await caller.check({})
    expect(told).toEqual([
      ['allowed', '/orders?of=alice', true],
      ['refused', undefined, true],
    ])
  })

  test('takes fields of 60 kB and drops messages beyond its limit', async () => {
    const { caller } = await start({
      check: (inquiry) => (inquiry.header('cookie')?.length === 60_000 ? allowed : outage),
    })
    expect((await caller.check(grpcQuestion({ cookie: 'x'.repeat(60_000) }))).status.code).toBe(0)
    await expect(caller.check(grpcQuestion({ cookie: 'x'.repeat(300_000) }))).rejects.toMatchObject(
      { code: 8 },
    )
  })

  test('answers many at once, each its own', async () => {
    const { caller } = await start({
      check: async ({ target }) => {
        await new Promise(setImmediate)
        return { ...allowed, identity: [['x-target', target]] }
      },
    })
    const asked = Array.from({ length: 200 }, (_, at) => `/orders/${at}`)
    const answers = await Promise.all(asked.map((path) => caller.check(grpcQuestion({}, { path }))))
    expect(answers.map(({ ok_response: ok }) => ok?.headers[0]?.header.value)).toEqual(asked)
  })

  test('lets a client give up on a check that hangs', async () => {
    const { caller } = await start({ check: () => new Promise(() => {}) })
    await expect(caller.check(grpcQuestion(), 50)).rejects.toMatchObject({ code: 4 })
  })

  test('mirrors readiness', async () => {
    let ready = true
    const { caller } = await start({ check: () => allowed, health: () => ready })
    expect(await caller.health()).toMatchObject({ status: 1 })
    ready = false
    expect(await caller.health()).toMatchObject({ status: 2 })
  })

  test('finishes what is on the way when it is closed, and takes nothing new', async () => {
    const events = new EventEmitter()
    const { caller, listener, place } = await start({
      check: () => {
        setImmediate(() => events.emit('asked'))
        return once(events, 'answer').then(() => allowed)
      },
    })
    const asked = once(events, 'asked')
    const pending = caller.check(grpcQuestion())
    await asked
    const closed = listener.close(5000)
    await expect(createGrpcCaller(place).check(grpcQuestion(), 1000)).rejects.toMatchObject({
      code: 14,
    })
    events.emit('answer')
    expect((await pending).status.code).toBe(0)
    await closed
  })

  test('ends calls that outlast the grace', async () => {
    const { caller, listener } = await start({ check: () => new Promise(() => {}) })
    const pending = caller.check(grpcQuestion())
    const ended = pending.catch((error: unknown) => error)
    await caller.health()
    await listener.close(20)
    expect(await ended).toBeInstanceOf(Error)
  })

  test('speaks over a Unix socket', async () => {
    const unix = join(mkdtempSync(join(tmpdir(), 'grpc-')), 'envoy.sock')
    const { caller } = await start({ check: () => allowed, address: { unix } })
    expect((await caller.check(grpcQuestion())).status.code).toBe(0)
  })

  test('hangs up on peers that are not named', async () => {
    const { place } = await start({ check: () => allowed, peers: ['192.0.2.0/24'] })
    const [host = '', port] = place.split(':')
    const socket = connect(Number(port), host)
    const bytes: Buffer[] = []
    socket.on('data', (chunk: Buffer) => bytes.push(chunk))
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('close', resolve))
    expect(bytes).toEqual([])
  })
})

describe('a whole gateway', () => {
  test('decides on what Envoy asks, and says whether it is ready', async () => {
    const issuer = createTokenIssuer()
    const metadata = { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` }
    const gateway = createGateway(
      {
        listen: [{ dialect: 'envoy-grpc', tcp: '127.0.0.1:0' }],
        issuers: [{ id: 'main', issuer: issuer.issuer, audience: issuer.audience }],
        routes: [{ path: '/orders/**', rules: { scopes: ['read'] } }],
        identity: { headers: { 'X-Auth-Subject': 'sub', 'X-Auth-Tenant': 'tenant' } },
        log: 'none',
      },
      {
        fetch: (asked) => {
          const { url } = new Request(asked)
          return Promise.resolve(Response.json(url.endsWith('/jwks') ? issuer.jwks : metadata))
        },
      },
    )
    ends.push(() => gateway.close())
    await gateway.prewarm()
    const [on] = await gateway.listen()
    const caller = createGrpcCaller(on?.address ?? '')
    ends.push(() => caller.close())
    const ask = async (scope: string, path = '/orders/1') => {
      const token = await issuer.issueToken({ scope })
      return caller.check(grpcQuestion({ authorization: `Bearer ${token}` }, { path }))
    }

    const good = await ask('read')
    expect(fieldsOf(good.ok_response?.headers)).toEqual({ 'X-Auth-Subject': 'user-1' })
    expect(good.ok_response?.headers_to_remove).toEqual(['x-auth-tenant'])
    expect((await ask('write')).denied_response?.status.code).toBe(403)
    expect((await ask('read', '/orders/../admin')).denied_response?.status.code).toBe(400)
    expect((await caller.check(grpcQuestion())).denied_response?.status.code).toBe(401)
    expect(await caller.health()).toMatchObject({ status: 1 })
  })

  test('says that it is not ready where it could not decide', async () => {
    const gateway = createGateway(
      {
        listen: [{ dialect: 'envoy-grpc', tcp: '127.0.0.1:0' }],
        issuers: [{ id: 'main', issuer: 'https://id.test', audience: 'https://api.test' }],
        routes: [{ path: '/**' }],
        log: 'none',
      },
      {
        fetch: () => Promise.reject(new TypeError('fetch failed')),
        output: new Writable({ write: (_chunk, _encoding, done) => done() }),
      },
    )
    ends.push(() => gateway.close())
    const [on] = await gateway.listen()
    const caller = createGrpcCaller(on?.address ?? '')
    ends.push(() => caller.close())
    expect(await caller.health()).toMatchObject({ status: 2 })
  })
})
