import type { OktaApp } from '../apps.ts'
import type { FactorKind } from '../options.ts'
import type { Person } from '../people.ts'
import type { Prompt } from '../phone.ts'
import type { Server } from '../servers.ts'
import type { Authentication } from '../sessions.ts'
import { oauthError, type Refusal } from '../wire.ts'

export type OobChannel = 'push' | 'sms' | 'voice' | 'email'

/** Who began a transaction, and with which parameters: none of it may change on the way. */
export interface Origin {
  readonly server: Server
  readonly app: OktaApp
}

/** A login that has passed one factor and needs another. */
export interface MfaTransaction extends Origin {
  readonly token: string
  readonly authentication: Authentication
  readonly scope: string
  readonly acr: string
  /** The newest one counts. */
  oobCode: string | undefined
}

/** A push, or a code that was sent. */
export interface OobTransaction extends Origin {
  readonly code: string
  /** Nobody, where the login is unknown: what is sent then reaches nobody. */
  readonly person: Person | undefined
  readonly channel: OobChannel
  readonly prompt: Prompt | undefined
  readonly expected: string | undefined
  readonly mfa: MfaTransaction | undefined
  /** As first seen at the token endpoint. */
  scope: string | undefined
  readonly acr: string
  lastPoll: number
}

export interface WebauthnChallenge extends Origin {
  readonly challenge: string
  readonly person: Person | undefined
  readonly mfa: MfaTransaction | undefined
}

/** Seconds; Okta has a figure for `oob_code` only. */
export const lifetimes = { oob: 300, mfa: 300, webauthn: 60 } as const

export const channelFactors: Readonly<Record<OobChannel, FactorKind>> = {
  push: 'push',
  sms: 'sms',
  voice: 'voice',
  email: 'email',
}

/** Refuses a transaction that another server or client began. */
export function checkOrigin(began: Origin, { server, app }: Origin): void {
  if (began.server.id !== server.id) {
    throw oauthError(
      400,
      'invalid_request',
      `The authorization server id '${server.id}' in the url_path parameter does not match the authorization server id in the original request '${began.server.id}'. Use the original authorization server id and try again.`,
    )
  }
  if (began.app !== app) {
    throw oauthError(
      401,
      'invalid_client',
      `The client_id '${app.clientId}' does not match the client_id in the original request '${began.app.clientId}'. Use the original client id and try again.`,
    )
  }
}

export function checkSame(name: 'scope' | 'acr_values', now: string, original: string): void {
  if (now === original) return
  const isScope = name === 'scope'
  const what = isScope ? 'requested scopes' : 'acr_values'
  const which = isScope ? 'scopes' : 'acr_values'
  throw oauthError(
    400,
    isScope ? 'invalid_scope' : 'invalid_request',
    `The ${what} '${now}' do not match the ${which} requested in the original request '${original}'. Use the original ${which} and try again.`,
  )
}

export const hasExpired = (name: 'oob_code' | 'mfa_token'): Refusal =>
  oauthError(403, 'access_denied', `'${name}' has expired. Use a new '${name}' and try again.`)

export const notUsable = (): Refusal =>
  oauthError(
    403,
    'access_denied',
    'The required authenticator cannot be used. Check if it is required by policy and the user is enrolled in the authenticator and try again.',
  )

export const wrongCode = (): Refusal =>
  oauthError(
    400,
    'invalid_grant',
    "The 'otp' provided is either empty or incorrect. Use the correct OTP and try again.",
  )

export const unfit = (): Refusal =>
  oauthError(
    403,
    'access_denied',
    "Unable to prompt for the requested authenticators. Review the Authentication Policy's requirements or request another authenticator and try again.",
  )
