import { expect, test } from 'vitest'
import {
  allowed,
  challenge,
  identity,
  refused,
  unavailable,
} from '../../../../test/support/gateway-question.ts'
import { createForwardAuth } from './forward-auth.ts'

const { write } = createForwardAuth()

test('allows with 200, no body, and every field of the identity, the empty ones too', () => {
  expect(write(allowed({ identity, toClient: [['DPoP-Nonce', 'n']], freshFor: 9 }))).toEqual({
    status: 200,
    headers: [
      ...identity,
      ['DPoP-Nonce', 'n'],
      ['Cache-Control', 'no-store'],
      ['Content-Length', '0'],
    ],
  })
})

test.each<[400 | 401 | 403, string | undefined, string]>([
  [400, 'Bearer realm="a", error="invalid_request"', 'invalid_request'],
  [400, undefined, 'invalid_request'],
  [401, 'Bearer realm="a", error="invalid_token"', 'invalid_token'],
  [401, 'Bearer error="invalid_token", DPoP algs="ES256"', 'invalid_token'],
  [401, 'DPoP error="use_dpop_nonce"', 'use_dpop_nonce'],
  [401, 'Bearer realm="a"', 'unauthorized'],
  [401, 'Bearer realm="error=\\"x\\""', 'unauthorized'],
  [403, 'Bearer error="insufficient_scope", scope="a"', 'insufficient_scope'],
  [403, undefined, 'forbidden'],
])('refuses with %i, the challenge %s and the error %s', (status, value, error) => {
  const headers = value === undefined ? [] : [['WWW-Authenticate', value] as const]
  const body = JSON.stringify({ error })
  expect(write(refused(status, headers))).toEqual({
    status,
    headers: [
      ...headers,
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
      ['Content-Length', String(Buffer.byteLength(body))],
    ],
    body,
  })
})

test('an outage is a 503 that says when to come again, and nothing of why', () => {
  expect(write(unavailable(7))).toEqual({
    status: 503,
    headers: [
      ['Retry-After', '7'],
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
      ['Content-Length', '35'],
    ],
    body: '{"error":"temporarily_unavailable"}',
  })
})

test('the code of a refusal stays inside', () => {
  expect(
    JSON.stringify(write({ ...refused(401, [challenge]), code: 'token_expired' })),
  ).not.toMatch(/token_expired/)
})
