import { snippetFor } from '../../../../packages/gateway/src/snippet/create.ts'
import type { SnippetFor } from '../../../../packages/gateway/src/snippet/snippet.ts'
import type { GatewayConfig } from '../../../../packages/gateway/src/config/config.ts'
import { startProgram, type Program, type ProgramWish } from './programs.ts'

/** A gateway that the suite can start, and the dialect it is to ask in. */
export interface GatewayUnderTest {
  readonly name: string
  readonly binary: string
  readonly snippet: SnippetFor
  readonly dialect: GatewayConfig['listen'][number]['dialect']
  /** What the program needs beside the snippet. */
  readonly setting: (snippet: Readonly<Record<string, string>>) => Setting
}

type Setting = Pick<ProgramWish, 'args' | 'files'>

const one = (snippet: Readonly<Record<string, string>>, name: string): string => {
  const text = snippet[name]
  if (text === undefined) throw new Error(`the snippet has no file ${name}`)
  return text
}

/** Where Debian puts nginx's module for JavaScript. */
export const nginxScripts = '/usr/lib/nginx/modules/ngx_http_js_module.so'

const nginx = (snippet: Readonly<Record<string, string>>): Setting => ({
  args: (folder) => ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', 'stderr'],
  files: {
    ...snippet,
    'nginx.conf': [
      process.getuid?.() === 0 ? 'user root;' : '',
      'portcullis.js' in snippet ? `load_module ${nginxScripts};` : '',
      'daemon off; pid {folder}/nginx.pid; error_log stderr warn; worker_processes 1;',
      'events { worker_connections 512; }',
      'http {',
      '  access_log off;',
      ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (kind) => `  ${kind}_temp_path {folder}/${kind};`,
      ),
      '  include {folder}/portcullis.conf;',
      '}',
    ].join('\n'),
  },
})

const caddy = (snippet: Readonly<Record<string, string>>): Setting => ({
  args: () => ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'],
  files: {
    Caddyfile: `{\n\tadmin off\n\tauto_https off\n}\n${one(snippet, 'Caddyfile')}`,
  },
})

const traefik = (snippet: Readonly<Record<string, string>>): Setting => ({
  args: () => ['--configfile=traefik.yaml'],
  files: {
    ...snippet,
    'traefik.yaml': `${one(snippet, 'traefik.yaml')}global: { checkNewVersion: false, sendAnonymousUsage: false }\n`,
  },
})

const envoy = (snippet: Readonly<Record<string, string>>): Setting => ({
  args: () => ['-c', 'envoy.yaml', '--concurrency', '1', '--disable-hot-restart', '-l', 'warn'],
  files: snippet,
})

const haproxy = (snippet: Readonly<Record<string, string>>): Setting => ({
  args: () => ['-db', '-f', 'haproxy.cfg'],
  files: {
    ...snippet,
    'haproxy.cfg': [
      'global',
      ...('portcullis.lua' in snippet ? ['  lua-load {folder}/portcullis.lua'] : []),
      'defaults',
      '  mode http',
      '  timeout connect 1s',
      '  timeout client 30s',
      '  timeout server 30s',
      one(snippet, 'haproxy.cfg'),
      '',
    ].join('\n'),
  },
})

/** Every gateway that a configuration is written for, in every dialect it can ask in. */
export const gateways: readonly GatewayUnderTest[] = [
  { name: 'nginx', binary: 'nginx', snippet: 'nginx', dialect: 'nginx', setting: nginx },
  { name: 'Caddy', binary: 'caddy', snippet: 'caddy', dialect: 'forward-auth', setting: caddy },
  {
    name: 'Traefik',
    binary: 'traefik',
    snippet: 'traefik',
    dialect: 'forward-auth',
    setting: traefik,
  },
  {
    name: 'Envoy over gRPC',
    binary: 'envoy',
    snippet: 'envoy',
    dialect: 'envoy-grpc',
    setting: envoy,
  },
  {
    name: 'Envoy over HTTP',
    binary: 'envoy',
    snippet: 'envoy',
    dialect: 'envoy-http',
    setting: envoy,
  },
  {
    name: 'HAProxy with Lua',
    binary: 'haproxy',
    snippet: 'haproxy',
    dialect: 'forward-auth',
    setting: haproxy,
  },
  {
    name: 'HAProxy over SPOE',
    binary: 'haproxy',
    snippet: 'haproxy',
    dialect: 'spoe',
    setting: haproxy,
  },
]

export interface Place {
  readonly binary: string
  readonly port: number
  readonly upstream: number
  readonly config: GatewayConfig
  /** nginx only. */
  readonly cache?: boolean
}

/** Starts a gateway with the very text that `portcullis-gateway snippet` prints. */
export function startGateway(under: GatewayUnderTest, place: Place): Promise<Program> {
  const { binary, port, upstream, config, cache = false } = place
  const listen = config.listen.filter(({ dialect }) => dialect === under.dialect)
  const files = snippetFor(
    under.snippet,
    { ...config, listen },
    { listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${upstream}`, cache },
  )
  const texts = Object.fromEntries(files.map(({ name, text }) => [name, text]))
  return startProgram({ binary, port, ...under.setting(texts) })
}
