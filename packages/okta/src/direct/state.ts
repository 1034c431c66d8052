import type { Binding, Channel } from './wire.ts'

/**
 * Where a sign-in stands. It holds nothing secret that could be read, logged or serialised: what Okta
 * gave is kept beside it, and travels only sealed (`sealState`).
 */
export type DirectState = MfaState | OobState | WebAuthnState

interface CommonState {
  /** As the user gave it; absent where a passkey said who it is. */
  readonly username: string | undefined
  /** Whether the first factor is behind us. */
  readonly isSecond: boolean
  /** Epoch milliseconds after which it leads nowhere. */
  readonly expiresAt: number
}

/** One more factor is wanted. */
export interface MfaState extends CommonState {
  readonly kind: 'mfa'
  readonly isSecond: true
}

/** A prompt or a code is on its way to the user. */
export interface OobState extends CommonState {
  readonly kind: 'oob'
  readonly channel: Channel
  readonly binding: Binding
  /** The number that the user must find on the phone: to be shown, never sent. Only with `transfer`. */
  readonly number: string | undefined
  /** Seconds between two polls. Only where there is something to poll for. */
  readonly interval: number | undefined
  /** Epoch milliseconds before which it is too early to ask again. */
  readonly nextPollAt: number | undefined
}

/** A passkey is to sign a challenge. */
export interface WebAuthnState extends CommonState {
  readonly kind: 'webauthn'
}

/** What belongs to a state and nobody may see; every call of one sign-in has the same scope and `acr_values`. */
export interface Hidden {
  readonly scope: string
  readonly acrValues: string | undefined
  readonly mfaToken: string | undefined
  readonly oobCode: string | undefined
}
