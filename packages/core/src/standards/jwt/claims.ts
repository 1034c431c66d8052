import { refuse, type Refusal, type Trail } from '../../errors/refusal.ts'
import type { RefusalCode } from '../../errors/table.ts'
import type { Claims } from '../../lib/claims.ts'
import { shown } from '../../http/challenge.ts'
import { isRecord, own } from '../../lib/own.ts'
import type { Header } from './header.ts'
import { trailOf } from './key.ts'
import { checkKind } from './kind.ts'
import type { Trust } from './policy.ts'

/** What a token says, and what its issuer is trusted with. */
export interface Presented<C> {
  readonly header: Header
  readonly claims: Claims
  readonly trust: Trust<C>
}

/** Between which times (epoch seconds, tolerance included) a token may be used. */
export interface Validity {
  /** `exp` as the issuer wrote it. */
  readonly expiresAt: number
  readonly from: number
  readonly until: number
}

/** Checks the claims of RFC 7519 §4.1 and RFC 9068 §2.2, cheapest and likeliest first. Throws a refusal. */
export function checkClaims<C>(given: Presented<C>, now: number): Validity {
  const { claims, trust } = given
  const validity = checkTimes(given, now)
  // Before the audience: that of an ID token is the client, and what was sent says more.
  checkKind(claims, given.header, trust)
  checkAudience(given)
  checkText(given, 'sub', claims['sub'])
  checkText(given, 'client_id', claims['client_id'])
  const confirmation = own(claims, 'cnf', claims['cnf'])
  if (confirmation !== undefined && !isRecord(confirmation))
    throw wrongType('cnf', 'an object', given)
  if (trust.strict) checkProfile(given)
  return validity
}

function checkText<C>(given: Presented<C>, name: string, read: unknown): void {
  const value = own(given.claims, name, read)
  if (value !== undefined && typeof value !== 'string') throw wrongType(name, 'a string', given)
}

function checkTimes<C>(given: Presented<C>, now: number): Validity {
  const { claims, trust } = given
  const { tolerance, maxTokenAge } = trust
  const expiresAt = time(given, 'exp', claims['exp'])
  if (expiresAt === undefined) throw missing('exp', given)
  // So put that a clock that gives no number lets nothing pass.
  if (!(now < expiresAt + tolerance)) {
    throw refused(
      'token_expired',
      `The token expired ${Math.round(now - expiresAt)} s ago.`,
      'expiry',
      given,
      { clockDelta: Math.round(now - expiresAt) },
    )
  }
  const notBefore = time(given, 'nbf', claims['nbf'])
  const issuedAt = time(given, 'iat', claims['iat'])
  const from = Math.max(notBefore ?? 0, issuedAt ?? 0) - tolerance
  if (now < from) throw tooEarly(from + tolerance - now, given)
  if (maxTokenAge === undefined) return { expiresAt, from, until: expiresAt + tolerance }
  if (issuedAt === undefined) throw missing('iat', given)
  const oldAt = issuedAt + maxTokenAge + tolerance
  if (now >= oldAt) {
    throw refused(
      'token_too_old',
      `The token was issued ${Math.round(now - issuedAt)} s ago; ${maxTokenAge} s are allowed.`,
      'age',
      given,
      { clockDelta: Math.round(now - oldAt) },
    )
  }
  return { expiresAt, from, until: Math.min(expiresAt + tolerance, oldAt) }
}

// RFC 7519 §2: NumericDate. JSON can write numbers that are not finite here, such as 1e999.
function time<C>(given: Presented<C>, name: string, read: unknown): number | undefined {
  const value = own(given.claims, name, read)
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
  throw wrongType(name, 'a finite number', given)
}

function checkAudience<C>(given: Presented<C>): void {
  const { claims, trust } = given
  const audience = own(claims, 'aud', claims['aud'])
  if (typeof audience === 'string' && trust.audiences.has(audience)) return
  if (audience === undefined) throw missing('aud', given)
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (!named.every((one) => typeof one === 'string'))
    throw wrongType('aud', 'a string or an array of strings', given)
  if (named.some((one) => trust.audiences.has(one))) return
  throw refused(
    'token_audience_refused',
    `The token is for ${named.slice(0, 5).map(shown).join(', ') || 'nobody'}, and this API is ${[...trust.audiences].join(' or ')}.`,
    'audience',
    given,
    { presented: named.slice(0, 5).map(shown).join(', ') },
  )
}

// RFC 9068 §2.2: the claims that must be there.
function checkProfile<C>(given: Presented<C>): void {
  const { claims } = given
  for (const name of ['sub', 'client_id', 'iat', 'jti']) {
    if (!Object.hasOwn(claims, name)) throw missing(name, given)
  }
  if (typeof own(claims, 'jti', claims['jti']) !== 'string')
    throw wrongType('jti', 'a string', given)
}

const tooEarly = <C>(seconds: number, given: Presented<C>): Refusal =>
  refused(
    'token_not_yet_valid',
    `The token becomes valid in ${Math.ceil(seconds)} s.`,
    'not-before',
    given,
    { clockDelta: Math.round(-seconds) },
  )

const missing = <C>(name: string, given: Presented<C>): Refusal =>
  refused('token_claim_missing', `The token has no ${name}.`, name, given)

const wrongType = <C>(name: string, wanted: string, given: Presented<C>): Refusal =>
  refused('token_claim_invalid', `The claim ${name} of the token is not ${wanted}.`, name, given)

const refused = <C>(
  code: RefusalCode,
  reason: string,
  check: string,
  { header, trust }: Presented<C>,
  more?: Trail,
): Refusal => refuse(code, reason, { trail: trailOf(check, header, trust, more) })
