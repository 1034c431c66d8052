// `npm run example:gateway`: an authorization server, the gateway, nginx, and an API behind it, all on
// loopback. Where nginx is not installed, a few lines of Node stand in for it.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createGateway, loadConfig, snippetFor } from '@portcullis/gateway'
import { createAuthorizationServer } from '@portcullis/testkit'
import { createFront } from './front.mjs'
import { findNginx, startNginx } from './nginx.mjs'
import { createUpstream } from './upstream.mjs'

const say = (line) => console.log(line)
const audience = 'https://api.example.com'
const config = fileURLToPath(new URL('gateway.yaml', import.meta.url))
const manifest = fileURLToPath(import.meta.resolve('@portcullis/gateway/package.json'))
const bin = join(manifest, '../bin/portcullis-gateway.js')

// Each of the programs is told where to listen. No two of these addresses are the same, because all are
// held until all are known.
const addresses = async (names) => {
  const held = names.map(() => createServer().listen(0, '127.0.0.1'))
  await Promise.all(held.map((probe) => once(probe, 'listening')))
  const known = held.map((probe, index) => [names[index], `127.0.0.1:${probe.address().port}`])
  await Promise.all(held.map((probe) => new Promise((resolve) => probe.close(resolve))))
  return Object.fromEntries(known)
}

const ends = []
let stopping
const stop = (code = 0) =>
  (stopping ??= (async () => {
    say('\nStopping.')
    // The last that was started first: nobody is left waiting for somebody who is gone.
    for (const end of ends.toReversed()) await end()
    process.exit(code)
  })())
process.once('SIGINT', () => stop())
process.once('SIGTERM', () => stop())

const run = (name, child) => {
  const ended = once(child, 'exit')
  child.once('exit', (code) => {
    if (!stopping) say(`${name} has ended with status ${code}`)
    if (!stopping) stop(1)
  })
  ends.push(async () => {
    child.kill('SIGTERM')
    await ended
  })
}

const folder = mkdtempSync(join(tmpdir(), 'portcullis-example-'))
ends.push(async () => rmSync(folder, { recursive: true, force: true }))

const server = await createAuthorizationServer({
  resources: { [audience]: { scopes: ['orders:read', 'orders:write'] } },
})
ends.push(() => server.close())

const places = await addresses(['gateway', 'admin', 'front'])
const env = {
  ISSUER: server.issuer,
  GATEWAY: places.gateway,
  ADMIN: places.admin,
  GATEWAY_ISSUER: `http://${places.admin}`,
}

const api = createUpstream({ issuer: env.GATEWAY_ISSUER }).listen(0, '127.0.0.1')
await once(api, 'listening')
ends.push(async () => {
  api.closeAllConnections()
  await new Promise((resolve) => api.close(resolve))
})
const upstream = `127.0.0.1:${api.address().port}`

const answers = async (url) => {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const settings = loadConfig(config, { env })
const nginx = findNginx()
if (nginx === undefined) {
  say('nginx is not installed: a few lines of Node ask the gateway in its place.')
  const gateway = createGateway(settings)
  ends.push(() => gateway.close())
  await gateway.listen()
  const front = createFront(gateway.handler('forward-auth'), upstream)
  const [host, port] = places.front.split(':')
  front.listen(Number(port), host)
  ends.push(async () => {
    front.closeAllConnections()
    await new Promise((resolve) => front.close(resolve))
  })
} else {
  const options = { stdio: 'inherit', env: { ...process.env, ...env } }
  run('The gateway', spawn(process.execPath, [bin, '--config', config], options))
  const [snippet] = snippetFor('nginx', settings, { listen: places.front, upstream })
  run('nginx', startNginx(nginx, folder, snippet.text))
}
await answers(`http://${places.admin}/readyz`)
await answers(`http://${places.front}/public/hello`)

const token = (scope) => server.issueToken({ scope, resource: audience })
const url = `http://${places.front}`
const reader = await token('orders:read')
say(`
Portcullis gateway

  ${nginx === undefined ? 'Front   ' : 'nginx   '}  ${url}
  Gateway   ${places.gateway}
  Admin     http://${places.admin}/metrics (/readyz, /config, /jwks)
  Upstream  http://${upstream}
  Issuer    ${server.issuer}

Anybody may have what is public; the rest needs a token. What is forged never arrives.

  curl -i ${url}/public/hello -H 'X-Auth-Subject: forged'   # 200
  curl -i ${url}/orders   # 401
  curl -i ${url}/orders -H 'X-Auth-Subject: forged' -H 'Authorization: Bearer ${reader}'   # 200
  curl -i -X POST ${url}/orders -H 'Authorization: Bearer ${reader}'   # 403
  curl -i --path-as-is ${url}/public/../orders   # 400
  curl -i ${url}/elsewhere -H 'Authorization: Bearer ${reader}'   # 403
  curl -i http://${upstream}/orders -H 'Authorization: Bearer ${reader}'   # 401

Ctrl-C ends everything. What the gateway decides is printed below.
`)
