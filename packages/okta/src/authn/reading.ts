import { Outage } from '@portcullis/core'
import { printed } from '../direct/words.ts'
import { readFactors, type ReadFactor } from './read-factor.ts'
import { readLink, readLinks, readPage, type AuthnPage, type Link } from './link.ts'
import { recordOf, textOf, type Json } from './json.ts'
import { statuses, type AuthnStatus, type AuthnUser } from './status.ts'

/** What an answer of the Authentication API says; made of JSON, so that it can be sealed. */
export interface Reading {
  readonly status: AuthnStatus
  readonly stateToken: string | undefined
  readonly recoveryToken: string | undefined
  /** Epoch milliseconds. */
  readonly expiresAt: number | undefined
  /** Milliseconds until then when it was read: any further call puts the end off by as much. */
  readonly lifetime?: number
  readonly relayState: string | undefined
  readonly factorResult: string | undefined
  readonly factorType: string | undefined
  readonly recoveryType: string | undefined
  readonly user: AuthnUser | undefined
  readonly question: string | undefined
  readonly factors: readonly ReadFactor[]
  /** Beside several factors, any of which can sign it. */
  readonly challenge: Json | undefined
  readonly policy: Json | undefined
  readonly next: Link | undefined
  /** In the place of `next`, where another application keeps the password. */
  readonly passwordPage?: AuthnPage
  readonly prev: Link | undefined
  readonly skip: Link | undefined
  readonly cancel: Link | undefined
  readonly resend: Link | undefined
}

/** What an answer came from. */
export interface Source {
  readonly url: string
  readonly origin: string
  /** Epoch milliseconds. */
  readonly now: number
}

/** Reads an answer; what makes no sense is an `Outage`. Links must stay at the org. */
export function readAnswer(body: Json, { url, origin, now }: Source): Reading {
  const nonsense = (why: string): Outage =>
    new Outage('endpoint_failed', why, { url, phase: 'content' })
  const status = statuses.find((known) => known === body['status'])
  if (status === undefined) {
    throw nonsense(`the status is unknown: ${printed(String(body['status']), 40)}`)
  }
  const embedded = recordOf(body['_embedded']) ?? {}
  const links = recordOf(body['_links']) ?? {}
  const link = (value: unknown): Link | undefined => readLink(value, origin, nonsense)
  const expiresAt = timeOf(body['expiresAt'])
  const page = keepsPassword.has(status) ? readPage(links['next'], origin) : undefined
  return {
    status,
    stateToken: textOf(body['stateToken']),
    recoveryToken: textOf(body['recoveryToken']),
    expiresAt,
    ...(expiresAt !== undefined && expiresAt > now && { lifetime: expiresAt - now }),
    relayState: textOf(body['relayState']),
    factorResult: textOf(body['factorResult']),
    factorType: textOf(body['factorType']),
    recoveryType: textOf(body['recoveryType']),
    user: readUser(embedded['user']),
    question: questionOf(embedded['user']),
    factors: readFactors(embedded, link),
    challenge: recordOf(embedded['challenge']),
    policy: recordOf(embedded['policy']),
    next: page === undefined ? link(links['next']) : undefined,
    ...(page !== undefined && { passwordPage: page }),
    prev: link(links['prev']),
    skip: link(links['skip']),
    cancel: link(links['cancel']),
    resend: readLinks(links['resend'], link)[0],
  }
}

// An org can say that the passwords of some of its users are another application's.
const keepsPassword: ReadonlySet<AuthnStatus> = new Set(['PASSWORD_WARN', 'PASSWORD_EXPIRED'])

const timeOf = (value: unknown): number | undefined => {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isFinite(time) ? time : undefined
}

function readUser(value: unknown): AuthnUser | undefined {
  const user = recordOf(value)
  if (user === undefined) return undefined
  const profile = recordOf(user['profile']) ?? {}
  return {
    id: textOf(user['id']),
    login: textOf(profile['login']),
    firstName: textOf(profile['firstName']),
    lastName: textOf(profile['lastName']),
    locale: textOf(profile['locale']),
    timeZone: textOf(profile['timeZone']),
    passwordChanged: timeOf(user['passwordChanged']),
  }
}

const questionOf = (user: unknown): string | undefined =>
  textOf(recordOf(recordOf(user)?.['recovery_question'])?.['question'])
