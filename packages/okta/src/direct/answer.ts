import type { Claims, IssuedIdToken, TokenSet } from '@portcullis/core'
import type { OktaIdTokenClaims } from '../claims.ts'
import type { DirectFailure } from './failure.ts'
import type { MfaState, OobState, WebAuthnState } from './state.ts'
import type { Binding, Channel, SecondFactor } from './wire.ts'

/** What became of a step. */
export type DirectAnswer =
  | DirectTokens
  | DirectAttested
  | DirectMfa
  | DirectPending
  | DirectWebAuthn
  | DirectFailure

/** The claims of an ID token: those that Okta has, by their types, and custom ones. */
export type DirectClaims = OktaIdTokenClaims & Claims

/** Signed in. */
export interface DirectTokens {
  readonly status: 'tokens'
  readonly tokens: TokenSet
  /** Of the ID token, checked, signature included; `undefined` where `openid` was not asked for. */
  readonly claims: DirectClaims | undefined
}

/** The second factor is proven, of a user whose first one was proven elsewhere: there is no access token. */
export interface DirectAttested {
  readonly status: 'attested'
  readonly idToken: IssuedIdToken
  /** Of the ID token, checked. */
  readonly claims: DirectClaims
}

/** One more factor is wanted. */
export interface DirectMfa {
  readonly status: 'mfa_required'
  readonly state: MfaState
  /** What can come next; which of them the user has enrolled, Okta does not say. */
  readonly next: readonly SecondFactor[]
}

/** A prompt or a code is on its way. */
export interface DirectPending {
  readonly status: 'pending'
  readonly state: OobState
  readonly channel: Channel
  /** `none`: wait; `transfer`: show `number` and wait; `prompt`: ask for the code and hand it to `verify`. */
  readonly binding: Binding
  /** To be shown, never sent. */
  readonly number: string | undefined
}

/** A passkey is to sign: hand `publicKey` to `navigator.credentials.get`, and what it gives to `verifyWebAuthn`. */
export interface DirectWebAuthn {
  readonly status: 'webauthn'
  readonly state: WebAuthnState
  /** With binary values as base64url, and always with an `rpId`. */
  readonly publicKey: Readonly<Record<string, unknown>>
  /** Names of the user's passkeys, for showing. */
  readonly enrollments: readonly WebAuthnEnrollment[]
}

/** A passkey of the user. */
export interface WebAuthnEnrollment {
  readonly credentialId: string
  readonly displayName: string | undefined
}
