import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Certificate } from './certificate.ts'

/** An nginx of the suite's own, with its files in a folder of its own. */
export interface Nginx {
  /** What it has complained about. */
  readonly complaints: () => string
  readonly close: () => Promise<void>
}

/** One of the names that nginx answers to. */
export interface NginxSite {
  readonly name: string
  /** Directives inside its `server`. */
  readonly directives: string
}

export interface NginxOptions {
  readonly binary: string
  readonly port: number
  readonly certificate: Certificate
  readonly sites: readonly NginxSite[]
}

/** What most people write into their proxy's configuration. */
export const usualFields = `
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`

/** Starts nginx with TLS on a port, and waits until it answers. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-nginx-'))
  const log = join(folder, 'error.log')
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration(folder, options))
  const child = spawn(options.binary, ['-p', folder, '-c', file, '-e', log], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const complaints = () => readFileSync(log, 'utf8')
  const close = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`nginx did not start:\n${complaints()}`)
    if (await answers(options.port)) return { complaints, close }
    await sleep(50)
  }
  await close()
  throw new Error('nginx does not answer')
}

function configuration(folder: string, { port, certificate, sites }: NginxOptions): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${join(folder, kind)};`)
    .join('\n')
  const servers = sites.map(
    ({ name, directives }) => `
  server {
    listen 127.0.0.1:${port} ssl http2;
    server_name ${name};
    ${directives}
  }`,
  )
  // Under root the workers would become somebody who cannot read the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `${user}
daemon off;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')} warn;
worker_processes 1;
events { worker_connections 256; }
http {
  access_log off;
  server_names_hash_bucket_size 128;
${temporary}
  ssl_certificate ${certificate.certPath};
  ssl_certificate_key ${certificate.keyPath};
${servers.join('\n')}
}
`
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
