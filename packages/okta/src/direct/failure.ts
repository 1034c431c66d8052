import type { DirectState } from './state.ts'

/** A step that did not work out. Nothing in it is secret. */
export interface DirectFailure {
  readonly status: 'failed'
  readonly code: DirectFailureCode
  /**
   * What can be done: `input`: ask the user again and go on with `state`, or start again where there is
   * none; `factor`: offer the same factor again or another one, with `state` where there is one; `later`:
   * wait `retryAfter`; `restart`: begin again; `never`: somebody must change the app, the policy or the
   * user.
   */
  readonly retry: Retry
  /** Seconds; with `later`. */
  readonly retryAfter: number | undefined
  /** Where another try goes on. */
  readonly state: DirectState | undefined
  /** Which input was refused before anything was sent. */
  readonly field: string | undefined
  /** HTTP status; `undefined` where nothing was sent. */
  readonly httpStatus: number | undefined
  /** Okta's `error` or `errorCode`. */
  readonly error: string | undefined
  /** Okta's words, for logs: cut, in printable ASCII, and without what was sent. */
  readonly description: string | undefined
  /** Okta's `X-Okta-Request-Id`. */
  readonly requestId: string | undefined
}

/** What can be done about a failure. */
export type Retry = 'input' | 'factor' | 'later' | 'restart' | 'never'

/** Every way in which a step can fail, and what can be done about it. */
export const failures = {
  /** An input cannot be right: nothing was sent. */
  input_refused: 'input',
  /** Our own limit for the user or the address: nothing was sent. */
  attempts_exhausted: 'later',
  /** Okta's limit. */
  rate_limited: 'later',
  /** Wrong user name or password; Okta does not tell which. */
  credentials_wrong: 'input',
  password_expired: 'never',
  /** Wrong one-time password, or wrong code from a message. */
  code_wrong: 'input',
  /** The user name fits several users. */
  user_ambiguous: 'input',
  /** The user said no on the phone. */
  rejected: 'factor',
  /** The prompt, the code or the sign-in has had its time, or is used up. */
  expired: 'restart',
  /** The passkey did not sign what it should have; the challenge is used up. */
  assertion_wrong: 'factor',
  /** What the passkey gave is incomplete. */
  assertion_malformed: 'input',
  /** Okta knows of no challenge for the passkey. */
  challenge_lost: 'restart',
  /** The policy says no, whatever the user does. */
  policy_denied: 'never',
  /** No rule of the authorization server fits the request. */
  policy_unmatched: 'never',
  /** The policy wants another kind of factor. */
  factor_unsuitable: 'factor',
  /** Not enrolled, or switched off. */
  factor_unavailable: 'factor',
  /** There is nothing that the user could use. */
  factor_missing: 'never',
  /** The policy wants no second factor. */
  challenge_unneeded: 'restart',
  /** The factors that this app can ask for do not satisfy the policy. */
  grants_insufficient: 'never',
  /** The grants that the policy calls for are switched off for the app. */
  grants_disabled: 'never',
  /** The grant is switched off for the app, or for the authorization server. */
  grant_unauthorized: 'never',
  grant_unsupported: 'never',
  channel_unsupported: 'factor',
  challenge_unsupported: 'factor',
  hint_unsupported: 'factor',
  user_not_assigned: 'never',
  consent_required: 'never',
  /** Code and sign-in do not belong together. */
  state_mismatched: 'restart',
  server_switched: 'restart',
  client_switched: 'restart',
  scope_switched: 'restart',
  acr_switched: 'restart',
  parameter_missing: 'never',
  scope_refused: 'never',
  /** Okta does not know the client, or does not accept how it proves itself. */
  client_refused: 'never',
  /** There is no such authorization server. */
  server_unknown: 'never',
  /** The org does not have direct authentication. */
  feature_disabled: 'never',
  /** The message or the prompt could not be sent. */
  delivery_failed: 'later',
  /** Okta said no, in words that are not known here. */
  denied: 'restart',
  /** Okta did not understand the request. */
  request_refused: 'never',
} as const

/** A stable name for a failure. */
export type DirectFailureCode = keyof typeof failures

type Details = Partial<Omit<DirectFailure, 'status' | 'code' | 'retry'>>

const noDetails = {
  retryAfter: undefined,
  state: undefined,
  field: undefined,
  httpStatus: undefined,
  error: undefined,
  description: undefined,
  requestId: undefined,
} as const

/** Makes a failure. */
export const failed = (code: DirectFailureCode, details: Details = {}): DirectFailure => ({
  status: 'failed',
  code,
  retry: failures[code],
  ...noDetails,
  ...details,
})
