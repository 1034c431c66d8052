import { Outage, Refusal } from '@portcullis/core'
import { expect, test } from 'vitest'
import type { Answer } from '../check/answer.ts'
import type { Inquiry } from '../check/inquiry.ts'
import { decisionLine } from './decision-line.ts'

const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'

const inquiry = (headers: Readonly<Record<string, string>>, more: Partial<Inquiry> = {}) => ({
  method: 'GET',
  scheme: 'https' as const,
  host: 'api.example.com',
  target: '/orders?access_token=secret',
  header: (name: string) => headers[name],
  ...more,
})

const refused: Answer = {
  outcome: 'refused',
  route: { id: 'orders', guard: undefined, upstream: undefined, lasting: false },
  status: 401,
  headers: [],
  code: 'token_expired',
  refusal: undefined,
}

const line = (given: Inquiry | undefined) =>
  decisionLine({ answer: refused, inquiry: given, dialect: 'nginx', seconds: 0.0012345 })

test('says what was decided, where and why, and a prefix of the hash of the token', () => {
  const found = line(
    inquiry({
      authorization: `Bearer ${token}`,
      'x-request-id': 'abc-123',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    }),
  )
  expect(found).toEqual({
    event: 'decision',
    outcome: 'refused',
    reason: 'token_expired',
    route: 'orders',
    dialect: 'nginx',
    method: 'GET',
    host: 'api.example.com',
    requestId: 'abc-123',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    token: expect.stringMatching(/^[\da-f]{8}$/),
    ms: 1.235,
  })
})

test('shows nothing of the token, the path or the query', () => {
  const text = JSON.stringify(line(inquiry({ authorization: `Bearer ${token}` })))
  for (const part of [token.slice(0, 10), token.slice(-8), 'access_token', '/orders', 'Bearer'])
    expect(text).not.toContain(part)
})

test.each([
  ['an unknown scheme', `Something ${token}`],
  ['no scheme at all', token],
  ['two in one field', `Bearer ${token}, Bearer ${token}`],
])('shows nothing of what stands in the place of a token: %s', (_, authorization) => {
  expect(JSON.stringify(line(inquiry({ authorization })))).not.toContain(token.slice(0, 10))
})

test('cleans and cuts what a client can write into the log', () => {
  const found = line(
    inquiry(
      { 'x-request-id': `a"\u0085\n{"event":"forged"}${'x'.repeat(500)}` },
      { method: 'GE\nT', host: `evil\u2028\u001b[31m${'h'.repeat(500)}` },
    ),
  )
  expect(found['requestId']).toMatch(/^[\w.:+/=@-]{1,128}$/)
  expect(found['host']).toMatch(/^evil\?\?\[31mh{100,128}$/)
  expect(found['method']).toBe('GE?T')
})

test.each([
  'no trace',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
])('leaves a traceparent out that is none: %s', (traceparent) => {
  expect(line(inquiry({ traceparent }))['traceparent']).toBeUndefined()
})

const detail = (answer: Answer): unknown =>
  decisionLine({ answer, inquiry: undefined, dialect: 'nginx', seconds: 0 })['detail']

const refusedAs = (code: Refusal['code'], reason: string): Answer => ({
  ...refused,
  code,
  refusal: new Refusal(code, reason),
})

test('says what is wrong with a question, and with which claim', () => {
  expect(
    detail({ ...refused, code: 'inquiry_malformed', reason: 'x-forwarded-uri is missing' }),
  ).toBe('x-forwarded-uri is missing')
  const claim = 'The claim tenant does not satisfy the route.'
  expect(detail(refusedAs('claim_refused', claim))).toBe(claim)
})

test('says nothing of what else a refusal tells: it may be words of the token', () => {
  expect(detail(refusedAs('token_issuer_unknown', 'The token comes from https://evil.test.'))).toBe(
    undefined,
  )
})

const failedBy = (cause: Error | undefined): Answer => ({
  outcome: 'unavailable',
  route: undefined,
  retryAfter: 1,
  code: 'failed',
  cause,
})

test('says who failed and why, and of a mistake in code where it is', () => {
  const url = 'https://id.example.com/introspect'
  const outage = new Outage('endpoint_failed', 'it answered 500', { url, phase: 'status' })
  expect(detail(failedBy(outage))).toBe(outage.message)
  const mistake = new TypeError(`no ${token}\n    at ${token}`)
  expect(detail(failedBy(mistake))).toMatch(/^TypeError at .*decision-line\.test\.ts:\d+:\d+/)
  expect(detail(failedBy(mistake))).not.toContain(token)
  expect(detail(failedBy(undefined))).toBe(undefined)
})

test('has a line for a question that could not be read', () => {
  expect(line(undefined)).toMatchObject({ reason: 'token_expired', dialect: 'nginx' })
})
