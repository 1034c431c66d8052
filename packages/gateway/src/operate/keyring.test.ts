import { expect, test } from 'vitest'
import type { GatewayConfig, InternalTokenConfig } from '../config/config.ts'
import { createKeyring } from './keyring.ts'

const config = (token?: InternalTokenConfig): GatewayConfig => ({
  listen: [],
  issuers: [],
  routes: [],
  ...(token && { identity: { token } }),
})
const issuer = 'https://gw.example.com'

test('keeps keys through configurations that say nothing new about them', () => {
  const keyring = createKeyring()
  const keys = keyring.keysFor(config({ issuer }))
  expect(keys).toBeDefined()
  expect(keyring.keysFor(config({ issuer: 'https://other.example.com', lifetime: 30 }))).toBe(keys)
  // Tokens of the old key are still on the way.
  expect(keyring.keysFor(config({ issuer, rotateEvery: 3600 }))).toBe(keys)
  expect(keyring.keysFor(config({ issuer, algorithm: 'EdDSA' }))).not.toBe(keys)
  // The other one was not taken over.
  expect(keyring.keysFor(config({ issuer }))).toBe(keys)
  expect(keyring.keysFor(config())).toBeUndefined()
})
