import { refuse, type Refusal } from '../../errors/refusal.ts'
import type { Claims } from '../../lib/claims.ts'
import { textFromBase64url } from '../../lib/base64url.ts'
import { parseObject } from '../../lib/json.ts'

/** A token taken apart, nothing of it believed yet. */
export interface Parts {
  readonly header: string
  readonly payload: string
  readonly signature: string
  /** What the signature is over: header and payload as they were sent. */
  readonly input: string
}

/** Finds the three parts of a JWS in compact form (RFC 7515 §7.1); `undefined` for the five of a JWE. */
export function split(token: string): Parts | undefined {
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 1 || second === -1) throw malformed(notThreeParts(token))
  if (second === token.length - 1) throw malformed('it is not signed')
  if (token.includes('.', second + 1)) {
    if (token.split('.', 6).length === 5) return undefined
    throw malformed('it does not have three parts')
  }
  // In a two-byte string the low byte of a strange character could pass for a good one.
  if (Buffer.byteLength(token) !== token.length) throw malformed('it holds characters beyond ASCII')
  return {
    header: token.slice(0, first),
    payload: token.slice(first + 1, second),
    signature: token.slice(second + 1),
    input: token.slice(0, second),
  }
}

// What JavaScript makes of a variable without a value.
const nothings: ReadonlySet<string> = new Set(['undefined', 'null', 'NaN'])

const notThreeParts = (token: string): string =>
  nothings.has(token)
    ? `it is the word ${token}, because the client had no token to send`
    : 'it does not have three parts'

export function readPayload(payload: string): Claims {
  const claims = parseObject(decodeText(payload, 'payload'))
  if (claims === undefined) throw malformed('its payload is not a JSON object')
  return claims
}

export function decodeText(part: string, name: string): string {
  const text = textFromBase64url(part)
  if (text === undefined) throw malformed(`its ${name} is not canonical base64url of UTF-8`)
  return text
}

export const malformed = (why: string): Refusal =>
  refuse('token_malformed', `The token is not a well-formed signed JWT: ${why}.`, {
    trail: { check: 'shape' },
  })
