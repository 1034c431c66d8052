import type { WebAuthnAssertion } from '../direct/options.ts'
import type { AuthnFactorInfo, DuoInfo, Prompted, TakesAnswer, TakesCode } from './factors.ts'
import type { AuthnCall, AuthnFactorCall } from './options.ts'
import type { AuthnAnswer } from './steps.ts'

/** What is asked of the user. */
export type AuthnChallenge = { readonly factor: AuthnFactorInfo } & (
  | ({
      readonly kind: 'message'
      /** Absent until Okta offers it. */
      readonly resend: ((call?: AuthnCall) => Promise<AuthnAnswer>) | undefined
    } & TakesCode)
  | ({ readonly kind: 'code' } & TakesCode)
  | ({ readonly kind: 'question' } & TakesAnswer)
  | ({
      readonly kind: 'push'
      /** The number that the user must find on the phone: to be shown, never sent. Where Okta names it later, `onProgress` of `poll` has it. */
      readonly number: number | undefined
    } & Prompted)
  | ({ readonly kind: 'duo'; readonly duo: DuoInfo } & Prompted)
  | {
      readonly kind: 'webauthn'
      /** For `navigator.credentials.get`, with binary values as base64url. */
      readonly publicKey: Readonly<Record<string, unknown>>
      verify(assertion: WebAuthnAssertion, call?: AuthnFactorCall): Promise<AuthnAnswer>
    }
  | { readonly kind: 'other' }
)
