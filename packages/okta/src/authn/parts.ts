import { ConfigurationError, optionChecks, type SealBox } from '@portcullis/core'
import type { AttemptLimiter } from '../direct/attempts.ts'
import type { Sleep } from '../direct/options.ts'
import { limiterOf, sleep } from '../direct/parts.ts'
import { printed } from '../direct/words.ts'
import { originOf } from '../domain.ts'
import type { OktaServer } from '../servers.ts'
import type { Json } from './json.ts'
import type { AuthnObserver } from './observe.ts'
import { authnChecks, type AuthnCall, type AuthnOptions } from './options.ts'
import type { Reading } from './reading.ts'
import { createSend, type Send } from './send.ts'
import { createBox } from './seal.ts'
import type { AuthnStep } from './steps.ts'
import type { SuccessParts } from './success.ts'

/** What belongs to a step and nobody may see. */
export interface Kept {
  readonly reading: Reading
  readonly username: string | undefined
}

/** What the Authentication API client is made of. */
export interface AuthnParts {
  readonly origin: string
  readonly send: Send
  readonly limiter: AttemptLimiter
  readonly observe: AuthnObserver | undefined
  readonly now: () => number
  readonly sleep: Sleep
  readonly pollInterval: number
  readonly pollTimeout: number
  readonly isTrusted: boolean
  readonly headersOf: (call: AuthnCall) => Readonly<Record<string, string>>
  /** What may stand in no error. */
  readonly secrets: readonly string[]
  /** `options` of primary authentication. */
  readonly wishes: Json
  readonly kept: WeakMap<AuthnStep, Kept>
  readonly box: () => SealBox
  readonly createSession: SuccessParts['createSession']
  /** Makes a step of what was read. */
  readonly make: (made: Made) => AuthnStep
}

/** What a step is made of. */
export interface Made extends Kept {
  /** The answer itself: of a success only, whose token is kept nowhere else. */
  readonly body?: Json
}

/** What parts are given by those that rest on them. */
interface Lent {
  readonly createSession: AuthnParts['createSession']
  readonly make: (parts: AuthnParts, made: Made) => AuthnStep
}

/** Where the org is: exactly one of the two ways to say it. */
export function orgOf(
  name: string,
  { okta, domain }: { readonly okta?: OktaServer; readonly domain?: string },
): string {
  if ((okta === undefined) === (domain === undefined)) {
    throw new ConfigurationError(`${name} wants either okta (what okta() made) or domain`)
  }
  const origin: unknown = okta === undefined ? originOf(domain) : okta.origin
  if (typeof origin === 'string') return origin
  throw new ConfigurationError(`${name}.okta must be what okta() made`)
}

/** Checks the options and puts the defaults in place. */
export function createAuthnParts(options: AuthnOptions, { createSession, make }: Lent): AuthnParts {
  optionChecks.checkOptions('authn', options, authnChecks)
  const { apiToken, fetch: ownFetch, timeout = 10 } = options
  const now = options.now ?? (() => Date.now())
  const origin = orgOf('authn', options)
  const parts: AuthnParts = {
    origin,
    send: createSend({ fetch: ownFetch ?? ((input, init) => fetch(input, init)), now, timeout }),
    limiter: limiterOf(options.limiter, now),
    observe: options.observe,
    now,
    sleep: options.sleep ?? sleep,
    pollInterval: options.pollInterval ?? 4,
    pollTimeout: options.pollTimeout ?? 300,
    isTrusted: apiToken !== undefined,
    headersOf: (call) => trustedHeaders(apiToken, call),
    secrets: apiToken === undefined ? [] : [apiToken],
    wishes: {
      warnBeforePasswordExpired: options.warnBeforePasswordExpired ?? false,
      multiOptionalFactorEnroll: options.enrollOptionalFactors ?? false,
    },
    kept: new WeakMap(),
    box: createBox(options.secrets, `okta authn ${origin}`),
    createSession,
    make: (made) => make(parts, made),
  }
  return parts
}

/** What a trusted application says for the browser; a public call says nothing. */
export function trustedHeaders(
  apiToken: string | undefined,
  { address, userAgent, deviceFingerprint }: AuthnCall,
): Readonly<Record<string, string>> {
  if (apiToken === undefined) return {}
  const header = (name: string, value: string | undefined) =>
    value !== undefined && { [name]: printed(value, 1000) }
  return {
    authorization: `SSWS ${apiToken}`,
    ...header('x-forwarded-for', address),
    ...header('user-agent', userAgent),
    ...header('x-device-fingerprint', deviceFingerprint),
  }
}
