import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { forwarded, question, type Fields } from '../../../../test/support/gateway-question.ts'
import { InquiryMalformed } from '../listen/malformed.ts'
import { createEnvoyHttp } from './envoy-http.ts'
import { createForwardAuth } from './forward-auth.ts'
import { createNginx } from './nginx.ts'
import { createOauth2Proxy } from './oauth2-proxy.ts'

// Whatever stands in the fields: a dialect throws nothing but its own error, and what it reads can only
// be what the one gateway it is for has said.

const names = [
  ...Object.keys(forwarded),
  'Host',
  'X-Original-URI',
  'X-Original-URL',
  'X-Original-Method',
  'X-Auth-Request-Redirect',
  'X-Envoy-Original-Path',
  'X-Envoy-Auth-Partial-Body',
  'Content-Length',
  'Transfer-Encoding',
  'X-HTTP-Method-Override',
]
const plausible = ['GET', 'https', 'http', 'api.example', '/orders', '/public', '0', '', 'chunked']
const value = fc.oneof(
  fc.constantFrom(...plausible),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.webUrl(),
)
const field: fc.Arbitrary<readonly [string, string]> = fc.tuple(fc.constantFrom(...names), value)
const usual = fc.constantFrom(
  Object.entries(forwarded),
  [['Host', 'api.example']] as [string, string][],
  [
    ['X-Original-URL', 'https://api.example/orders'],
    ['X-Original-Method', 'GET'],
  ] as [string, string][],
  [] as [string, string][],
)
const fields: fc.Arbitrary<Fields> = fc
  .tuple(usual, fc.array(field, { maxLength: 6 }))
  .map(([some, more]) => [...some, ...more])
const target = fc.oneof(
  { weight: 5, arbitrary: fc.constant('/oauth2/auth') },
  fc.constantFrom('/check', '/orders'),
  fc.string(),
)

const dialects = [createNginx(), createForwardAuth(), createEnvoyHttp(), createOauth2Proxy()]

describe.each(dialects)('$name', (dialect) => {
  test('reads nothing but what one gateway says once', () => {
    let read = 0
    fc.assert(
      fc.property(fields, target, (given, line) => {
        try {
          const inquiry = dialect.read(question(given, line))
          read++
          expect(inquiry.method).toMatch(/^[!-~]+$/)
          expect(['http', 'https']).toContain(inquiry.scheme)
          expect(inquiry.host).toMatch(/^[^A-Z\s,/@?#]+$/)
          expect(inquiry.target).toMatch(/^\/[^\0-\x20\x7f]*$/)
          const method = valuesOf(given, methodField(dialect.name, given))
          expect(method).toEqual(dialect.name === 'envoy-http' ? [] : [inquiry.method])
        } catch (error) {
          if (!InquiryMalformed.is(error)) throw error
        }
      }),
      { numRuns: 2000 },
    )
    // Or nothing would have been tested.
    expect(read).toBeGreaterThan(50)
  })
})

const methodField = (name: string, given: Fields): string => {
  if (name === 'envoy-http') return 'X-Forwarded-Method'
  return valuesOf(given, 'X-Original-URL').length > 0 ? 'X-Original-Method' : 'X-Forwarded-Method'
}

const valuesOf = (given: Fields, name: string): readonly string[] =>
  given.filter((one) => one[0] === name).map((one) => one[1])
