import type { HeaderField } from '@portcullis/core'
import type { Allowed, Refused, Unavailable } from '../../packages/gateway/src/check/answer.ts'
import type { Question } from '../../packages/gateway/src/dialects/dialect.ts'
import { questionOf } from '../../packages/gateway/src/listen/question.ts'
import { requestText } from './raw-client.ts'
import { InquiryMalformed } from '../../packages/gateway/src/listen/malformed.ts'

export type Fields = readonly (readonly [name: string, value: string])[]

/** A question as the listener sees it; a name in two entries is a repeated field. */
export const question = (fields: Fields, target = '/check', method = 'GET'): Question =>
  questionOf({ method, url: target, rawHeaders: fields.flat() })

/** The fields with which nginx, Traefik and Caddy relay a request. */
export const forwarded = {
  'X-Forwarded-Method': 'GET',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'api.example',
  'X-Forwarded-Uri': '/orders?x=1',
} as const

/** The text of such a request, with more fields. */
export const forwardedText = (fields: Fields = [], line?: string): string =>
  requestText([...forwardedWith(), ...fields], line)

/** Some of them replaced, or with `undefined` left out. */
export const forwardedWith = (changes?: Changes): Fields => changed(forwarded, changes)

export type Changes = Readonly<Record<string, string | undefined>>

export const changed = (fields: Changes, changes: Changes = {}): Fields =>
  Object.entries({ ...fields, ...changes }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )

/** What a reader threw. */
export function malformedBy(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (InquiryMalformed.is(error)) return error.message
    throw error
  }
  throw new Error('nothing was wrong with the question')
}

export const allowed = (changes: Partial<Allowed> = {}): Allowed => ({
  outcome: 'allowed',
  route: undefined,
  principal: undefined,
  identity: [],
  toClient: [],
  freshFor: 0,
  ...changes,
})

export const refused = (
  status: Refused['status'],
  headers: readonly HeaderField[] = [],
): Refused => ({
  outcome: 'refused',
  route: undefined,
  status,
  headers,
  code: 'some_code',
  refusal: undefined,
})

export const unavailable = (retryAfter = 1): Unavailable => ({
  outcome: 'unavailable',
  route: undefined,
  retryAfter,
  code: 'keys_unreachable',
  cause: undefined,
})

export const identity: readonly HeaderField[] = [
  ['Authorization', 'Bearer internal'],
  ['X-Auth-Subject', 'alice'],
  ['X-Auth-Scope', ''],
]

export const challenge: HeaderField = [
  'WWW-Authenticate',
  'Bearer realm="a", error="invalid_token"',
]
