import { refuse, type Refusal, type Trail } from '../../errors/refusal.ts'
import { shown } from '../../http/challenge.ts'
import { parseObject, repeatsMember } from '../../lib/json.ts'
import { ownValue } from '../../lib/own.ts'
import { normalType } from './kind.ts'
import { decodeText, malformed } from './parse.ts'
import { trailOf, type Binding, type Trusting } from './key.ts'
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

/** A JOSE header that passed what holds for signed and encrypted tokens alike. */
export interface JoseHeader {
  readonly members: Readonly<Record<string, unknown>>
  readonly kid: string | undefined
  readonly typ: string | undefined
}

/** Reads a JOSE header, of whatever kind of token: the one place where its spelling is judged. */
export function parseHeader(part: string): JoseHeader {
  const text = decodeText(part, 'header')
  const members = parseObject(text)
  if (members === undefined) throw malformed('its header is not a JSON object')
  if (repeatsMember(text)) throw malformed('its header names a member twice')
  // RFC 7515 §4.1.11: an extension that is not understood must be refused; RFC 7797 `b64` is one.
  for (const name of ['crit', 'b64']) {
    if (Object.hasOwn(members, name))
      throw headerRefused(`The token header holds '${name}', which is not supported.`)
  }
  const [kid, typ] = ['kid', 'typ'].map((name) => ownValue(members, name))
  if (kid !== undefined && typeof kid !== 'string') throw malformed('its kid is not a string')
  if (typ !== undefined && typeof typ !== 'string') throw malformed('its typ is not a string')
  return { members, kid, typ }
}

/** Reads and checks the header part of a signed token. */
export function readHeader(part: string): Header {
  const { members, kid, typ } = parseHeader(part)
  const alg = ownValue(members, 'alg')
  if (!isAlgorithm(alg)) throw algorithmRefused(alg, { check: 'algorithm', alg: shown(alg) })
  return { alg, kid, type: typ === undefined ? undefined : normalType(typ), binding: undefined }
}

/** Refuses a token by its algorithm, where its issuer may not use it. */
export function checkAlgorithm(
  header: Header,
  accepted: ReadonlySet<string>,
  trust: Trusting,
): void {
  if (accepted.has(header.alg)) return
  throw algorithmRefused(header.alg, trailOf('algorithm', header, trust))
}

const algorithmRefused = (alg: unknown, trail: Trail): Refusal =>
  refuse(
    'token_algorithm_refused',
    `The token is signed with ${shown(alg)}, which is not accepted.`,
    { trail },
  )

export const headerRefused = (reason: string): Refusal =>
  refuse('token_header_refused', reason, { trail: { check: 'header' } })
