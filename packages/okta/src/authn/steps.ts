import type { AuthnFailure } from './failure.ts'
import type { AuthnChallenge } from './challenges.ts'
import type { AuthnActivation, AuthnEnrollable, AuthnFactor, AuthnFactorInfo } from './factors.ts'
import type { AuthnCall } from './options.ts'
import type { AuthnPage } from './link.ts'
import type { AuthnUser } from './status.ts'
import type { SuccessStep } from './success.ts'

/** Where a sign-in stands; each step has the methods that are possible there, and no others. Nothing in it is secret. */
export type AuthnStep =
  | UnauthenticatedStep
  | PasswordWarnStep
  | PasswordExpiredStep
  | PasswordResetStep
  | RecoveryStep
  | RecoveryTokenStep
  | RecoveryChallengeStep
  | RecoveryMailedStep
  | LockedOutStep
  | MfaEnrollStep
  | MfaEnrollActivateStep
  | MfaRequiredStep
  | MfaChallengeStep
  | SuccessStep

/** What became of a call. */
export type AuthnAnswer = AuthnStep | AuthnFailure

/** The sign-in is over; its state token is worth nothing any more. */
export interface AuthnCancelled {
  readonly status: 'CANCELLED'
  readonly relayState: string | undefined
}

/** What all steps say. */
export interface AuthnStepInfo {
  /** As it was given; absent where it is not known. */
  readonly username: string | undefined
  readonly user: AuthnUser | undefined
  /** Epoch milliseconds; each call puts it off. */
  readonly expiresAt: number | undefined
  readonly relayState: string | undefined
}

export interface Cancellable {
  /** Ends the sign-in. */
  cancel(call?: AuthnCall): Promise<AuthnCancelled | AuthnFailure>
}

/** What the policy says about new passwords, as Okta gave it. */
export interface PasswordInfo {
  readonly policy: Readonly<Record<string, unknown>> | undefined
}

export interface ChangePassword {
  /** Where the password is changed, of a user whose password another application keeps: send the browser there. `changePassword` is then the failure `not_permitted`. */
  readonly passwordPage: AuthnPage | undefined
  changePassword(
    input: { readonly oldPassword: string; readonly newPassword: string },
    call?: AuthnCall,
  ): Promise<AuthnAnswer>
}

/** A step-up of somebody who has no session. */
export interface UnauthenticatedStep extends AuthnStepInfo, Cancellable {
  readonly status: 'UNAUTHENTICATED'
  signIn(
    input: { readonly username: string; readonly password: string },
    call?: AuthnCall,
  ): Promise<AuthnAnswer>
}

/** The password is about to expire. */
export interface PasswordWarnStep extends AuthnStepInfo, Cancellable, PasswordInfo, ChangePassword {
  readonly status: 'PASSWORD_WARN'
  /** Days, where Okta says it. */
  readonly expiresInDays: number | undefined
  readonly skip: ((call?: AuthnCall) => Promise<AuthnAnswer>) | undefined
}

/** The password must be changed. */
export interface PasswordExpiredStep
  extends AuthnStepInfo, Cancellable, PasswordInfo, ChangePassword {
  readonly status: 'PASSWORD_EXPIRED'
}

/** A new password is wanted. */
export interface PasswordResetStep extends AuthnStepInfo, Cancellable, PasswordInfo {
  readonly status: 'PASSWORD_RESET'
  resetPassword(input: { readonly newPassword: string }, call?: AuthnCall): Promise<AuthnAnswer>
}

/** What an account is recovered for. */
export type RecoveryType = 'PASSWORD' | 'UNLOCK' | (string & {}) | undefined

/** The recovery question is asked. */
export interface RecoveryStep extends AuthnStepInfo, Cancellable {
  readonly status: 'RECOVERY'
  readonly kind: 'question'
  readonly recoveryType: RecoveryType
  readonly question: string | undefined
  answer(input: { readonly answer: string }, call?: AuthnCall): Promise<AuthnAnswer>
}

/** A trusted application has begun a recovery, and brings the token to the user itself. */
export interface RecoveryTokenStep extends AuthnStepInfo {
  readonly status: 'RECOVERY'
  readonly kind: 'token'
  readonly recoveryType: RecoveryType
  /** For the link of a mail; whoever has it can take over the account. */
  recoveryToken(): string
  /** Goes on with the token here, without a mail. */
  continue(call?: AuthnCall): Promise<AuthnAnswer>
}

/** A code was sent, or not: Okta says the same for users that there are not. */
export interface RecoveryChallengeStep extends AuthnStepInfo, Cancellable {
  readonly status: 'RECOVERY_CHALLENGE'
  readonly kind: 'code'
  readonly recoveryType: RecoveryType
  /** `SMS` or `CALL`. */
  readonly channel: string | undefined
  verify(input: { readonly passCode: string }, call?: AuthnCall): Promise<AuthnAnswer>
  readonly resend: ((call?: AuthnCall) => Promise<AuthnAnswer>) | undefined
}

/** A mail was sent, or not: it goes on with the link in it, by `useRecoveryToken`. */
export interface RecoveryMailedStep extends AuthnStepInfo {
  readonly status: 'RECOVERY_CHALLENGE'
  readonly kind: 'mail'
  readonly recoveryType: RecoveryType
  readonly channel: string | undefined
}

/** The user is locked out, and the policy lets them know. */
export interface LockedOutStep extends AuthnStepInfo {
  readonly status: 'LOCKED_OUT'
  /** Absent where users cannot unlock themselves. */
  readonly unlock:
    | ((
        input: { readonly channel?: 'EMAIL' | 'SMS'; readonly username?: string },
        call?: AuthnCall,
      ) => Promise<AuthnAnswer>)
    | undefined
}

/** A factor is to be enrolled. */
export interface MfaEnrollStep extends AuthnStepInfo, Cancellable {
  readonly status: 'MFA_ENROLL'
  /** What can be enrolled. */
  readonly factors: readonly AuthnEnrollable[]
  /** What is enrolled. */
  readonly enrolled: readonly AuthnFactorInfo[]
  /** Absent where one must be enrolled. */
  readonly skip: ((call?: AuthnCall) => Promise<AuthnAnswer>) | undefined
}

/** What a factor that is being enrolled says beside its own. */
interface Activating {
  readonly status: 'MFA_ENROLL_ACTIVATE'
  readonly previous: ((call?: AuthnCall) => Promise<AuthnAnswer>) | undefined
}

/** A factor that was enrolled is to be proven. */
export type MfaEnrollActivateStep = AuthnStepInfo & Cancellable & Activating & AuthnActivation

/** A second factor is wanted. */
export interface MfaRequiredStep extends AuthnStepInfo, Cancellable {
  readonly status: 'MFA_REQUIRED'
  readonly factors: readonly AuthnFactor[]
  /** Whether `rememberDevice` is possible, and whether it is usual; `undefined` where Okta did not say. */
  readonly rememberDevice:
    | {
        readonly isAllowed: boolean
        readonly isDefault: boolean
        readonly minutes: number | undefined
      }
    | undefined
}

interface Challenged {
  readonly status: 'MFA_CHALLENGE'
  readonly previous: ((call?: AuthnCall) => Promise<AuthnAnswer>) | undefined
}

/** A code is out, a phone is asked, a passkey is to sign. */
export type MfaChallengeStep = AuthnStepInfo & Cancellable & Challenged & AuthnChallenge
