import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { GatewayConfig } from '../config/config.ts'
import { keptSeconds } from '../listen/reply-text.ts'
import { snippetFor } from './create.ts'

const configOf = (more: Partial<GatewayConfig> = {}): GatewayConfig => ({
  listen: [
    { dialect: 'nginx', tcp: '127.0.0.1:9101' },
    { dialect: 'forward-auth', tcp: '127.0.0.1:9102' },
    { dialect: 'envoy-http', tcp: '127.0.0.1:9103' },
  ],
  issuers: [{ id: 'main', issuer: 'https://id.example.com', audience: 'a' }],
  routes: [{ path: '/**' }],
  ...more,
})

const textOf = (...asked: Parameters<typeof snippetFor>): string =>
  snippetFor(...asked)
    .map(({ text }) => text)
    .join('\n')

test('Envoy over HTTP ends idle connections before the gateway does', () => {
  const [, idle = ''] = /idle_timeout: (\d+)s/.exec(textOf('envoy', configOf())) ?? []
  expect(Number(idle)).toBeGreaterThan(0)
  expect(Number(idle)).toBeLessThan(keptSeconds)
})

test('nothing is named where upstreams are told nothing', () => {
  expect(textOf('caddy', configOf())).not.toContain('copy_headers')
  const { static_resources: found } = parse(textOf('envoy', configOf()))
  expect(JSON.stringify(found)).not.toContain('"patterns":[]')
})

test.each([
  ['nothing', {}, 4],
  ['a plain field', { headers: { 'X-User': 'sub' } }, 4],
  [
    'three of them',
    { headers: { 'X-User': 'sub', 'X-Scope': 'scope', 'X-Client': 'client_id' } },
    8,
  ],
  ['the token', { token: { issuer: 'https://gw.example.com', audience: 'b' } }, 12],
])('nginx keeps room for an identity of %s', (_, identity, kilobytes) => {
  const text = textOf('nginx', configOf({ identity }))
  expect(text).toContain(`proxy_buffer_size ${kilobytes}k;`)
  expect(text).toContain(`proxy_buffers 4 ${kilobytes}k;`)
  expect(text).toContain(`proxy_busy_buffers_size ${2 * kilobytes}k;`)
})
