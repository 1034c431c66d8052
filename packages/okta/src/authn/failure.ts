import type { Retry } from '../direct/failure.ts'
import type { AuthnStep } from './steps.ts'

/** A step that did not work out. Nothing in it is secret. */
export interface AuthnFailure {
  readonly status: 'failed'
  readonly code: AuthnFailureCode
  /**
   * What can be done: `input`: ask the user again and go on with `step`, or start again where there is
   * none; `factor`: offer another factor, with `step`; `later`: wait `retryAfter`; `restart`: begin
   * again; `never`: somebody must change the org, the user or the application.
   */
  readonly retry: Retry
  /** Seconds; with `later`. */
  readonly retryAfter: number | undefined
  /** Where another try goes on. */
  readonly step: AuthnStep | undefined
  /** Which input was refused before anything was sent, or whose limit is exhausted. */
  readonly field: string | undefined
  /** HTTP status; `undefined` where nothing was sent. */
  readonly httpStatus: number | undefined
  /** Okta's `errorCode` or `error`. */
  readonly error: string | undefined
  /** Okta's words, for logs: cut, in printable ASCII, and without what was sent. */
  readonly description: string | undefined
  /** The words of `errorCauses`, in the same way; some of them are meant for the user. */
  readonly causes: readonly string[]
  readonly errorId: string | undefined
  /** Okta's `X-Okta-Request-Id`. */
  readonly requestId: string | undefined
}

const table = {
  /** An input cannot be right: nothing was sent. */
  input_refused: 'input',
  /** Our own limit for the user or the address: nothing was sent. */
  attempts_exhausted: 'later',
  /** Okta's limit. */
  rate_limited: 'later',
  /** A message, a call or a mail went out moments ago. */
  sent_recently: 'later',
  /** Wrong user name or password, or a user who may not sign in; Okta does not tell which. */
  credentials_wrong: 'input',
  /** Wrong code, one whose time was over, or wrong answer to the question of a factor. */
  code_wrong: 'input',
  /** The code was right, and has been used. */
  code_reused: 'input',
  /** Wrong answer to the recovery question. */
  answer_wrong: 'input',
  /** The old password is wrong, or the new one cannot be taken; `causes` say why. */
  password_refused: 'input',
  /** The new password is too weak; `causes` say what is wanted. */
  password_weak: 'input',
  /** A number that is none, or that the org does not send to. */
  phone_refused: 'input',
  /** The user did not answer the prompt in the time given. */
  unanswered: 'factor',
  /** The sign-in, the link or the token has had its time, or is used up. */
  expired: 'restart',
  /** The user is locked out. */
  locked_out: 'never',
  /** Not possible where the sign-in stands. */
  state_wrong: 'restart',
  /** There is no such user: said to trusted applications only. */
  user_unknown: 'input',
  /** What the call was about is not there any more. */
  not_found: 'restart',
  /** Not allowed: for whoever asks, for this user, or in this org. */
  not_permitted: 'never',
  /** Okta does not accept the API token. */
  api_token_refused: 'never',
  /** Okta did not understand the request. */
  request_refused: 'never',
} as const

/** Every way in which a step can fail, and what can be done about it. */
export const failures: Readonly<Record<AuthnFailureCode, Retry>> = table

/** A stable name for a failure. */
export type AuthnFailureCode = keyof typeof table

type Details = Partial<Omit<AuthnFailure, 'status' | 'code' | 'retry'>>

const noDetails = {
  retryAfter: undefined,
  step: undefined,
  field: undefined,
  httpStatus: undefined,
  error: undefined,
  description: undefined,
  causes: [],
  errorId: undefined,
  requestId: undefined,
} as const

/** Makes a failure. */
export const failed = (code: AuthnFailureCode, details: Details = {}): AuthnFailure => ({
  status: 'failed',
  code,
  retry: failures[code],
  ...noDetails,
  ...details,
})
