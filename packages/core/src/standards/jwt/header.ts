import { refuse, type Refusal } from '../../errors/refusal.ts'
import { shown } from '../../http/challenge.ts'
import { parseObject, repeatsMember } from '../../lib/json.ts'
import { ownValue } from '../../lib/own.ts'
import { normalType } from './kind.ts'
import { decodeText, malformed } from './parse.ts'
import type { Binding } from './key.ts'
import { isAlgorithm, type Algorithm } from './signature.ts'

/** What a guard reads of a JOSE header. Keys and addresses that a token brings along are never looked at. */
export interface Header {
  readonly alg: Algorithm
  readonly kid: string | undefined
  /** `typ` in lower case and without `application/` (RFC 7515 §4.1.9); `undefined` where absent. */
  readonly type: string | undefined
  /** The key that was found for the header when a token with it was last found genuine. */
  binding: Binding | undefined
}

/** Reads and checks the header part of a token. */
export function readHeader(part: string): Header {
  const text = decodeText(part, 'header')
  const value = parseObject(text)
  if (value === undefined) throw malformed('its header is not a JSON object')
  if (repeatsMember(text)) throw malformed('its header names a member twice')
  // RFC 7515 §4.1.11: an extension that is not understood must be refused; RFC 7797 `b64` is one.
  for (const name of ['crit', 'b64']) {
    if (Object.hasOwn(value, name))
      throw refused(`The token header holds '${name}', which is not supported.`)
  }
  const [alg, kid, typ] = ['alg', 'kid', 'typ'].map((name) => ownValue(value, name))
  if (kid !== undefined && typeof kid !== 'string') throw malformed('its kid is not a string')
  if (typ !== undefined && typeof typ !== 'string') throw malformed('its typ is not a string')
  if (!isAlgorithm(alg)) throw algorithmRefused(alg)
  return { alg, kid, type: typ === undefined ? undefined : normalType(typ), binding: undefined }
}

export const algorithmRefused = (alg: unknown): Refusal =>
  refuse(
    'token_algorithm_refused',
    `The token is signed with ${shown(alg)}, which is not accepted.`,
    {
      trail: { check: 'algorithm', alg: shown(alg) },
    },
  )

const refused = (reason: string): Refusal =>
  refuse('token_header_refused', reason, { trail: { check: 'header' } })
