import { expect, test } from 'vitest'
import {
  allowed,
  challenge,
  identity,
  malformedBy,
  question,
  refused,
  unavailable,
  type Fields,
} from '../../../../test/support/gateway-question.ts'
import { createEnvoyHttp } from './envoy-http.ts'

const plain = createEnvoyHttp()
const host: Fields = [['Host', 'API.example:8080']]

test('reads method, path and host where the client put them', () => {
  expect(plain.read(question(host, '/orders?x=1', 'DELETE'))).toMatchObject({
    method: 'DELETE',
    scheme: 'https',
    host: 'api.example',
    target: '/orders?x=1',
  })
})

test('reads the scheme where Envoy was told to pass it on', () => {
  const told = question([...host, ['X-Forwarded-Proto', 'http']], '/orders')
  expect(plain.read(told).scheme).toBe('http')
})

test.each(['/check', '/check/'])('takes the prefix %s off', (pathPrefix) => {
  const { read } = createEnvoyHttp({ pathPrefix })
  expect(read(question(host, '/check/orders')).target).toBe('/orders')
  expect(read(question(host, '/check/')).target).toBe('/')
  expect(read(question(host, '/check//orders')).target).toBe('//orders')
  expect(malformedBy(() => read(question(host, '/orders')))).toContain('pathPrefix')
  expect(malformedBy(() => read(question(host, '/checkout')))).toContain('target')
  expect(malformedBy(() => read(question(host, '/check')))).toContain('target')
})

test.each<[string, Fields, string?]>([
  ['no host', []],
  ['two hosts', [...host, ...host]],
  ['a host that is none', [['Host', 'a/b']]],
  ['two schemes', [...host, ['X-Forwarded-Proto', 'https'], ['X-Forwarded-Proto', 'https']]],
  ['a scheme that is none', [...host, ['X-Forwarded-Proto', 'ws']]],
  ['an absolute target', host, 'http://api.example/orders'],
  ['an asterisk', host, '*'],
  ['a body', [...host, ['Content-Length', '1']]],
  ['a body in pieces', [...host, ['Transfer-Encoding', 'chunked']]],
  ['a body that Envoy relays', [...host, ['X-Envoy-Auth-Partial-Body', 'false']]],
  ...[
    'X-Forwarded-Uri',
    'X-Forwarded-Method',
    'X-Original-URI',
    'X-Original-URL',
    'X-Original-Method',
    'X-Auth-Request-Redirect',
  ].map((name): [string, Fields] => [name, [...host, [name, '/public']]]),
])('refuses a question with %s', (_, fields, target = '/orders') => {
  expect(malformedBy(() => plain.read(question(fields, target)))).not.toBe('')
})

test('a length of 0, which Envoy and Traffic Server send, announces no body', () => {
  expect(plain.read(question([...host, ['Content-Length', '0']], '/orders')).target).toBe('/orders')
})

test('allows with 200 alone, and has empty fields removed', () => {
  expect(plain.write(allowed({ identity: [...identity, ['X-Auth-Client', '']] }))).toEqual({
    status: 200,
    headers: [
      ['Authorization', 'Bearer internal'],
      ['X-Auth-Subject', 'alice'],
      ['x-envoy-auth-headers-to-remove', 'x-auth-scope, x-auth-client'],
      ['Cache-Control', 'no-store'],
      ['Content-Length', '0'],
    ],
  })
})

test('has nothing removed where nothing is empty', () => {
  const names = plain.write(allowed({ toClient: [['DPoP-Nonce', 'n']] })).headers
  expect(names.map(([name]) => name)).toEqual(['DPoP-Nonce', 'Cache-Control', 'Content-Length'])
})

test('denies with the status as it is', () => {
  expect(plain.write(refused(400)).status).toBe(400)
  expect(plain.write(refused(401, [challenge]))).toMatchObject({
    status: 401,
    body: '{"error":"invalid_token"}',
  })
  expect(plain.write(refused(403)).status).toBe(403)
  expect(plain.write(unavailable()).status).toBe(503)
})
