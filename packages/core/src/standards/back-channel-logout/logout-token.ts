import type { SignedJwt } from '../../client/signed.ts'
import { refuse, type Refusal } from '../../errors/refusal.ts'
import { cut, shown } from '../../http/challenge.ts'
import { isRecord, ownValue } from '../../lib/own.ts'
import type { SessionOwner } from '../../session/session.ts'

/** What a logout token is held against. */
export interface LogoutTokenPolicy {
  readonly issuer: string
  readonly client: string
  /** Epoch seconds. */
  readonly now: number
  /** Seconds by which the issuer's clock may differ. */
  readonly tolerance: number
  /** Seconds after `iat` at which a token is too old. */
  readonly maxAge: number
  readonly expiry: 'required' | 'optional'
}

/** A logout token that holds. */
export interface LogoutToken {
  readonly id: string
  /** Whose sessions are to be ended. */
  readonly owner: SessionOwner
  /** Seconds from now after which the token is refused for its age alone. */
  readonly remaining: number
}

/** The member of `events` that makes a JWT a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4). */
export const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

// §2.4: explicit typing is recommended, not demanded; other kinds of tokens name another type.
const types: ReadonlySet<string | undefined> = new Set(['logout+jwt', 'jwt', undefined])

/** Checks what a JWT of the issuer says against §2.6. Throws `logout_token_refused`. */
export function checkLogoutToken(token: SignedJwt, policy: LogoutTokenPolicy): LogoutToken {
  if (token.algorithm === 'none') throw refused('algorithm', 'it is not signed')
  if (!types.has(token.type)) throw refused('type', `its type is ${shown(token.type)}`)
  const read = (name: string): unknown => ownValue(token.claims, name)
  checkParties(read, policy)
  const remaining = checkTimes(read, policy)
  checkEvents(read('events'))
  // §2.4: so that it can never pass for an ID token.
  if (Object.hasOwn(token.claims, 'nonce')) throw refused('nonce', 'it has a nonce')
  const id = text(read, 'jti')
  if (id === undefined) throw refused('jti', 'it has no jti')
  return { id, owner: readOwner(read, policy.issuer), remaining }
}

type Read = (name: string) => unknown

function checkParties(read: Read, { issuer, client }: LogoutTokenPolicy): void {
  const iss = read('iss')
  if (iss !== issuer) throw refused('issuer', `its iss is ${shown(iss)}`)
  const aud = read('aud')
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!named.includes(client) || !named.every((one) => typeof one === 'string')) {
    throw refused('audience', `it is for ${named.slice(0, 5).map(shown).join(', ')}`)
  }
}

function checkTimes(read: Read, policy: LogoutTokenPolicy): number {
  const { now, tolerance, maxAge, expiry } = policy
  const issuedAt = time(read, 'iat')
  if (issuedAt === undefined) throw refused('iat', 'it has no iat')
  const expiresAt = time(read, 'exp')
  if (expiresAt === undefined && expiry === 'required') throw refused('expiry', 'it has no exp')
  const from = Math.max(issuedAt, time(read, 'nbf') ?? issuedAt)
  if (from > now + tolerance)
    throw refused('not-before', `it is valid in ${Math.ceil(from - now)} s`)
  const until = Math.min(expiresAt ?? Infinity, issuedAt + maxAge) + tolerance
  if (now < until) return until - now
  throw expiresAt !== undefined && now >= expiresAt + tolerance
    ? refused('expiry', `it expired ${Math.ceil(now - expiresAt)} s ago`)
    : refused('age', `it was issued ${Math.ceil(now - issuedAt)} s ago; ${maxAge} s are allowed`)
}

function checkEvents(events: unknown): void {
  if (!isRecord(events)) throw refused('events', 'its events are no object')
  if (!isRecord(ownValue(events, logoutEvent))) throw refused('events', 'it tells of no logout')
}

function readOwner(read: Read, issuer: string): SessionOwner {
  const sub = text(read, 'sub')
  const sid = text(read, 'sid')
  if (sub === undefined && sid === undefined) {
    throw refused('subject', 'it has neither sub nor sid')
  }
  return { issuer, ...(sub !== undefined && { sub }), ...(sid !== undefined && { sid }) }
}

function text(read: Read, name: string): string | undefined {
  const value = read(name)
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw refused(name, `its ${name} is no text`)
}

function time(read: Read, name: string): number | undefined {
  const value = read(name)
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
  throw refused(name, `its ${name} is no number`)
}

/** The refusal of a logout token; `why` goes on after "The logout token does not hold:". */
export const refused = (check: string, why: string, cause?: unknown): Refusal =>
  refuse('logout_token_refused', `The logout token does not hold: ${why}.`, {
    trail: { check: cut(check) },
    cause,
  })
