import type { DirectAnswer, WebAuthnEnrollment } from '../direct/answer.ts'
import type { DirectFailure, DirectFailureCode, Retry } from '../direct/failure.ts'
import type { Binding, Channel, SecondFactor } from '../direct/wire.ts'
import type { Progress } from './progress.ts'

/** Where a sign-in stands, for the page or the script that shows it. Nothing in it is secret. */
export type DirectView = DirectStage | DirectFailed

/** What is asked of the user. */
export type DirectStage =
  | { readonly status: 'start' }
  | { readonly status: 'mfa_required'; readonly next: readonly SecondFactor[] }
  | {
      readonly status: 'pending'
      readonly channel: Channel
      /** `prompt`: ask for the code; otherwise ask `poll` every `interval` seconds. */
      readonly binding: Binding
      /** To be shown: the user finds it on the phone. */
      readonly number: string | undefined
      readonly interval: number | undefined
      readonly secondsLeft: number
    }
  | {
      readonly status: 'webauthn'
      /** For `navigator.credentials.get`. */
      readonly publicKey: Readonly<Record<string, unknown>>
      readonly enrollments: readonly WebAuthnEnrollment[]
    }

/** A step that did not work out. */
export interface DirectFailed {
  readonly status: 'failed'
  readonly code: DirectFailureCode
  readonly retry: Retry
  /** Seconds; with `later`. */
  readonly retryAfter: number | undefined
  /** Which input was refused. */
  readonly field: string | undefined
  /** Where it can be tried again. */
  readonly stage: DirectStage
}

/** Where the forms of a page go. */
export interface DirectAddresses {
  readonly page: string
  readonly start: string
  readonly challenge: string
  readonly verify: string
  readonly poll: string
  readonly resend: string
  readonly cancel: string
  /** To be sent along with `start` as `return_to`. */
  readonly returnTo: string | undefined
}

/** The stage that a sign-in is at. */
export function stageOf({ state, next, isChoosing }: Progress, now: number): DirectStage {
  if (state?.kind === 'oob' && !isChoosing) {
    const { channel, binding, number, interval } = state
    const secondsLeft = Math.max(0, Math.ceil((state.expiresAt - now) / 1000))
    return { status: 'pending', channel, binding, number, interval, secondsLeft }
  }
  return state?.isSecond === true ? { status: 'mfa_required', next } : { status: 'start' }
}

/** What is shown after an answer. */
export function viewOf(
  answer: Exclude<DirectAnswer, { readonly status: 'tokens' | 'attested' }>,
  progress: Progress,
  now: number,
): DirectView {
  if (answer.status === 'failed') return failedView(answer, stageOf(progress, now))
  if (answer.status !== 'webauthn') return stageOf(progress, now)
  const { status, publicKey, enrollments } = answer
  return { status, publicKey, enrollments }
}

const failedView = (
  { code, retry, retryAfter, field }: DirectFailure,
  stage: DirectStage,
): DirectFailed => ({ status: 'failed', code, retry, retryAfter, field, stage })
