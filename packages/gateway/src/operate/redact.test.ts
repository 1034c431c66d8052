import { expect, test } from 'vitest'
import type { GatewayConfig } from '../config/config.ts'
import { configHash, redact } from './redact.ts'

const config: GatewayConfig = {
  listen: [{ dialect: 'nginx', tcp: '127.0.0.1:1' }],
  issuers: [
    {
      id: 'main',
      issuer: 'https://id.example.com',
      audience: 'https://api.example.com',
      introspection: {
        endpoint: 'https://user:hidden-1@id.example.com/introspect?key=hidden-2',
        client: { id: 'api', secret: 'hidden-3', privateKey: 'hidden-4' },
      },
    },
  ],
  routes: [{ path: '/a' }],
  identity: { token: { issuer: 'https://gw.example.com', keys: ['hidden-5'] } },
  redis: { url: 'redis://user:hidden-6@redis:6379/1', use: ['introspection'], secret: 'hidden-7' },
}

test('shows a configuration without anything secret, and all the rest', () => {
  const text = JSON.stringify(redact(config))
  expect(text).not.toContain('hidden')
  expect(text).toContain('redis://redis:6379/1')
  expect(text).toContain('https://id.example.com/introspect')
  expect(text).toContain('"id":"api"')
})

test('hashes what may be shown: a secret cannot be guessed from it', () => {
  const other = { ...config, redis: { ...config.redis, secret: 'other' } } as GatewayConfig
  expect(configHash(other)).toBe(configHash(config))
  expect(configHash({ ...config, realm: 'x' })).not.toBe(configHash(config))
})
