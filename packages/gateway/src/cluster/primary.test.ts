import { Writable } from 'node:stream'
import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { GatewayConfig } from '../config/config.ts'
import { createLineLog } from '../operate/log.ts'
import type { ForkedWorker } from './hands.ts'
import { createPrimary, type Primary } from './primary.ts'
import { createWorker } from './worker.ts'
import type { Channel } from './wire.ts'

const audience = 'https://api.test'
let server: AuthorizationServer
let token = ''
beforeAll(async () => {
  server = await createAuthorizationServer({ resources: { [audience]: { scopes: ['a'] } } })
  token = await server.issueToken({ scope: 'a', resource: audience })
})
afterAll(() => server.close())

const silent = () =>
  createLineLog({ stream: new Writable({ write: (_chunk, _encoding, done) => done() }) })

const pipe = (): readonly [Channel, Channel] => {
  const listeners: ((message: unknown) => void)[][] = [[], []]
  const end = (own: number): Channel => ({
    receive: (listener) => void listeners[own]?.push(listener),
    send: (message) => {
      const text = JSON.stringify(message)
      setImmediate(() => listeners[1 - own]?.forEach((listener) => listener(JSON.parse(text))))
    },
  })
  return [end(0), end(1)]
}

/** A worker in this process, with the pipe that a real one has. */
const fork = (): ForkedWorker => {
  const [here, there] = pipe()
  const listeners: ((how: string) => void)[] = []
  setImmediate(() => workers.push(createWorker({ channel: there, log: silent() })))
  let dead = false
  const channel: Channel = {
    ...here,
    send: (message) => {
      const { name, data } = message as { readonly name?: string; readonly data?: unknown }
      if (name === 'begin') handed.push(data)
      here.send(message)
    },
  }
  const forked: ForkedWorker = {
    pid: 1,
    channel,
    onExit: (listener) => void listeners.push(listener),
    kill: () => {
      if (dead) return
      dead = true
      for (const listener of listeners) listener('SIGKILL')
    },
  }
  processes.push(forked)
  return forked
}

/** What workers were given to begin with. */
let handed: unknown[] = []
const processes: ForkedWorker[] = []
const killFirst = (): void => processes[0]?.kill()
const workers: { end(): Promise<void> }[] = []
let primary: Primary

const config = (more: Partial<GatewayConfig> = {}): GatewayConfig => ({
  listen: [{ dialect: 'forward-auth', tcp: '127.0.0.1:0' }],
  issuers: [{ id: 'main', issuer: server.issuer, audience }],
  routes: [{ id: 'a', path: '/a', rules: { scopes: ['a'] } }],
  identity: { token: { issuer: 'http://127.0.0.1:1', audience: 'https://up.test' } },
  ...more,
})

beforeEach(async () => {
  server.requests.reset()
  primary = createPrimary({ config: config(), count: 2, log: silent(), fork })
  await primary.listen()
})
afterEach(async () => {
  await primary.finish(1)
  await Promise.all(workers.splice(0).map((worker) => worker.end()))
  processes.length = 0
})

const ask = (): Promise<Response> =>
  fetch(`http://${primary.addresses[0]?.address}/`, {
    headers: {
      'x-forwarded-method': 'GET',
      'x-forwarded-uri': '/a',
      'x-forwarded-host': 'api.test',
      'x-forwarded-proto': 'https',
      authorization: `Bearer ${token}`,
    },
  })

test('begins its workers with one fetch of metadata and keys', async () => {
  expect((await ask()).status).toBe(200)
  expect([server.requests.of('discovery'), server.requests.of('jwks')]).toEqual([1, 1])
  expect(primary.complaints()).toEqual([])
})

test('has workers sign with the keys that it publishes', async () => {
  const authorization = (await ask()).headers.get('authorization') ?? ''
  const [header = ''] = authorization.replace('Bearer ', '').split('.')
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }
  const jwks = await primary.handler({
    method: 'GET',
    url: 'http://127.0.0.1:1/jwks',
    header: () => undefined,
    form: () => Promise.resolve(new URLSearchParams()),
  })
  expect(jwks?.body).toContain(kid)
})

test('hands a new configuration to all, or none', async () => {
  await primary.reload(config({ routes: [{ path: '/b', allow: 'anonymous' }] }))
  expect((await ask()).status).toBe(403)
  const unreachable = { id: 'main', issuer: 'http://127.0.0.1:1', audience }
  await expect(primary.reload(config({ issuers: [unreachable] }))).rejects.toThrow('metadata')
  expect(primary.config.routes[0]?.path).toBe('/b')
  await primary.reload(config())
  expect((await ask()).status).toBe(200)
})

test('collects the numbers of all workers', async () => {
  await ask()
  const snapshots = await primary.snapshots()
  const counts = snapshots.flatMap((one) => one.decisions.map(({ count }) => count))
  expect([snapshots.length, counts]).toEqual([2, [1]])
})

test('is not ready while it turns requests away, and answers nevertheless', async () => {
  primary.turnAway()
  expect(primary.complaints()).toEqual(['draining'])
  expect((await ask()).status).toBe(200)
})

test('gives a worker that starts again the keys that it has', async () => {
  handed = []
  killFirst()
  await vi.waitFor(() => expect(handed).toHaveLength(1), 5000)
  expect(handed).toMatchObject([
    {
      config: primary.config,
      snapshots: [{ issuer: server.issuer, jwks: { keys: expect.any(Array) } }],
    },
  ])
})

test('has workers learn of a key rotation, also one that was given its keys', async () => {
  const [before] = primary.addresses
  killFirst()
  await vi.waitFor(() => expect(primary.addresses[0]).not.toEqual(before), 5000)
  await server.rotateKeys()
  const old = token
  token = await server.issueToken({ scope: 'a', resource: audience })
  expect((await ask()).status).toBe(200)
  token = old
})
