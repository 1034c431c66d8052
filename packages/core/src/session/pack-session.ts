import { isRecord } from '../lib/own.ts'
import { packIdentity, unpackIdentity } from './pack-identity.ts'
import { pack, unpack } from './pack.ts'
import type { HeldToken, Session } from './session.ts'

/**
 * Writes a session in as few bytes as it takes without compression: members by their place, base64url
 * as bytes, and what an ID token says only once. The tokens stand in front of the JSON, so that nobody
 * has to search kilobytes of them for a quote.
 */
export function packSession(session: Session): Buffer {
  const words: string[] = []
  const members = JSON.stringify(membersOf(session, words)).slice(1, -1)
  return pack(`${[...words, ''].join(' ')}[${members},${packIdentity(session).slice(1)}`)
}

/** Reads what `packSession` wrote; `undefined` for anything else. */
export function unpackSession(bytes: Buffer): Session | undefined {
  const text = unpack(bytes) ?? ''
  const start = text.indexOf('[')
  const members = start === -1 ? undefined : parseArray(text.slice(start))
  return members && sessionOf(members, text.slice(0, start).split(' '))
}

// What is not there is a 0: one character, and of no type that a member has.
const membersOf = (session: Session, words: string[]): readonly unknown[] => [
  session.id,
  session.createdAt,
  packNumber(session.seenAt, session.createdAt),
  session.scope,
  session.tokens.map((token) => packToken(token, session, words)),
  session.refreshToken === undefined ? 0 : packText(session.refreshToken, words),
  session.idToken === undefined ? 0 : packText(session.idToken, words),
  session.data ?? 0,
]

const packToken = (
  token: HeldToken,
  { scope, createdAt }: Session,
  words: string[],
): readonly unknown[] => [
  packText(token.value, words),
  token.name,
  token.scope === scope ? 0 : token.scope,
  token.expiresAt === undefined ? null : packNumber(token.expiresAt, inSeconds(createdAt)),
  token.lifetime ?? null,
]

// RFC 6750 §2.1: what nearly every token is made of; neither a space nor a bracket is among it.
const word = /^[\w.~+/=-]+$/

/** The number of the word that it has become, counted from 1; else the text itself. */
const packText = (text: string, words: string[]): string | number =>
  word.test(text) ? words.push(text) : text

const unpackText = (packed: unknown, words: readonly string[]): unknown =>
  typeof packed === 'number' && packed > 0 ? words[packed - 1] || undefined : packed

function sessionOf(members: readonly unknown[], words: readonly string[]): Session | undefined {
  const [id, createdAt, seen, scope, packedTokens, refreshToken, packedIdToken, data] = members
  if (typeof id !== 'string' || typeof createdAt !== 'number' || typeof scope !== 'string') {
    return undefined
  }
  const seenAt = unpackNumber(seen, createdAt)
  const tokens = tokensOf(packedTokens, words, scope, createdAt)
  const idToken = unpackText(packedIdToken, words)
  const identity = unpackIdentity(members.slice(8), idToken)
  if (seenAt === undefined || tokens === undefined || identity === undefined) return undefined
  const { issuer, client, claims } = identity
  const session = { issuer, client, claims, scope, tokens, id, createdAt, seenAt }
  return withMore(session, unpackText(refreshToken, words), idToken, data)
}

// By assignment: to spread three objects into a fourth takes as long as half the deciphering.
function withMore(
  session: { -readonly [Name in keyof Session]: Session[Name] },
  refreshToken: unknown,
  idToken: unknown,
  data: unknown,
): Session | undefined {
  if (typeof refreshToken === 'string') session.refreshToken = refreshToken
  else if (refreshToken !== 0) return undefined
  if (typeof idToken === 'string') session.idToken = idToken
  else if (idToken !== 0) return undefined
  if (isRecord(data)) session.data = data
  else if (data !== 0) return undefined
  return session
}

function tokensOf(
  packed: unknown,
  words: readonly string[],
  scope: string,
  createdAt: number,
): readonly HeldToken[] | undefined {
  if (!Array.isArray(packed)) return undefined
  const tokens: HeldToken[] = []
  for (const one of packed) {
    const token = Array.isArray(one) ? tokenOf(one, words, scope, createdAt) : undefined
    if (token === undefined) return undefined
    tokens.push(token)
  }
  return tokens
}

function tokenOf(
  [packedValue, name, own, expires, seconds]: readonly unknown[],
  words: readonly string[],
  scope: string,
  createdAt: number,
): HeldToken | undefined {
  const expiresAt = expires === null ? undefined : unpackNumber(expires, inSeconds(createdAt))
  const value = unpackText(packedValue, words)
  const granted = own === 0 ? scope : own
  const lifetime = seconds === null ? undefined : seconds
  if (typeof value !== 'string' || typeof name !== 'string') return undefined
  if (typeof granted !== 'string' || (expires !== null && expiresAt === undefined)) return undefined
  if (lifetime !== undefined && typeof lifetime !== 'number') return undefined
  return { value, name, scope: granted, expiresAt, lifetime }
}

const inSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

// Times are near each other: the distance is shorter. Where it would not be exact, the number in brackets.
function packNumber(value: number, base: number): number | readonly number[] {
  const distance = value - base
  return [value, base, distance].every((number) => Number.isSafeInteger(number))
    ? distance
    : [value]
}

function unpackNumber(packed: unknown, base: number): number | undefined {
  if (typeof packed === 'number') return base + packed
  const [value]: readonly unknown[] = Array.isArray(packed) ? packed : []
  return typeof value === 'number' ? value : undefined
}

function parseArray(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
