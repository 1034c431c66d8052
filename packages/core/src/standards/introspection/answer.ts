import { Outage } from '../../errors/outage.ts'
import { refuse, type Refusal, type Trail } from '../../errors/refusal.ts'
import type { RefusalCode } from '../../errors/table.ts'
import type { TokenFacts } from '../../guard/token.ts'
import { cut, shown } from '../../http/challenge.ts'
import type { Claims } from '../../lib/claims.ts'
import { isRecord, ownValue } from '../../lib/own.ts'
import { otherKindOf, wrongKind } from '../jwt/kind.ts'

/** What an active token must be. */
export interface Expected {
  readonly issuer: string
  readonly audiences: ReadonlySet<string>
  /** Whether the answer must name an audience at all. */
  readonly audienceNeeded: boolean
  /** In lower case. */
  readonly types: ReadonlySet<string>
  readonly tolerance: number
}

/**
 * Checks what an issuer says about an active token (RFC 7662 §2.2, §4). Throws a `Refusal` where the
 * token is not for us, and an `Outage` where what is said cannot be read. `now` in epoch seconds.
 */
export function examineAnswer(said: Claims, expected: Expected, now: number): TokenFacts {
  checkShape(said, expected)
  checkIssuer(said, expected)
  const expiresAt = checkTimes(said, expected, now)
  checkKind(said, expected)
  checkAudience(said, expected)
  return { issuer: expected.issuer, expiresAt }
}

// There are issuers that write `null` for what they have nothing to say about.
const member = (said: Claims, name: string): unknown => ownValue(said, name) ?? undefined

const isText = (value: unknown): boolean => typeof value === 'string'
const isTime = (value: unknown): boolean => Number.isFinite(value)
const isTexts = (value: unknown): boolean =>
  isText(value) || (Array.isArray(value) && value.every(isText))

const shapes: readonly (readonly [names: string, holds: (value: unknown) => boolean])[] = [
  ['iss sub client_id username token_type token_use', isText],
  ['exp nbf iat', isTime],
  // §2.2 wants a string; there are issuers that write an array, as some do in JWTs.
  ['scope aud', isTexts],
  ['cnf', isRecord],
]

function checkShape(said: Claims, { issuer }: Expected): void {
  for (const [names, holds] of shapes) {
    const wrong = names.split(' ').find((name) => {
      const value = member(said, name)
      return value !== undefined && !holds(value)
    })
    if (wrong !== undefined) {
      const detail = `its answer about a token holds a ${wrong} of the wrong type`
      throw new Outage('endpoint_failed', detail, { url: issuer, phase: 'content' })
    }
  }
}

const textIn = (said: Claims, name: string): string | undefined => {
  const value = member(said, name)
  return typeof value === 'string' ? value : undefined
}

function checkIssuer(said: Claims, expected: Expected): void {
  const issuer = textIn(said, 'iss')
  if (issuer === undefined || issuer === expected.issuer) return
  const reason = `The token comes from ${shown(issuer)}, and ${expected.issuer} was asked.`
  throw refused('token_issuer_unknown', reason, { check: 'issuer', presented: cut(issuer) })
}

/** Gives the end of the token; where the issuer names none there is none. */
function checkTimes(said: Claims, { tolerance, issuer }: Expected, now: number): number {
  const time = (name: string): number | undefined => {
    const value = member(said, name)
    return typeof value === 'number' ? value : undefined
  }
  const expiresAt = time('exp') ?? Number.POSITIVE_INFINITY
  // So put that a clock that gives no number lets nothing pass that has an end.
  if (Number.isFinite(expiresAt) && !(now < expiresAt + tolerance)) {
    const clockDelta = Math.round(now - expiresAt)
    throw refused('token_expired', `The token expired ${clockDelta} s ago.`, {
      check: 'expiry',
      issuer,
      clockDelta,
    })
  }
  const from = Math.max(time('nbf') ?? 0, time('iat') ?? 0)
  if (now < from - tolerance) {
    throw refused('token_not_yet_valid', `The token becomes valid in ${Math.ceil(from - now)} s.`, {
      check: 'not-before',
      issuer,
      clockDelta: Math.round(now - from),
    })
  }
  return expiresAt
}

// RFC 6749 §5.1, RFC 8693 §3: the one names how a token is used, the other what it is.
export const acceptedTypes: readonly string[] = [
  'bearer',
  'dpop',
  'access_token',
  'urn:ietf:params:oauth:token-type:access_token',
]

function checkKind(said: Claims, expected: Expected): void {
  const other = otherKindOf(said) ?? otherTypeOf(said, expected)
  if (other !== undefined) throw wrongKind(other, { check: 'type', issuer: expected.issuer })
  if (textIn(said, 'token_type')?.toLowerCase() !== 'dpop') return
  if (member(said, 'cnf') !== undefined) return
  throw refused('token_claim_missing', 'The issuer does not say which key the token is bound to.', {
    check: 'cnf',
    issuer: expected.issuer,
  })
}

function otherTypeOf(said: Claims, { types, audienceNeeded }: Expected): string | undefined {
  const type = textIn(said, 'token_type')?.toLowerCase()
  const named = [type, textIn(said, 'token_use')?.toLowerCase()]
  const other = named.find((one) => one !== undefined && !types.has(one))
  if (other !== undefined) return `a token of the type ${shown(other)}`
  // There are issuers that say as much about a refresh token, but for these two.
  return type === undefined && !audienceNeeded && member(said, 'aud') === undefined
    ? 'a token of which the issuer says neither type nor audience'
    : undefined
}

function checkAudience(said: Claims, { audiences, audienceNeeded, issuer }: Expected): void {
  const audience = member(said, 'aud')
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (audience === undefined) {
    if (!audienceNeeded) return
    throw refused('token_claim_missing', 'The issuer names no audience of the token.', {
      check: 'aud',
      issuer,
    })
  }
  if (named.some((one) => typeof one === 'string' && audiences.has(one))) return
  const presented = named.slice(0, 5).map(shown).join(', ')
  throw refused(
    'token_audience_refused',
    `The token is for ${presented || 'nobody'}, and this API is ${[...audiences].join(' or ')}.`,
    { check: 'audience', issuer, presented },
  )
}

const refused = (code: RefusalCode, reason: string, trail: Trail): Refusal =>
  refuse(code, reason, { trail })
