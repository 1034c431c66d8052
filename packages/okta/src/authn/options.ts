import { optionChecks } from '@portcullis/core'
import type { AttemptLimiter } from '../direct/attempts.ts'
import type { CallOptions, PollProgress, Sleep } from '../direct/options.ts'
import type { OktaServer } from '../servers.ts'
import type { AuthnObserver } from './observe.ts'

/** How users sign in by the Authentication API. Exactly one of `okta` and `domain`. */
export interface AuthnOptions {
  /** What `okta()` made; any server of the org will do. */
  readonly okta?: OktaServer
  /** The domain of the org, with or without `https://`. */
  readonly domain?: string
  /** The API token of a trusted application: its calls speak for the browser's address, can remember devices and begin recoveries without a message. Default: public calls. */
  readonly apiToken?: string
  /** Whether a password that is about to expire is a step of its own. Default `false`. */
  readonly warnBeforePasswordExpired?: boolean
  /** Whether factors that could still be enrolled are a step of their own. Default `false`. */
  readonly enrollOptionalFactors?: boolean
  /** At least 32 characters each, random: seal a step between two requests. The first seals, all of them open. Needed by `sealStep` and `openStep` only. */
  readonly secrets?: readonly string[]
  /** Stands in front of Okta's own limits. Default `limitAttempts()`. */
  readonly limiter?: AttemptLimiter | 'none'
  /** Sees every attempt: the audit log. What it throws is ignored. */
  readonly observe?: AuthnObserver
  /** Seconds between two polls. Default 4. */
  readonly pollInterval?: number
  /** Seconds for which a prompt is waited for. Default 300. */
  readonly pollTimeout?: number
  /** Seconds for one exchange, body included. Default 10. */
  readonly timeout?: number
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
  /** Waits between two polls; must end early where the signal says so. Default: a timer. */
  readonly sleep?: Sleep
}

/** What goes with one call. Address, user agent and fingerprint reach Okta from trusted applications only. */
export interface AuthnCall extends CallOptions {
  /** `User-Agent` of the browser. */
  readonly userAgent?: string
  /** What the browser sent as `X-Device-Fingerprint`. */
  readonly deviceFingerprint?: string
}

/** What goes with the verification of a factor. */
export interface AuthnFactorCall extends AuthnCall {
  /** Whether the device need not prove this factor for a while, where the policy allows it. */
  readonly rememberDevice?: boolean
  /** Whether the next sign-in sends the push by itself. */
  readonly autoPush?: boolean
}

/** How the waiting for a phone goes. */
export interface AuthnPollCall extends AuthnFactorCall {
  /** Told before each poll. */
  readonly onProgress?: (progress: AuthnPollProgress) => void
}

/** How far the waiting for a phone is, and what to show meanwhile. */
export interface AuthnPollProgress extends PollProgress {
  /** The number that the user must find on the phone: to be shown, never sent. Okta may name it only when it is polled. */
  readonly number: number | undefined
}

const { either, filled, flag, fn, listOf, oneOf, record, someSeconds, text } = optionChecks

const secret: optionChecks.Check = (value) =>
  typeof value === 'string' && value.length >= 32
    ? undefined
    : 'must be a secret of at least 32 characters'

export const apiTokenCheck: optionChecks.Check = (value) =>
  typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
    ? undefined
    : 'must be an API token, without SSWS before it'

export const authnChecks: Readonly<Record<keyof AuthnOptions, optionChecks.Check>> = {
  okta: record,
  domain: text,
  apiToken: apiTokenCheck,
  warnBeforePasswordExpired: flag,
  enrollOptionalFactors: flag,
  secrets: filled(listOf(secret)),
  limiter: either(record, oneOf('none')),
  observe: fn,
  pollInterval: someSeconds,
  pollTimeout: someSeconds,
  timeout: someSeconds,
  fetch: fn,
  now: fn,
  sleep: fn,
}
