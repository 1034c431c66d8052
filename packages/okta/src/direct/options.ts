import type { ClientOptions, Issuer } from '@portcullis/core'
import { optionChecks } from '@portcullis/core'
import type { OktaServer } from '../servers.ts'
import type { AttemptLimiter } from './attempts.ts'
import type { DirectObserver } from './observe.ts'
import type { Channel, SecondFactor } from './wire.ts'

/** How users sign in without a redirect. */
export interface DirectAuthenticationOptions {
  /** What `okta()` made. */
  readonly server: OktaServer
  /** Our registration. With `privateKeyJwt()`, leave its `audience` out: each call gets an assertion for its own address. */
  readonly client: ClientOptions
  /** Default `openid`. */
  readonly scope?: string
  /** The authentication context that every sign-in must reach: values of `oktaAcr`, or `mfaAttestation`. */
  readonly acrValues?: readonly string[]
  /**
   * The second factors that the application can ask for, in its order. Given, Okta is told, and refuses
   * at once what could never succeed. Default `['push', 'otp', 'sms', 'voice']`, without telling Okta.
   */
  readonly factors?: readonly SecondFactor[]
  /**
   * At least 32 characters each, random: seal a state between two requests. The first seals, all of them
   * open. Needed by `sealState` and `openState` only.
   */
  readonly secrets?: readonly string[]
  /** Stands in front of Okta's own limits. Default `limitAttempts()`: 5 wrong attempts a user and 50 an address in 15 minutes, in this process. */
  readonly limiter?: AttemptLimiter | 'none'
  /** Sees every attempt: the audit log. What it throws is ignored. */
  readonly observe?: DirectObserver
  /** What `createIssuer` made of `server.issuer`, to share its keys. Default: one of its own. */
  readonly issuer?: Issuer
  /** Seconds for one exchange, body included. Default 10. */
  readonly timeout?: number
  /** Seconds by which Okta's clock may differ from ours. Default 5. */
  readonly clockTolerance?: number
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
  /** Waits between two polls; must end early where the signal says so. Default: a timer. */
  readonly sleep?: Sleep
}

/** Waits some seconds; rejects where the signal ends it. */
export type Sleep = (seconds: number, signal: AbortSignal | undefined) => Promise<void>

/** What goes with one call. */
export interface CallOptions {
  /** The address of the browser: limited as well, and part of the audit event. */
  readonly address?: string
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** How the waiting for a push goes. */
export interface PollOptions extends CallOptions {
  /** Told before each poll. */
  readonly onProgress?: (progress: PollProgress) => void
}

/** How far the waiting is. */
export interface PollProgress {
  /** Polls that were answered with "not yet". */
  readonly polls: number
  /** Seconds until the prompt has had its time. */
  readonly secondsLeft: number
  /** Seconds to the next poll. */
  readonly interval: number
}

/** A name and what proves it. */
export interface PasswordInput {
  readonly username: string
  readonly password: string
}

/** A name and a one-time password. */
export interface OtpInput {
  readonly username: string
  readonly otp: string
}

/** A name, and where its prompt or code goes. */
export interface OobInput {
  readonly username: string
  readonly channel: Channel
}

/** What a passkey made: the parts of `navigator.credentials.get()`'s `response`, as base64url. */
export interface WebAuthnAssertion {
  readonly authenticatorData: string
  readonly clientDataJSON: string
  readonly signature: string
  readonly userHandle?: string
}

const secret: optionChecks.Check = (value) =>
  typeof value === 'string' && value.length >= 32
    ? undefined
    : 'must be a secret of at least 32 characters'

const { either, filled, fn, listOf, oneOf, record, someSeconds, seconds, text } = optionChecks

export const directChecks: Readonly<Record<keyof DirectAuthenticationOptions, optionChecks.Check>> =
  {
    server: record,
    client: record,
    scope: text,
    acrValues: filled(listOf(text)),
    factors: listOf(oneOf('push', 'otp', 'sms', 'voice', 'email', 'webauthn')),
    secrets: filled(listOf(secret)),
    limiter: either(record, oneOf('none')),
    observe: fn,
    issuer: record,
    timeout: someSeconds,
    clockTolerance: seconds,
    fetch: fn,
    now: fn,
    sleep: fn,
  }
