import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ask,
  createDesk,
  endAll,
  gatewayYaml,
  startGateway,
  until,
} from './support/gateway-program.ts'

let server: AuthorizationServer
const desk = createDesk()
beforeAll(async () => {
  server = await createAuthorizationServer()
})
afterAll(async () => {
  endAll()
  desk.clear()
  await server.close()
})

const yaml = (open: string): string => gatewayYaml(server.issuer).replace('/open/**', open)

test('takes a new file over at SIGHUP and when it is replaced, and keeps what it has for a broken one', async () => {
  const path = desk.write(yaml('/first'))
  const gateway = await startGateway(path)
  const address = gateway.address()
  expect([await ask(address, '/first'), await ask(address, '/second')]).toEqual([204, 403])

  renameSync(desk.write(yaml('/second'), 'next.yaml'), path)
  await gateway.said('reloaded')
  expect([await ask(address, '/first'), await ask(address, '/second')]).toEqual([403, 204])

  writeFileSync(path, yaml('/third').replace('routes:', 'rutes:'))
  const failure = await gateway.said('reload-failed')
  expect(failure['problems']).toEqual([
    expect.stringMatching(/gateway\.yaml:\d+:\d+ .*rout?es/),
    expect.any(String),
  ])
  expect(await ask(address, '/second')).toBe(204)

  const before = gateway.lines('reloaded').length
  writeFileSync(path, yaml('/third'))
  await gateway.said('reloaded', before + 1)
  expect(await ask(address, '/third')).toBe(204)

  gateway.signal('SIGHUP')
  expect(await gateway.said('reloaded', before + 2)).toMatchObject({ why: 'SIGHUP' })
  const metrics = await (await fetch(`${gateway.admin}/metrics`)).text()
  expect(metrics).toContain('portcullis_config_reload_failures_total 1')
  expect(metrics).toContain('portcullis_config_reloads_total 3')
  await gateway.end()
})

test('follows a file that is reached through links, as volumes of Kubernetes do it', async () => {
  const volume = join(desk.folder, 'volume')
  mkdirSync(join(volume, '..first'), { recursive: true })
  mkdirSync(join(volume, '..second'))
  desk.write(yaml('/first'), 'volume/..first/gateway.yaml')
  desk.write(yaml('/second'), 'volume/..second/gateway.yaml')
  symlinkSync('..first', join(volume, '..data'))
  symlinkSync('..data/gateway.yaml', join(volume, 'gateway.yaml'))
  const gateway = await startGateway(join(volume, 'gateway.yaml'))
  symlinkSync('..second', join(volume, '..new'))
  renameSync(join(volume, '..new'), join(volume, '..data'))
  await gateway.said('reloaded')
  expect(await ask(gateway.address(), '/second')).toBe(204)
  await gateway.end()
})

test('notices a secret that is replaced in a file of its own', async () => {
  const secret = desk.write('first-secret', 'secret')
  const client = `introspection: { client: { id: api, secret: '\${file:${secret}}' } }`
  const path = desk.write(
    gatewayYaml(server.issuer).replace(
      "'https://api.test' }",
      () => `'https://api.test', ${client} }`,
    ),
  )
  const gateway = await startGateway(path)
  writeFileSync(secret, 'second-secret')
  expect(await gateway.said('reloaded')).toMatchObject({ why: 'file' })
  await gateway.end()
})

test('notices it too where only a later configuration names the file', async () => {
  const elsewhere = join(desk.folder, 'elsewhere')
  mkdirSync(elsewhere)
  const secret = desk.write('first-secret', 'elsewhere/secret')
  const client = `introspection: { client: { id: api, secret: '\${file:${secret}}' } }`
  const path = desk.write(yaml('/first'))
  const gateway = await startGateway(path)
  writeFileSync(
    path,
    yaml('/first').replace("'https://api.test' }", () => `'https://api.test', ${client} }`),
  )
  await gateway.said('reloaded')
  writeFileSync(secret, 'second-secret')
  expect(await gateway.said('reloaded', 2)).toMatchObject({ why: 'file' })
  await gateway.end()
})

test('keeps the old configuration where the keys of a new issuer cannot be had', async () => {
  const path = desk.write(yaml('/first'))
  const gateway = await startGateway(path)
  writeFileSync(path, yaml('/second').replace(server.issuer, 'http://127.0.0.1:1'))
  await gateway.said('reload-failed')
  expect(await ask(gateway.address(), '/first')).toBe(204)
  expect((await fetch(`${gateway.admin}/readyz`)).status).toBe(200)
  await gateway.end()
})

test('says that other addresses need a restart, and takes over the rest', async () => {
  const path = desk.write(yaml('/first'))
  const gateway = await startGateway(path)
  writeFileSync(path, yaml('/second').replace('127.0.0.1:0', '127.0.0.1:9'))
  expect(await gateway.said('restart-needed')).toMatchObject({ for: ['listen'] })
  expect(await ask(gateway.address(), '/second')).toBe(204)
  await gateway.end()
})

test('keeps the keys of the internal token, so that upstreams go on', async () => {
  const identity = 'identity: { token: { issuer: http://127.0.0.1:1, audience: https://up.test } }'
  const path = desk.write(`${yaml('/first')}${identity}\n`)
  const gateway = await startGateway(path)
  const keys = async (): Promise<string> => (await fetch(`${gateway.admin}/jwks`)).text()
  const before = await keys()
  gateway.signal('SIGHUP')
  await gateway.said('reloaded')
  expect(await until(keys)).toBe(before)
  expect(before).toContain('"kid"')
  await gateway.end()
})

test('takes new routes over while the issuer is down, whose tokens are as good as before', async () => {
  const audience = 'https://api.test'
  const issuer = await createAuthorizationServer({
    resources: { [audience]: { scopes: ['orders:read'] } },
  })
  const path = desk.write(gatewayYaml(issuer.issuer, 'workers: 2'))
  const gateway = await startGateway(path)
  const token = await issuer.issueToken({ scope: 'orders:read', resource: audience })
  issuer.faults.set('all', { kind: 'down' })
  writeFileSync(path, gatewayYaml(issuer.issuer, 'workers: 2').replace('/open/**', '/new'))
  await gateway.said('reloaded')
  const asked = Array.from({ length: 10 }, () => ask(gateway.address(), '/orders', token))
  expect(new Set(await Promise.all(asked))).toEqual(new Set([204]))
  expect(await ask(gateway.address(), '/new')).toBe(204)
  await gateway.end()
  await issuer.close()
})
