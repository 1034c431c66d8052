import { refuse, type Refusal } from '../errors/refusal.ts'
import { shown } from '../http/challenge.ts'
import { ownValue } from '../lib/own.ts'
import type { IdTokenCase } from './id-token.ts'

// Seconds. It was made for this answer: what is older was kept by somebody.
const oldest = 3600

/** `exp`, `iat` and `nbf` (OpenID Connect Core §3.1.3.7, steps 9 and 10; RFC 7519 §4.1.5). */
export function checkTimes(given: IdTokenCase): void {
  const { now, tolerance } = given
  const expiry = demanded(given, 'exp')
  const { at } = given.expected
  const came = at === undefined ? now : Math.min(at / 1000, now)
  if (came >= expiry + tolerance) throw late(given, 'exp', 'has expired', came - expiry)
  const issued = demanded(given, 'iat')
  if (issued > now + tolerance) {
    throw late(given, 'iat', 'was issued in the future', now - issued)
  }
  if (now - issued > oldest + tolerance) {
    throw late(given, 'iat', 'was issued too long ago', now - issued)
  }
  const start = time(given, 'nbf')
  if (start !== undefined && start > now + tolerance) {
    throw late(given, 'nbf', 'is not valid yet', now - start)
  }
}

/** `acr` and `auth_time`: whether the user was authenticated as the login demands (steps 12 and 13). */
export function checkAuthentication(given: IdTokenCase): void {
  const { acr: accepted, maxAge } = given.expected
  if (accepted !== undefined) {
    const acr = ownValue(given.claims, 'acr')
    if (typeof acr !== 'string' || !accepted.includes(acr)) {
      throw unmet('acr', `The authentication context of the user is ${shown(acr)}.`, shown(acr))
    }
  }
  if (maxAge !== undefined) checkAge(given, maxAge)
}

function checkAge({ claims, now, tolerance }: IdTokenCase, maxAge: number): void {
  const at = ownValue(claims, 'auth_time')
  if (typeof at !== 'number' || !Number.isFinite(at)) {
    throw unmet('auth_time', 'The issuer does not say when the user was authenticated.')
  }
  if (at > now + tolerance) {
    throw unmet('auth_time', 'The user was authenticated in the future.')
  }
  if (now - at > maxAge + tolerance) {
    const ago = Math.round(now - at)
    throw unmet(
      'auth_time',
      `The user was authenticated ${ago} s ago; ${maxAge} s are allowed.`,
      `${ago}`,
    )
  }
}

function demanded(given: IdTokenCase, name: string): number {
  const value = time(given, name)
  if (value === undefined) throw refused(given, name, `has no ${name}`)
  return value
}

// RFC 7519 §2: NumericDate. JSON can write numbers that are not finite here, such as 1e999.
function time(given: IdTokenCase, name: string): number | undefined {
  const value = ownValue(given.claims, name)
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
  throw refused(given, name, `has a ${name} that is not a finite number`)
}

const late = (given: IdTokenCase, check: string, why: string, delta: number): Refusal =>
  refused(given, check, why, Math.round(delta))

const refused = (given: IdTokenCase, check: string, why: string, clockDelta?: number): Refusal =>
  refuse('id_token_refused', `The ID token ${why}.`, {
    trail: {
      check,
      issuer: given.issuer,
      alg: given.signed.algorithm,
      ...(clockDelta !== undefined && { clockDelta }),
    },
  })

const unmet = (check: string, reason: string, presented?: string): Refusal =>
  refuse('login_unmet', reason, {
    trail: { check, ...(presented !== undefined && { presented }) },
  })
