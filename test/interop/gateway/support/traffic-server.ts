import { startProgram, type Program } from './programs.ts'

/** Where Apache Traffic Server stands, and whom its plugin authproxy asks. */
export interface TrafficServerPlace {
  readonly binary: string
  readonly port: number
  readonly upstream: number
  /** `host:port` of a listener of the dialect `envoy-http`. */
  readonly ask: string
}

/** Starts Apache Traffic Server, which asks as Envoy does over HTTP, and hands nothing on to the upstream. */
export function startTrafficServer(place: TrafficServerPlace): Promise<Program> {
  const [host, port] = place.ask.split(':')
  const folders = ['datadir', 'localstatedir', 'runtimedir', 'logdir', 'cachedir']
  return startProgram({
    binary: place.binary,
    port: place.port,
    args: (folder) => [`--run-root=${folder}/runroot.yaml`],
    files: {
      'runroot.yaml': [
        'prefix: {folder}',
        'exec_prefix: {folder}',
        'bindir: /usr/bin',
        'sbindir: /usr/sbin',
        'sysconfdir: {folder}/etc',
        'includedir: /usr/include',
        'libdir: /usr/lib/trafficserver',
        'libexecdir: /usr/lib/trafficserver/modules',
        ...folders.map((name) => `${name}: {folder}/${name}`),
        '',
      ].join('\n'),
      ...Object.fromEntries(folders.map((name) => [`${name}/.keep`, ''])),
      'etc/records.config': [
        `CONFIG proxy.config.http.server_ports STRING ${place.port}:ip-in=127.0.0.1`,
        'CONFIG proxy.config.http.cache.http INT 0',
        'CONFIG proxy.config.admin.user_id STRING #-1',
        'CONFIG proxy.config.diags.output.error STRING E',
        '',
      ].join('\n'),
      'etc/remap.config': [
        `map http://${place.ask}/ http://${place.ask}/`,
        `map / http://127.0.0.1:${place.upstream}/ @plugin=authproxy.so @pparam=--auth-transform=redirect @pparam=--auth-host=${host} @pparam=--auth-port=${port}`,
        '',
      ].join('\n'),
      'etc/ip_allow.yaml': `ip_allow:\n${['in', 'out'].map((way) => `  - { apply: ${way}, ip_addrs: 127.0.0.1, action: allow, methods: ALL }\n`).join('')}`,
      'etc/storage.config': '{folder}/cachedir 16M\n',
      'etc/plugin.config': '',
    },
  })
}
