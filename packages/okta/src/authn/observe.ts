import { isPromise } from '@portcullis/core'
import type { AuthnFailureCode } from './failure.ts'
import type { AuthnStatus } from './status.ts'

/** What was done. */
export type AuthnAct =
  | 'sign-in'
  | 'resume'
  | 'start'
  | 'resend'
  | 'verify'
  | 'poll'
  | 'enroll'
  | 'activate'
  | 'change-password'
  | 'reset-password'
  | 'recover'
  | 'unlock'
  | 'answer'
  | 'previous'
  | 'skip'
  | 'cancel'

/** One attempt, for the audit log. Nothing in it is secret; `username` is what somebody typed. */
export interface AuthnEvent {
  readonly type: 'authn'
  /** Epoch milliseconds. */
  readonly at: number
  /** Scheme and host of the org. */
  readonly org: string
  readonly act: AuthnAct
  /** Okta's `factorType`, where the act is about a factor. */
  readonly factor: string | undefined
  /** Absent where none is known, or one that cannot be a name. */
  readonly username: string | undefined
  /** Of the browser, where the application said so. */
  readonly address: string | undefined
  readonly outcome:
    | AuthnStatus
    | 'CANCELLED'
    | AuthnFailureCode
    | 'outage'
    /** The signal ended it: Okta may have seen it all the same. */
    | 'aborted'
  /** Okta's `X-Okta-Request-Id`, where there was an answer. */
  readonly requestId: string | undefined
}

/** Sees every attempt. What it throws is ignored, because it has no say. */
export type AuthnObserver = (event: AuthnEvent) => void

/** Tells the observer. */
export function tell(observe: AuthnObserver | undefined, event: AuthnEvent): void {
  try {
    const done: unknown = observe?.(event)
    if (isPromise(done)) done.then(undefined, () => undefined)
  } catch {
    return
  }
}
