import type { Claims } from '../lib/claims.ts'
import { textFromBase64url } from '../lib/base64url.ts'
import { parseObject } from '../lib/json.ts'
import { isRecord, ownValue } from '../lib/own.ts'
import type { Session } from './session.ts'

/** Who is logged in. */
export type Identity = Pick<Session, 'issuer' | 'client' | 'claims'>

/** Writes it as the text of a JSON array: by what the ID token says of it, where that is shorter. */
export function packIdentity(session: Session): string {
  const plain = JSON.stringify(spelledOut(session))
  const payload = payloadOf(session.idToken)
  const short = payload === undefined ? plain : JSON.stringify(referred(session, payload))
  return short.length < plain.length ? short : plain
}

/** Reads what `packIdentity` wrote; `undefined` for anything else. */
export function unpackIdentity(packed: readonly unknown[], idToken: unknown): Identity | undefined {
  const [issuer, client, claims, changed] = packed
  if (Array.isArray(claims)) return referredIdentity(packed, idToken)
  if (changed !== undefined || !isRecord(claims)) return undefined
  if (typeof issuer !== 'string' || typeof client !== 'string') return undefined
  return { issuer, client, claims }
}

const spelledOut = ({ issuer, client, claims }: Session): readonly unknown[] => [
  issuer,
  client,
  claims,
]

/** The same by what the ID token says: 0 for its own, the places of claims that are left out, and other claims. */
function referred({ issuer, client, claims }: Session, payload: Claims): readonly unknown[] {
  const left = Object.keys(payload).flatMap((name, place) =>
    Object.hasOwn(claims, name) ? [] : [place],
  )
  const changed = Object.entries(claims).filter(
    ([name, value]) => !isSame(value, ownValue(payload, name)),
  )
  return [
    issuer === ownValue(payload, 'iss') ? 0 : issuer,
    client === clientOf(payload) ? 0 : client,
    left,
    ...(changed.length === 0 ? [] : [Object.fromEntries(changed)]),
  ]
}

const isSame = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b)

function referredIdentity(
  [ownIssuer, ownClient, left, changed]: readonly unknown[],
  idToken: unknown,
): Identity | undefined {
  const payload = payloadOf(idToken)
  if (payload === undefined || !Array.isArray(left)) return undefined
  if (changed !== undefined && !isRecord(changed)) return undefined
  const issuer = ownIssuer === 0 ? ownValue(payload, 'iss') : ownIssuer
  const client = ownClient === 0 ? clientOf(payload) : ownClient
  if (typeof issuer !== 'string' || typeof client !== 'string') return undefined
  const claims = without(payload, left)
  return { issuer, client, claims: changed === undefined ? claims : { ...claims, ...changed } }
}

function without(payload: Claims, left: readonly unknown[]): Claims {
  const kept: Record<string, unknown> = {}
  let place = 0
  for (const name of Object.keys(payload)) {
    if (!left.includes(place++)) kept[name] = payload[name]
  }
  return kept
}

function payloadOf(idToken: unknown): Claims | undefined {
  if (typeof idToken !== 'string') return undefined
  const from = idToken.indexOf('.') + 1
  const to = idToken.indexOf('.', from)
  const text = from === 0 || to === -1 ? undefined : textFromBase64url(idToken.slice(from, to))
  const payload = text === undefined ? undefined : parseObject(text)
  // A member of this name could not be copied by assignment.
  return payload === undefined || Object.hasOwn(payload, '__proto__') ? undefined : payload
}

function clientOf(payload: Claims): unknown {
  const audience = ownValue(payload, 'aud')
  const [only, ...further] = Array.isArray(audience) ? audience : [audience]
  return further.length === 0 ? only : ownValue(payload, 'azp')
}
