import type { WebAuthnAttestation } from './webauthn.ts'
import type { AuthnCall, AuthnFactorCall, AuthnPollCall } from './options.ts'
import type { AuthnAnswer } from './steps.ts'

/** What Okta calls a factor. */
export interface AuthnFactorInfo {
  readonly id: string | undefined
  /** `push`, `sms`, `token:software:totp`… */
  readonly factorType: string
  /** `OKTA`, `GOOGLE`, `FIDO`… */
  readonly provider: string
  /** What tells it from others of its kind: a masked number or address, the name of a device. */
  readonly label: string | undefined
}

/** Begins something for which the user is asked elsewhere: sends a code or a push, or asks for what a passkey signs. */
export interface Startable {
  start(call?: AuthnFactorCall): Promise<AuthnAnswer>
}

/** Takes a code. */
export interface TakesCode {
  verify(input: { readonly passCode: string }, call?: AuthnFactorCall): Promise<AuthnAnswer>
}

/** Takes an answer. */
export interface TakesAnswer {
  readonly question: string | undefined
  verify(input: { readonly answer: string }, call?: AuthnFactorCall): Promise<AuthnAnswer>
}

/** A factor that the user can prove. */
export type AuthnFactor =
  | (AuthnFactorInfo & { readonly kind: 'code' } & TakesCode)
  | (AuthnFactorInfo & { readonly kind: 'question' } & TakesAnswer)
  | (AuthnFactorInfo & { readonly kind: 'message' | 'push' | 'webauthn' | 'duo' } & Startable)
  | (AuthnFactorInfo & { readonly kind: 'other' })

interface Enrollable extends AuthnFactorInfo {
  /** Whether it must be enrolled; `undefined` where Okta did not say. */
  readonly isRequired: boolean | undefined
}

type Enroll<Input> = (input: Input, call?: AuthnCall) => Promise<AuthnAnswer>

/** A factor that the user can enroll. */
export type AuthnEnrollable =
  | (Enrollable & { readonly kind: 'phone'; enroll: Enroll<{ readonly phoneNumber: string }> })
  | (Enrollable & { readonly kind: 'email'; enroll: Enroll<{ readonly email?: string }> })
  | (Enrollable & {
      readonly kind: 'question'
      enroll: Enroll<{ readonly question: string; readonly answer: string }>
    })
  | (Enrollable & {
      readonly kind: 'token'
      enroll: Enroll<{
        readonly passCode: string
        readonly nextPassCode?: string
        readonly credentialId?: string
      }>
    })
  | (Enrollable & {
      readonly kind: 'generator' | 'push' | 'webauthn' | 'duo'
      enroll: (call?: AuthnCall) => Promise<AuthnAnswer>
    })
  | (Enrollable & { readonly kind: 'other' })

/** What Duo's script wants to know. */
export interface DuoInfo {
  readonly host: string | undefined
  readonly script: string | undefined
  /** Signed by the org, for this sign-in alone: for the page, not for the log. */
  signature(): string | undefined
  /** Where the page posts Duo's answer. */
  complete(): string | undefined
}

/** Polls until the user has answered, or can no longer. */
export type Poll = (call?: AuthnPollCall) => Promise<AuthnAnswer>

interface Waiting {
  readonly isWaiting: true
  poll: Poll
  /** Asks once, and gives the step as it stands then: for a web application, whose browser asks again after some seconds. */
  check(call?: AuthnFactorCall): Promise<AuthnAnswer>
}

/** The prompt is over without a yes; `result` says how. */
interface Over {
  readonly isWaiting: false
  /** Asks once more. */
  again(call?: AuthnCall): Promise<AuthnAnswer>
}

/** Where something was sent to a phone. */
export type Prompted = { readonly result: string | undefined } & (Waiting | Over)

/** A factor that is being enrolled. */
export type AuthnActivation = { readonly factor: AuthnFactorInfo } & (
  | {
      readonly kind: 'message'
      activate(input: { readonly passCode: string }, call?: AuthnCall): Promise<AuthnAnswer>
      readonly resend: ((call?: AuthnCall) => Promise<AuthnAnswer>) | undefined
    }
  | {
      readonly kind: 'generator'
      /** To be shown to the user, and to nobody else: the key of all codes, base32. */
      sharedSecret(): string | undefined
      /** Address of a picture of the same. */
      qrCode(): string | undefined
      activate(input: { readonly passCode: string }, call?: AuthnCall): Promise<AuthnAnswer>
    }
  | ({
      readonly kind: 'push'
      /** Address of the picture that the app on the phone reads. */
      qrCode(): string | undefined
    } & Prompted)
  | ({ readonly kind: 'duo'; readonly duo: DuoInfo } & Prompted)
  | {
      readonly kind: 'webauthn'
      /** For `navigator.credentials.create`, with binary values as base64url. */
      readonly publicKey: Readonly<Record<string, unknown>>
      activate(attestation: WebAuthnAttestation, call?: AuthnCall): Promise<AuthnAnswer>
    }
  | { readonly kind: 'other' }
)
