import type { FactorKind } from '../options.ts'

/** What the Authentication API of the org does. */
export interface AuthnOptions {
  /** Whether somebody who is locked out is told so. Default `false`: they hear the same as after a wrong password. */
  readonly showLockOuts?: boolean
  /** What can be enrolled at sign-in, and what must be. Default everything but the tokens, optional. */
  readonly enrollment?: Partial<Readonly<Record<FactorKind, Enrollment>>>
  /** Whether a device can be remembered. Default `true`. */
  readonly rememberDevice?: boolean
}

export type Enrollment = 'REQUIRED' | 'OPTIONAL'

export const defaultEnrollment: Partial<Readonly<Record<FactorKind, Enrollment>>> = {
  sms: 'OPTIONAL',
  voice: 'OPTIONAL',
  email: 'OPTIONAL',
  push: 'OPTIONAL',
  totp: 'OPTIONAL',
  google_otp: 'OPTIONAL',
  question: 'OPTIONAL',
  webauthn: 'OPTIONAL',
}
