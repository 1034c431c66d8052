import { Outage } from '@portcullis/core'
import { textOf, type Json } from './json.ts'

/** What a session is good for: only `ACTIVE` is signed in. */
export type OktaSessionStatus = 'ACTIVE' | 'MFA_REQUIRED' | 'MFA_ENROLL'

const statuses: readonly OktaSessionStatus[] = ['ACTIVE', 'MFA_REQUIRED', 'MFA_ENROLL']

/** A session of the org. */
export interface OktaSession {
  readonly id: string
  readonly login: string | undefined
  readonly userId: string | undefined
  /** Epoch milliseconds. */
  readonly expiresAt: number
  readonly status: OktaSessionStatus
  /** Epoch milliseconds. */
  readonly lastPasswordVerification: number | undefined
  /** Epoch milliseconds. */
  readonly lastFactorVerification: number | undefined
  /** How the user was authenticated: an open set. */
  readonly amr: readonly string[]
  readonly mfaActive: boolean
}

export function readSession(body: Json | undefined, url: string): OktaSession {
  const id = textOf(body?.['id'])
  const status = statuses.find((known) => known === body?.['status'])
  const expiresAt = timeOf(body?.['expiresAt'])
  if (body === undefined || !id || !status || expiresAt === undefined) {
    throw new Outage('endpoint_failed', 'that is no session', { url, phase: 'content' })
  }
  const amr: unknown = body['amr']
  return {
    id,
    status,
    expiresAt,
    login: textOf(body['login']),
    userId: textOf(body['userId']),
    lastPasswordVerification: timeOf(body['lastPasswordVerification']),
    lastFactorVerification: timeOf(body['lastFactorVerification']),
    amr: Array.isArray(amr) ? amr.flatMap((value: unknown) => textOf(value) ?? []) : [],
    mfaActive: body['mfaActive'] === true,
  }
}

const timeOf = (value: unknown): number | undefined => {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isFinite(time) ? time : undefined
}
