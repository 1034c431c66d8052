import type { DirectAnswer } from './answer.ts'
import type { DirectFailureCode } from './failure.ts'
import type { Factor } from './wire.ts'

/** One attempt, for the audit log. Nothing in it is secret; `username` is what somebody typed. */
export interface DirectEvent {
  readonly type: 'attempt'
  /** Epoch milliseconds. */
  readonly at: number
  readonly issuer: string
  readonly client: string
  readonly factor: Factor
  /** Whether it was the first factor of the sign-in or a later one. */
  readonly step: 'first' | 'second'
  /** `start`: a prompt, a code or a challenge was asked for; `verify`: something was proven, or not. */
  readonly act: 'start' | 'verify'
  /** Absent where none was given, or one that cannot be a name. */
  readonly username: string | undefined
  /** Of the browser, where the application said so. */
  readonly address: string | undefined
  readonly outcome:
    | Exclude<DirectAnswer['status'], 'failed'>
    | DirectFailureCode
    | 'outage'
    | 'id_token_refused'
    /** The signal ended it: Okta may have seen it all the same. */
    | 'aborted'
  /** Okta's `X-Okta-Request-Id`, where there was an answer. */
  readonly requestId: string | undefined
}

/** Sees every attempt. What it throws is ignored, because it has no say. */
export type DirectObserver = (event: DirectEvent) => void
