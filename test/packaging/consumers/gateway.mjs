// The gateway as it is installed: its program, its library for Lambda, its schema and its workers.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { createLambdaAuthorizer } from '@portcullis/gateway/lambda'
import { createGateway, loadConfig } from '@portcullis/gateway'

const require = createRequire(import.meta.url)
const { version } = require('@portcullis/gateway/package.json')
const bin = 'node_modules/.bin/portcullis-gateway'
const shell = process.platform === 'win32'
const ask = (...args) => execFileSync(bin, args, { encoding: 'utf8', shell })

writeFileSync(
  'gateway.yaml',
  `listen:
  - { dialect: nginx, tcp: '127.0.0.1:0' }
  - { dialect: envoy-grpc, tcp: '127.0.0.1:0' }
  - { dialect: spoe, tcp: '127.0.0.1:0' }
admin: { tcp: '127.0.0.1:0' }
workers: 2
issuers: [{ id: main, issuer: 'http://127.0.0.1:1', audience: 'https://api.example.com' }]
routes: [{ path: /open, allow: anonymous }, { path: /orders }]
drain: { delay: 0, grace: 1 }
`,
)
assert.equal(ask('--version'), `${version}\n`)
assert.equal(ask('--config', 'gateway.yaml', '--check'), 'gateway.yaml is good\n')
assert.match(ask('snippet', '--for', 'envoy', '--config', 'gateway.yaml'), /ext_authz/)
const schema = require('@portcullis/gateway/schema.json')
assert.deepEqual(JSON.parse(ask('--print-schema')), schema)
assert.equal(typeof createLambdaAuthorizer, 'function')
assert.equal(typeof require('@portcullis/gateway/lambda').createLambdaAuthorizer, 'function')
assert.equal(createGateway, require('@portcullis/gateway').createGateway)
assert.equal(loadConfig('gateway.yaml').workers, 2)

const manifest = require.resolve('@portcullis/gateway/package.json')
const program = new URL(
  JSON.parse(readFileSync(manifest, 'utf8')).bin['portcullis-gateway'],
  `file://${manifest}`,
)
const child = spawn(process.execPath, [program.pathname, '--config', 'gateway.yaml'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const tooLong = setTimeout(() => child.kill('SIGKILL'), 30_000)
try {
  let listening
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text)
    if (line.event !== 'listening') continue
    listening = line
    break
  }
  assert.deepEqual(
    listening.listen.map(({ dialect }) => dialect),
    ['nginx', 'envoy-grpc', 'spoe'],
  )
  const live = await fetch(`http://${listening.admin}/livez`)
  assert.equal(live.status, 200)
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
} finally {
  child.kill('SIGKILL')
  clearTimeout(tooLong)
}
