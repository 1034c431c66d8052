import { ConfigurationError } from '@portcullis/core'
import { textOf, type Json } from './json.ts'
import type { Reading } from './reading.ts'
import type { OktaSession } from './session.ts'
import type { AuthnFailure } from './failure.ts'
import type { AuthnCall } from './options.ts'
import type { AuthnStepInfo, RecoveryType } from './steps.ts'

/** Signed in. What came of it is used once: by one of the methods here, whichever is called first. */
export interface SuccessStep extends AuthnStepInfo {
  readonly status: 'SUCCESS'
  /** Of a recovery: an account that was unlocked is not signed in. */
  readonly recoveryType: RecoveryType
  /** Whether there is something to use; not after a step-up or an unlock. */
  readonly hasSessionToken: boolean
  /** The authorization request with the session token in it: send the browser there at once. It becomes `prompt=none` unless it says otherwise. */
  authorizeUrl(request: string | URL): string
  /** The address that sets the org's cookie and sends the browser on to a Trusted Origin. */
  sessionCookieRedirectUrl(redirectUrl: string | URL): string
  /** Makes a session of the org, without a browser. */
  createSession(call?: AuthnCall): Promise<OktaSession | AuthnFailure>
  /** The token itself, for a way of your own. It is a credential: it belongs in no log. */
  takeSessionToken(): string
  /** After a step-up: where the browser goes on. */
  originalUrl(): string | undefined
}

/** What a success rests on. */
export interface SuccessParts {
  readonly origin: string
  readonly createSession: (token: string, call: AuthnCall) => Promise<OktaSession | AuthnFailure>
}

export function createSuccess(
  { origin, createSession }: SuccessParts,
  info: AuthnStepInfo,
  reading: Reading,
  body: Json,
): SuccessStep {
  let token = textOf(body['sessionToken'])
  const hasSessionToken = token !== undefined
  const take = (): string => {
    const taken = token
    token = undefined
    if (taken !== undefined) return taken
    throw new ConfigurationError(
      hasSessionToken
        ? 'the session token was used: it is good for one use'
        : 'there is no session token: a step-up and an unlock give none',
    )
  }
  return Object.freeze({
    ...info,
    status: 'SUCCESS',
    recoveryType: reading.recoveryType,
    hasSessionToken,
    authorizeUrl: (request: string | URL) => authorizeUrl(origin, request, take),
    sessionCookieRedirectUrl: (redirectUrl: string | URL) => cookieUrl(origin, redirectUrl, take),
    createSession: async (call: AuthnCall = {}) => createSession(take(), call),
    takeSessionToken: take,
    originalUrl: () => reading.next?.href,
  })
}

function authorizeUrl(origin: string, request: string | URL, take: () => string): string {
  const url = URL.canParse(String(request)) ? new URL(request) : undefined
  // Anywhere else, the token would be a gift.
  if (url?.origin !== origin || !/^\/oauth2(?:\/[\w-]+)?\/v1\/authorize$/.test(url.pathname)) {
    throw new ConfigurationError('authorizeUrl() wants an authorization request to this org')
  }
  if (!url.searchParams.has('prompt')) url.searchParams.set('prompt', 'none')
  url.searchParams.set('sessionToken', take())
  return url.href
}

function cookieUrl(origin: string, redirectUrl: string | URL, take: () => string): string {
  const target = URL.canParse(String(redirectUrl)) ? new URL(redirectUrl) : undefined
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    throw new ConfigurationError('sessionCookieRedirectUrl() wants an absolute address')
  }
  const url = new URL(`${origin}/login/sessionCookieRedirect`)
  url.searchParams.set('token', take())
  url.searchParams.set('redirectUrl', target.href)
  return url.href
}
