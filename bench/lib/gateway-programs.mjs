import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { snippetFor } from '@portcullis/gateway'
import { freePort } from './free-port.mjs'

/** One nginx with a server for each party that it asks, all before the same upstream inside it. */
export async function startNginx(parties) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'))
  const upstream = await freePort()
  const ports = []
  const servers = []
  for (const [at, { port, fields }] of parties.entries()) {
    ports.push(await freePort())
    servers.push(serverOf({ at, port, fields, listen: ports[at], upstream }))
  }
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, nginxConfiguration(folder, upstream, servers))
  const child = spawn('nginx', ['-p', folder, '-c', file, '-e', 'stderr'], { stdio: 'inherit' })
  await listening(ports[0])
  return {
    ports,
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

// Names of the snippet are for one server; here stand several.
function serverOf({ at, port, fields, listen, upstream }) {
  const config = {
    listen: [{ dialect: 'nginx', tcp: `127.0.0.1:${port}` }],
    issuers: [],
    routes: [],
    deadline: 5,
    ...(fields && { identity: fields }),
  }
  const wish = { listen: `127.0.0.1:${listen}`, upstream: `127.0.0.1:${upstream}` }
  const [{ text }] = snippetFor('nginx', config, wish)
  return text.replaceAll(/(?<!x_)portcullis/g, `portcullis${at}`)
}

const nginxConfiguration = (folder, upstream, servers) => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${folder}/nginx.pid;
error_log stderr error;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `  ${kind}_temp_path ${folder}/${kind};`).join('\n')}
  server { listen 127.0.0.1:${upstream}; location / { return 200 "ok"; } }
${servers.join('\n')}
}
`

const bin = fileURLToPath(
  new URL('../../packages/gateway/bin/portcullis-gateway.js', import.meta.url),
)

/** The program itself, with so many workers. */
export async function startCluster(config, workers) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'))
  const port = await freePort()
  const file = join(folder, 'gateway.json')
  const listen = [{ dialect: 'forward-auth', tcp: `127.0.0.1:${port}` }]
  writeFileSync(file, JSON.stringify({ ...config, listen, workers }))
  const child = spawn(process.execPath, [bin, '--config', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await listening(port)
  return {
    port,
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function listening(port) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const isThere = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(socket.destroy() !== undefined))
      socket.once('error', () => resolve(false))
    })
    if (isThere) return
    await sleep(50)
  }
  throw new Error(`nobody listens on ${port}`)
}
