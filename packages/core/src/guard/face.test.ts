import { expect, it } from 'vitest'
import { challenge, plainFace } from '../http/challenge.ts'
import type { Authenticator } from './authenticator.ts'
import { createFace } from './face.ts'

const cookie: Authenticator = {
  scheme: { name: 'Cookie', parameters: { 'form-action': '/login' } },
  authenticate: () => undefined,
  invite: () => ({ status: 302, headers: [] }),
  attempt: () => undefined,
  prewarm: () => Promise.resolve(),
  health: () => [],
}

it('a guard for tokens challenges for Bearer, and makes nothing of its own for that', () => {
  expect(createFace({}, true, undefined)).toBe(plainFace)
})

it('a guard for sessions alone names the login, and no Bearer', () => {
  expect(challenge(createFace({}, false, cookie), {})).toBe('Cookie form-action="/login"')
})

it('a guard for both names both', () => {
  const said = challenge(createFace({}, true, cookie), {})
  expect(said).toContain('Bearer')
  expect(said).toContain('Cookie form-action="/login"')
})

it('a realm, and reasons for those who may see them, are kept', () => {
  expect(createFace({ realm: 'orders' }, true, undefined).realm).toBe('orders')
  expect(createFace({ exposeReason: true }, true, undefined).exposeReason).toBe(true)
})
