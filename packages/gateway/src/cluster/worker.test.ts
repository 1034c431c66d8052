import { Writable } from 'node:stream'
import { createIssuer, type IssuerSnapshot } from '@portcullis/core'
import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { GatewayConfig } from '../config/config.ts'
import {
  createSigningKeys,
  exportSigningKeys,
  type ExportedKeys,
} from '../identity/signing-keys.ts'
import { createLineLog } from '../operate/log.ts'
import type { Assignment, WorkerCalls } from './protocol.ts'
import { createWire, type Channel, type Wire } from './wire.ts'
import { createWorker } from './worker.ts'

const audience = 'https://api.test'
let server: AuthorizationServer
let token = ''
let snapshots: readonly IssuerSnapshot[]
beforeAll(async () => {
  server = await createAuthorizationServer({ resources: { [audience]: { scopes: ['a'] } } })
  token = await server.issueToken({ scope: 'a', resource: audience })
  snapshots = [await createIssuer({ issuer: server.issuer }).snapshot()]
})
afterAll(() => server.close())

let worker: ReturnType<typeof createWorker>
let wire: Wire<WorkerCalls>
let address: string

/** A primary that can fetch nothing: the issuer is down. */
beforeEach(() => {
  const ends: ((message: unknown) => void)[] = []
  const end = (own: number): Channel => ({
    receive: (listener) => {
      ends[own] = listener
    },
    send: (message) => void setImmediate(() => ends[1 - own]?.(structuredClone(message))),
  })
  wire = createWire<WorkerCalls>(end(0), {
    ready: () => undefined,
    fetch: () => Promise.reject(new Error('it is down')),
  })
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
  worker = createWorker({ channel: end(1), log: createLineLog({ stream }) })
})
afterEach(() => worker.end())

const config = (issuer = server.issuer): GatewayConfig => ({
  listen: [{ dialect: 'forward-auth', tcp: '127.0.0.1:0' }],
  issuers: [{ id: 'main', issuer, audience }],
  routes: [{ id: 'a', path: '/a' }],
  identity: { token: { issuer: 'http://127.0.0.1:1', audience: 'https://up.test' } },
})

const begin = async (assignment: Partial<Assignment>): Promise<void> => {
  const given = { config: config(), snapshots, ...assignment }
  const [on] = await wire.ask('begin', given, 10)
  address = on?.address ?? ''
}

const ask = (): Promise<Response> =>
  fetch(`http://${address}/`, {
    headers: {
      'x-forwarded-method': 'GET',
      'x-forwarded-uri': '/a',
      'x-forwarded-host': 'api.test',
      'x-forwarded-proto': 'https',
      authorization: `Bearer ${token}`,
    },
  })

/** The key that signs what upstreams get. */
const signer = async (): Promise<string> => {
  const [, jwt = ''] = ((await ask()).headers.get('authorization') ?? '').split(' ')
  const header: unknown = JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString())
  return (header as { readonly kid: string }).kid
}

/** A line of keys: as it began two days ago, and after the next key was made. */
function rotated(): { first: ExportedKeys; second: ExportedKeys; kids: readonly unknown[] } {
  let now = Date.now() - 2 * 86_400_000
  const keys = createSigningKeys({ now: () => now })
  const first = exportSigningKeys(keys)
  now += 86_400_000
  const second = exportSigningKeys(keys)
  return { first, second, kids: keys.published().keys.map(({ kid }) => kid) }
}

test('begins in an outage with the keys of issuers that the primary has', async () => {
  await begin({})
  expect((await ask()).status).toBe(200)
})

test('begins without them too, and says that it cannot know', async () => {
  await begin({ snapshots: [] })
  expect((await ask()).status).toBe(503)
})

test('takes newer keys over', async () => {
  const { first, second, kids } = rotated()
  await begin({ keys: first })
  await wire.ask('adopt', second, 5)
  expect(await signer()).toBe(kids[1])
})

test('takes newer keys over after a configuration that could not be taken over', async () => {
  const { first, second, kids } = rotated()
  await begin({ keys: first })
  const keys = exportSigningKeys(createSigningKeys())
  const unreachable = { config: config('http://127.0.0.1:1'), snapshots, keys }
  await expect(wire.ask('reload', unreachable, 10)).rejects.toThrow('metadata')
  await wire.ask('adopt', second, 5)
  expect(await signer()).toBe(kids[1])
})

test('takes newer keys over that come while it takes over a configuration', async () => {
  const { first, second, kids } = rotated()
  await begin({ keys: first })
  const reloaded = wire.ask('reload', { config: config(), snapshots, keys: first }, 10)
  await wire.ask('adopt', second, 5)
  await reloaded
  expect(await signer()).toBe(kids[1])
})

test('signs with other keys where the configuration wants them', async () => {
  await begin({ keys: rotated().first })
  const { first, kids } = rotated()
  await wire.ask('reload', { config: config(), snapshots, keys: first }, 10)
  expect(await signer()).toBe(kids[0])
})
