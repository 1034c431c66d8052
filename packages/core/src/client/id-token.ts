import { refuse, Refusal, type Trail } from '../errors/refusal.ts'
import type { Claims } from '../lib/claims.ts'
import { cut, shown } from '../http/challenge.ts'
import type { Issuer } from '../issuer/create.ts'
import { ownValue } from '../lib/own.ts'
import { halfHash } from './id-token-hash.ts'
import { idTokenRefused } from './id-token-refused.ts'
import { checkAuthentication, checkTimes } from './id-token-times.ts'
import type { SignedJwt, SignedReader } from './signed.ts'
import type { IssuedAccessToken, IssuedIdToken } from './tokens.ts'

/** Whose ID tokens are checked, and with what. */
export interface IdTokenCheckOptions {
  readonly clientId: string
  readonly issuer: Pick<Issuer, 'url'>
  readonly readSigned: SignedReader
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
  /** Default: whatever `readSigned` opens. */
  readonly algorithms?: readonly string[] | undefined
  /** Seconds by which the issuer's clock may differ from ours. Default 5. */
  readonly clockTolerance?: number
}

/** What an ID token must fit. */
export interface ExpectedIdToken {
  /** Of the request. A token with another one is refused, and so is one without, unless `afterRefresh`. */
  readonly nonce?: string | undefined
  /** Seconds; the `max_age` of the request. */
  readonly maxAge?: number | undefined
  /** The authentication context must be one of these. */
  readonly acr?: readonly string[] | undefined
  /** What came with the token; its hash must fit. */
  readonly accessToken?: IssuedAccessToken | undefined
  /** Only where the token came beside it, with the authorization answer. */
  readonly code?: string | undefined
  /** Only where the token came with the authorization answer. */
  readonly state?: string | undefined
  /** The `sub` of the earlier token. */
  readonly subject?: string | undefined
  /** Whether it came with a refresh, where it need not have a nonce (OpenID Connect Core §12.2). */
  readonly afterRefresh?: boolean | undefined
  /** Epoch milliseconds at which the token came: it may have expired since. Default: now. */
  readonly at?: number | undefined
}

/** Checks an ID token, signature included, and gives its claims. Rejects with `id_token_refused` or `login_unmet`, or with an `Outage`. */
export type IdTokenCheck = (idToken: IssuedIdToken, expected: ExpectedIdToken) => Promise<Claims>

/** A token on its way through the checks. */
export interface IdTokenCase {
  readonly signed: SignedJwt
  readonly claims: Claims
  readonly expected: ExpectedIdToken
  readonly clientId: string
  readonly issuer: string
  /** Epoch seconds. */
  readonly now: number
  readonly tolerance: number
}

/** Makes the check of OpenID Connect Core §3.1.3.7, §3.2.2.11, §3.3.2.12 and §12.2. */
export function createIdTokenCheck(options: IdTokenCheckOptions): IdTokenCheck {
  const {
    clientId,
    issuer,
    readSigned,
    now = () => Date.now(),
    clockTolerance: tolerance = 5,
  } = options
  const algorithms = options.algorithms && new Set(options.algorithms)
  return async (idToken, expected) => {
    const signed = await open(idToken, readSigned)
    const { claims, algorithm } = signed
    const time = now() / 1000
    const given = { signed, claims, expected, clientId, issuer: issuer.url, now: time, tolerance }
    if (algorithms !== undefined && !algorithms.has(algorithm)) {
      throw refused(given, 'algorithm', `is signed with ${algorithm}`)
    }
    checkKind(given)
    checkIssuer(given)
    checkAudience(given)
    checkTimes(given)
    checkSubject(given)
    checkNonce(given)
    await checkHashes(given)
    checkAuthentication(given)
    return claims
  }
}

const open = (idToken: string, readSigned: SignedReader): Promise<SignedJwt> =>
  readSigned(idToken).catch((error: unknown) => {
    throw Refusal.is(error) ? idTokenRefused(error) : error
  })

// RFC 8725 §3.11: logout tokens, access tokens and request objects have a type of their own.
function checkKind(given: IdTokenCase): void {
  const { type } = given.signed
  if (type?.endsWith('+jwt') && type !== 'id_token+jwt') {
    throw refused(given, 'type', `is of the type ${shown(type)}`, { typ: cut(type) })
  }
}

function checkIssuer(given: IdTokenCase): void {
  const issuer = ownValue(given.claims, 'iss')
  if (issuer === given.issuer) return
  throw refused(given, 'iss', `comes from ${shown(issuer)}`, { presented: shown(issuer) })
}

function checkAudience(given: IdTokenCase): void {
  const { claims, clientId } = given
  const [audience, party] = [ownValue(claims, 'aud'), saidIn(claims, 'azp')]
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (!named.includes(clientId)) {
    const presented = named.slice(0, 5).map(shown).join(', ')
    throw refused(given, 'aud', `is for ${presented}`, { presented })
  }
  if (party === undefined && named.length > 1) {
    throw refused(given, 'azp', 'is for several audiences and names no azp')
  }
  if (party !== undefined && party !== clientId) {
    throw refused(given, 'azp', `was issued to ${shown(party)}`, { presented: shown(party) })
  }
}

// OpenID Connect Core §2 allows 255 characters.
function checkSubject(given: IdTokenCase): void {
  const subject = ownValue(given.claims, 'sub')
  if (typeof subject !== 'string' || subject.length < 1 || subject.length > 255) {
    throw refused(given, 'sub', 'has no sub of 1 to 255 characters')
  }
  const { subject: wanted } = given.expected
  if (wanted !== undefined && subject !== wanted) {
    throw refused(given, 'sub', 'is about another subject than the one before')
  }
}

function checkNonce(given: IdTokenCase): void {
  const { nonce: wanted, afterRefresh } = given.expected
  const nonce = ownValue(given.claims, 'nonce')
  if (nonce === wanted) return
  if (afterRefresh === true && (nonce === undefined || wanted === undefined)) return
  throw refused(given, 'nonce', nonce === undefined ? 'has no nonce' : 'has another nonce')
}

async function checkHashes(given: IdTokenCase): Promise<void> {
  const { accessToken, code, state } = given.expected
  const isFront = code !== undefined || state !== undefined
  await checkHash(given, 'at_hash', accessToken, isFront)
  await checkHash(given, 'c_hash', code, true)
  await checkHash(given, 's_hash', state, false)
}

async function checkHash(
  given: IdTokenCase,
  name: string,
  value: string | undefined,
  demanded: boolean,
): Promise<void> {
  if (value === undefined) return
  const hash = saidIn(given.claims, name)
  if (hash === undefined && !demanded) return
  if (hash === undefined) throw refused(given, name, `has no ${name}`)
  const { algorithm } = given.signed
  const wanted = await halfHash(value, algorithm)
  if (wanted === undefined) {
    throw refused(given, name, `has ${name}, which nobody can check with ${algorithm}`)
  }
  if (hash !== wanted) throw refused(given, name, `has the wrong ${name}`)
}

// Issuers that write out every claim they know (Authentik did) write null for one that they leave out.
const saidIn = (claims: Claims, name: string): unknown => ownValue(claims, name) ?? undefined

const refused = (given: IdTokenCase, check: string, why: string, more: Trail = {}): Refusal =>
  refuse('id_token_refused', `The ID token ${why}.`, {
    trail: { check, issuer: given.issuer, alg: given.signed.algorithm, ...more },
  })
