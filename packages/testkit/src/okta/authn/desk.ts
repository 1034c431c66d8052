import type { FactorKind } from '../options.ts'
import type { Factor, Person } from '../people.ts'
import type { Prompt } from '../phone.ts'
import type { OktaState } from '../state.ts'
import { createVault, type Vault } from '../vault.ts'
import { randomText } from '../wire.ts'
import { invalidToken, wrongState } from './errors.ts'
import { defaultEnrollment, type AuthnOptions } from './options.ts'

export type Status =
  | 'UNAUTHENTICATED'
  | 'PASSWORD_WARN'
  | 'PASSWORD_EXPIRED'
  | 'PASSWORD_RESET'
  | 'RECOVERY'
  | 'RECOVERY_CHALLENGE'
  | 'LOCKED_OUT'
  | 'MFA_ENROLL'
  | 'MFA_ENROLL_ACTIVATE'
  | 'MFA_REQUIRED'
  | 'MFA_CHALLENGE'
  | 'SUCCESS'

/** Somebody between the first call and the last. */
export interface Transaction {
  /** The `stateToken`. */
  readonly token: string
  readonly purpose: 'sign-in' | 'step-up' | Recovery
  /** Nobody, before a step-up and in a recovery for a login that there is not. */
  person: Person | undefined
  status: Status
  readonly used: FactorKind[]
  readonly wishes: Wishes
  readonly skipped: Set<Status>
  challenge: Challenge | undefined
  /** Wrong answers of somebody who recovers an account. */
  tries: number
}

export type Recovery = 'PASSWORD' | 'UNLOCK'

/** What the first call asked for. */
export interface Wishes {
  readonly warns?: boolean
  readonly enrollsMore?: boolean
  readonly relayState?: string | undefined
  /** Of a trusted caller only. */
  readonly deviceToken?: string | undefined
  /** Where a step-up came from. */
  readonly original?: string
}

/** The factor that is being verified or activated. */
export interface Challenge {
  readonly factor: Factor
  readonly channel?: 'SMS' | 'CALL'
  readonly code?: string
  readonly prompt?: Prompt
  /** Whether somebody has asked how it stands: the number of a push is told no sooner. */
  readonly isPolled?: boolean
  /** What a passkey is to sign. */
  readonly nonce?: string
  /** Whether any passkey of the user will do. */
  readonly isForAll?: boolean
  /** Epoch milliseconds. */
  readonly at: number
}

/** What all calls of the Authentication API share. */
export interface Desk {
  readonly org: OktaState
  /** They may be changed at any time. */
  readonly settings: { -readonly [Name in keyof AuthnOptions]-?: AuthnOptions[Name] }
  readonly transactions: Vault<Transaction>
  /** Tokens of links that were mailed, and of activations. */
  readonly links: Vault<MailedLink>
  readonly usedLinks: Set<string>
  /** `<user> <device>`. */
  readonly remembered: Set<string>
}

export interface MailedLink {
  readonly person: Person
  readonly purpose: Recovery | 'ACTIVATION'
  readonly relayState: string | undefined
}

export const createDesk = (org: OktaState, options: AuthnOptions): Desk => ({
  org,
  settings: {
    showLockOuts: options.showLockOuts ?? false,
    enrollment: options.enrollment ?? defaultEnrollment,
    rememberDevice: options.rememberDevice ?? true,
  },
  transactions: createVault(org.now),
  links: createVault(org.now),
  usedLinks: new Set(),
  remembered: new Set(),
})

/** Seconds that a transaction lives after each call. */
export const lifetime = 300

export function begin(
  desk: Desk,
  begun: Pick<Transaction, 'purpose' | 'person' | 'wishes'>,
): Transaction {
  const transaction: Transaction = {
    ...begun,
    token: `00${randomText(40)}`,
    status: 'UNAUTHENTICATED',
    used: [],
    skipped: new Set(),
    challenge: undefined,
    tries: 0,
  }
  slide(desk, transaction)
  return transaction
}

/** Puts the end off. */
const slide = (desk: Desk, transaction: Transaction): void =>
  desk.transactions.put(transaction.token, transaction, lifetime)

/** The transaction of a `stateToken`, if it stands where this call belongs. */
export function require(
  desk: Desk,
  body: Readonly<Record<string, unknown>>,
  ...statuses: readonly Status[]
): Transaction {
  const token = body['stateToken']
  const transaction = typeof token === 'string' ? desk.transactions.get(token) : undefined
  if (transaction === undefined) throw invalidToken()
  if (statuses.length > 0 && !statuses.includes(transaction.status)) throw wrongState()
  slide(desk, transaction)
  return transaction
}

/** Whoever it is by now. */
export function personOf({ person }: Transaction): Person {
  if (person === undefined) throw wrongState()
  return person
}

/** A member that is text, or nothing. */
export function textOf(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
