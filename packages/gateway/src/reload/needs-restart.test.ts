import { expect, it } from 'vitest'
import type { GatewayConfig } from '../config/config.ts'
import { needsRestart } from './needs-restart.ts'

const config: GatewayConfig = {
  listen: [{ dialect: 'nginx', tcp: '127.0.0.1:9101' }],
  issuers: [],
  routes: [],
  identity: { token: { issuer: 'https://gw.example.com' } },
}

it('names what a reload cannot change', () => {
  const next: GatewayConfig = {
    ...config,
    listen: [{ dialect: 'nginx', tcp: '127.0.0.1:9102' }],
    workers: 2,
    identity: { token: { issuer: 'https://gw.example.com', rotateEvery: 3600 } },
  }
  expect(needsRestart(config, next)).toEqual(['listen', 'workers', 'identity.token.rotateEvery'])
})

it('names nothing where routes and lives change', () => {
  const next: GatewayConfig = {
    ...config,
    routes: [{ path: '/**' }],
    identity: { token: { issuer: 'https://gw.example.com', lifetime: 30 } },
  }
  expect(needsRestart(config, next)).toEqual([])
})
