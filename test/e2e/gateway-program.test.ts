import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ask,
  createDesk,
  endAll,
  gatewayYaml,
  runToEnd,
  startGateway,
} from './support/gateway-program.ts'

const desk = createDesk()
let server: AuthorizationServer
beforeAll(async () => {
  server = await createAuthorizationServer({
    resources: { 'https://api.test': { scopes: ['orders:read'] } },
  })
})
afterAll(async () => {
  endAll()
  desk.clear()
  await server.close()
})

const issueToken = () => server.issueToken({ scope: 'orders:read', resource: 'https://api.test' })

test('--check finds nothing to say about a good file, and asks nobody', async () => {
  const config = desk.write(gatewayYaml('http://127.0.0.1:1'))
  expect(await runToEnd('--config', config, '--check')).toEqual({
    code: 0,
    out: `${config} is good\n`,
    err: '',
  })
})

test('--check names every problem of a broken file by line and column', async () => {
  const broken = gatewayYaml('http://127.0.0.1:1')
    .replace('dialect: nginx', 'dialect: ngnix')
    .replace('audience:', 'audiance:')
  const config = desk.write(broken, 'broken.yaml')
  const { code, err } = await runToEnd('--config', config, '--check')
  expect(code).toBe(1)
  expect(err).toMatch(/broken\.yaml:3:\d+ .*dialect/)
  expect(err).toMatch(/broken\.yaml:6:\d+ .*audi[ae]nce/)
})

test('--check says the same of a file that does not exist, or is no YAML', async () => {
  const absent = await runToEnd('--config', '/nowhere/gateway.yaml', '--check')
  expect([absent.code, absent.err]).toEqual([1, expect.stringContaining('ENOENT')])
  const torn = await runToEnd('--config', desk.write('listen: [', 'torn.yaml'), '--check')
  expect([torn.code, torn.err]).toEqual([1, expect.stringMatching(/torn\.yaml:\d+:\d+ /)])
})

test.each([
  [[], '--config is missing'],
  [['--confg', 'x'], '--confg'],
  [['snippet', '--config', 'x'], '--for must be one of'],
  [['serve', '--config', 'x'], 'serve is no command'],
])('wrong arguments are told with the usage, and status 2: %j', async (args, message) => {
  const { code, err } = await runToEnd(...args)
  expect([code, err]).toEqual([2, expect.stringContaining(message)])
  expect(err).toContain('portcullis-gateway --config gateway.yaml')
})

test('--help, --version and --print-schema answer on standard output', async () => {
  const [help, version, schema] = await Promise.all(
    ['--help', '--version', '--print-schema'].map((flag) => runToEnd(flag)),
  )
  expect(help?.out).toContain('Exit status')
  expect(version?.out).toMatch(/^\d+\.\d+\.\d+/)
  expect(JSON.parse(schema?.out ?? '')).toMatchObject({ properties: { routes: {} } })
})

test('snippet prints what nginx must be told for this configuration', async () => {
  const config = desk.write(
    gatewayYaml('http://127.0.0.1:1').replace('127.0.0.1:0', '127.0.0.1:9101'),
  )
  const args = ['snippet', '--for', 'nginx', '--config', config, '--listen', '127.0.0.1:8088']
  const { code, out } = await runToEnd(...args)
  expect(code).toBe(0)
  expect(out).toContain('auth_request /_portcullis')
  expect(out).toContain('server 127.0.0.1:9101')
  expect(out).toContain('listen 127.0.0.1:8088')
})

test('decides, tells of it in metrics and log without the token, and ends with status 0', async () => {
  const token = await issueToken()
  const gateway = await startGateway(desk.write(gatewayYaml(server.issuer, 'log: all')))
  const address = gateway.address()
  const answers = [
    await ask(address, '/orders', token),
    await ask(address, '/orders'),
    await ask(address, '/open/x?q=1'),
    await ask(address, '/elsewhere', token),
  ]
  expect(answers).toEqual([204, 401, 204, 403])
  await gateway.said('decision', 4)
  expect(gateway.lines('decision')).toMatchObject([
    { outcome: 'allowed', reason: 'granted', route: 'orders', token: expect.any(String) },
    { outcome: 'refused', reason: 'no_credential', route: 'orders' },
    { outcome: 'allowed', reason: 'anonymous', route: 'open' },
    { outcome: 'refused', reason: 'route_unknown', route: 'none' },
  ])
  const metrics = await (await fetch(`${gateway.admin}/metrics`)).text()
  const granted = 'route="orders",dialect="nginx",reason="granted",outcome="allowed"'
  expect(metrics).toContain(`portcullis_decisions_total{${granted}} 1`)
  expect(metrics).toContain('portcullis_decision_seconds_count{dialect="nginx"} 4')
  expect((await fetch(`${gateway.admin}/readyz`)).status).toBe(200)
  expect(await gateway.end()).toEqual({ code: 0, by: null })
  const said = gateway.output() + metrics
  for (const part of token.split('.')) expect(said).not.toContain(part.slice(0, 20))
  expect(said).not.toContain('/elsewhere')
})

test('shows its configuration at the admin address without secrets', async () => {
  const client = "introspection: { client: { id: api, secret: '${env:API_SECRET}' } }"
  const audience = "audience: 'https://api.test'"
  const config = gatewayYaml(server.issuer).replace(audience, () => `${audience}, ${client}`)
  const path = desk.write(config)
  const gateway = await startGateway(path, { API_SECRET: 'a-very-secret-word' })
  const text = await (await fetch(`${gateway.admin}/config`)).text()
  await gateway.end()
  expect(text).toContain('(redacted)')
  expect(text).not.toContain('a-very-secret-word')
})

test('does not start where an address is taken, and says which', async () => {
  const gateway = await startGateway(desk.write(gatewayYaml(server.issuer)))
  const taken = gatewayYaml(server.issuer).replace('127.0.0.1:0', gateway.address())
  const { code, err } = await runToEnd('--config', desk.write(taken, 'taken.yaml'))
  await gateway.end()
  expect([code, err]).toEqual([1, expect.stringContaining(gateway.address())])
})

test('listens without an issuer, is not ready, and becomes so when the issuer is back', async () => {
  server.faults.set('all', { kind: 'down' })
  const gateway = await startGateway(desk.write(gatewayYaml(server.issuer)))
  const before = await fetch(`${gateway.admin}/readyz`)
  expect([before.status, await before.json()]).toEqual([
    503,
    { ready: false, reasons: [`no usable keys of ${server.issuer}`] },
  ])
  await gateway.said('issuers-failing')
  server.faults.clear()
  await gateway.said('issuers-reachable')
  expect((await fetch(`${gateway.admin}/readyz`)).status).toBe(200)
  await gateway.end()
})
