/** Where a sign-in stands, in Okta's words. */
export type AuthnStatus =
  | 'UNAUTHENTICATED'
  | 'PASSWORD_WARN'
  | 'PASSWORD_EXPIRED'
  | 'RECOVERY'
  | 'RECOVERY_CHALLENGE'
  | 'PASSWORD_RESET'
  | 'LOCKED_OUT'
  | 'MFA_ENROLL'
  | 'MFA_ENROLL_ACTIVATE'
  | 'MFA_REQUIRED'
  | 'MFA_CHALLENGE'
  | 'SUCCESS'

export const statuses: readonly AuthnStatus[] = [
  'UNAUTHENTICATED',
  'PASSWORD_WARN',
  'PASSWORD_EXPIRED',
  'RECOVERY',
  'RECOVERY_CHALLENGE',
  'PASSWORD_RESET',
  'LOCKED_OUT',
  'MFA_ENROLL',
  'MFA_ENROLL_ACTIVATE',
  'MFA_REQUIRED',
  'MFA_CHALLENGE',
  'SUCCESS',
]

/** What Okta says about the user. */
export interface AuthnUser {
  /** `00u…`. */
  readonly id: string | undefined
  readonly login: string | undefined
  readonly firstName: string | undefined
  readonly lastName: string | undefined
  readonly locale: string | undefined
  readonly timeZone: string | undefined
  /** Epoch milliseconds. */
  readonly passwordChanged: number | undefined
}
