import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  ask,
  createDesk,
  endAll,
  gatewayYaml,
  startGateway,
  until,
  type RunningGateway,
} from './support/gateway-program.ts'

const resource = 'https://api.test'
const identity = 'identity: { token: { issuer: http://127.0.0.1:1, audience: https://up.test } }'
const desk = createDesk()
let server: AuthorizationServer
let gateway: RunningGateway

beforeAll(async () => {
  server = await createAuthorizationServer({
    resources: { [resource]: { scopes: ['orders:read'] } },
  })
})
beforeEach(async () => {
  server.requests.reset()
  const config = gatewayYaml(server.issuer, `workers: 2\nlog: all\n${identity}`)
  const socket = `  - { dialect: forward-auth, unix: '${join(desk.folder, 'gateway.sock')}' }\n`
  gateway = await startGateway(desk.write(config.replace('admin:', `${socket}admin:`)))
})
afterEach(() => gateway.end())
afterAll(async () => {
  endAll()
  desk.clear()
  await server.close()
})

const issueToken = () => server.issueToken({ scope: 'orders:read', resource })
const many = async (token: string, count: number): Promise<readonly number[]> =>
  Promise.all(Array.from({ length: count }, () => ask(gateway.address(), '/orders', token)))
const metrics = async (): Promise<string> => (await fetch(`${gateway.admin}/metrics`)).text()
const workers = (): readonly number[] =>
  gateway.lines('worker-working').map((line) => Number(line['pid']))

test('fetches metadata and keys once for all workers', async () => {
  const answers = await many(await issueToken(), 20)
  expect(new Set(answers)).toEqual(new Set([204]))
  expect(workers()).toHaveLength(2)
  expect([server.requests.of('discovery'), server.requests.of('jwks')]).toEqual([1, 1])
})

test('adds up the numbers of all workers', async () => {
  const token = await issueToken()
  await many(token, 40)
  const granted = 'route="orders",dialect="nginx",reason="granted",outcome="allowed"'
  expect(await metrics()).toContain(`portcullis_decisions_total{${granted}} 40`)
  expect(await metrics()).toContain('portcullis_workers 2')
})

test('learns of a key rotation in every worker', async () => {
  await many(await issueToken(), 10)
  await server.rotateKeys()
  const answers = await many(await issueToken(), 20)
  expect(new Set(answers)).toEqual(new Set([204]))
})

test('starts a worker again that was killed, and answers all the while', async () => {
  const token = await issueToken()
  const [first] = workers()
  if (first === undefined) throw new Error('there is no worker')
  process.kill(first, 'SIGKILL')
  await gateway.said('worker-ended')
  expect(await many(token, 10)).toEqual(Array.from({ length: 10 }, () => 204))
  await gateway.said('worker-working', 3)
  expect(gateway.lines('worker-restarting')).toHaveLength(1)
  expect(await metrics()).toContain('portcullis_worker_restarts_total 1')
  expect((await fetch(`${gateway.admin}/readyz`)).status).toBe(200)
  expect(await many(token, 20)).toEqual(Array.from({ length: 20 }, () => 204))
})

test('signs with the same keys in every worker, which the admin address publishes', async () => {
  const token = await issueToken()
  const kids = new Set<string>()
  for (let index = 0; index < 12; index++) {
    // oxlint-disable-next-line no-await-in-loop -- connections go to the workers in turn
    const response = await fetch(`http://${gateway.address()}/check`, {
      headers: {
        'x-forwarded-method': 'GET',
        'x-forwarded-uri': '/orders',
        'x-forwarded-host': 'api.test',
        'x-forwarded-proto': 'https',
        authorization: `Bearer ${token}`,
        connection: 'close',
      },
    })
    const [, jwt = ''] = (response.headers.get('authorization') ?? '').split(' ')
    const header: unknown = JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString())
    kids.add((header as { readonly kid: string }).kid)
  }
  const published = await (await fetch(`${gateway.admin}/jwks`)).text()
  expect(kids.size).toBe(1)
  expect(published).toContain(`"${[...kids].join()}"`)
})

test('takes a new configuration over in every worker', async () => {
  const text = gatewayYaml(server.issuer, `workers: 2\n${identity}`).replace('/open/**', '/new')
  desk.write(text)
  await gateway.said('reloaded')
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => ask(gateway.address(), '/new')),
  )
  expect(new Set(answers)).toEqual(new Set([204]))
})

test('ends all its processes, and takes its socket away', async () => {
  const socket = join(desk.folder, 'gateway.sock')
  expect(existsSync(socket)).toBe(true)
  const pids = workers()
  expect(await gateway.end()).toEqual({ code: 0, by: null })
  const gone = (pid: number): boolean => {
    try {
      process.kill(pid, 0)
      return false
    } catch {
      return true
    }
  }
  expect(pids.every(gone)).toBe(true)
  expect(existsSync(socket)).toBe(false)
})

test('workers end when their primary is killed', async () => {
  const pids = workers()
  process.kill(gateway.pid, 'SIGKILL')
  const allGone = await until(() => {
    try {
      for (const pid of pids) process.kill(pid, 0)
      return undefined
    } catch {
      return true
    }
  })
  expect(allGone).toBe(true)
})
