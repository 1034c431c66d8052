import { createSuccess } from './success.ts'
import { makeActivate, makeEnroll } from './make-enroll.ts'
import { makeChallenge, makeRequired } from './make-factor.ts'
import { makeExpired, makeReset, makeUnauthenticated, makeWarn } from './make-password.ts'
import { makeLockedOut, makeRecovery, makeRecoveryChallenge } from './make-recovery.ts'
import type { AuthnParts, Made } from './parts.ts'
import { infoOf, type Place } from './place.ts'
import type { AuthnStatus } from './status.ts'
import type { AuthnStep } from './steps.ts'

/** Makes a step, with the methods that are possible there. */
export function makeStep(parts: AuthnParts, made: Made): AuthnStep {
  const { reading } = made
  const username = made.username ?? reading.user?.login
  const place: Place = { parts, reading, username, step: () => step }
  const step: AuthnStep = Object.freeze(
    reading.status === 'SUCCESS'
      ? createSuccess(parts, infoOf(place), reading, made.body ?? {})
      : makers[reading.status](place),
  )
  parts.kept.set(step, { reading, username })
  return step
}

const makers: Readonly<Record<Exclude<AuthnStatus, 'SUCCESS'>, (place: Place) => AuthnStep>> = {
  UNAUTHENTICATED: makeUnauthenticated,
  PASSWORD_WARN: makeWarn,
  PASSWORD_EXPIRED: makeExpired,
  PASSWORD_RESET: makeReset,
  RECOVERY: makeRecovery,
  RECOVERY_CHALLENGE: makeRecoveryChallenge,
  LOCKED_OUT: makeLockedOut,
  MFA_ENROLL: makeEnroll,
  MFA_ENROLL_ACTIVATE: makeActivate,
  MFA_REQUIRED: makeRequired,
  MFA_CHALLENGE: makeChallenge,
}
