import { refuse, type Refusal } from '../../errors/refusal.ts'
import { fromBase64url } from '../../lib/base64url.ts'
import { parseObject } from '../../lib/json.ts'
import type { Claims } from '../../guard/token.ts'

/** A token taken apart, nothing of it believed yet. */
export interface Parts {
  readonly header: string
  readonly payload: string
  readonly signature: string
  /** Length of the signing input. */
  readonly signed: number
}

/** Finds the three parts of a JWS in compact form (RFC 7515 §7.1). */
export function split(token: string): Parts {
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 1 || second === -1 || token.includes('.', second + 1)) {
    throw malformed('it does not have three parts')
  }
  if (second === token.length - 1) throw malformed('it is not signed')
  // In a two-byte string the low byte of a strange character could pass for a good one.
  if (Buffer.byteLength(token) !== token.length) throw malformed('it holds characters beyond ASCII')
  return {
    header: token.slice(0, first),
    payload: token.slice(first + 1, second),
    signature: token.slice(second + 1),
    signed: second,
  }
}

export function readPayload(payload: string): Claims {
  const claims = parseObject(decode(payload, 'payload'))
  if (claims === undefined) throw malformed('its payload is not a JSON object')
  return claims.value
}

export function decode(part: string, name: string): Buffer {
  const bytes = fromBase64url(part)
  if (bytes === undefined) throw malformed(`its ${name} is not canonical base64url`)
  return bytes
}

export const malformed = (why: string): Refusal =>
  refuse('token_malformed', `The token is not a well-formed signed JWT: ${why}.`, {
    trail: { check: 'shape' },
  })
