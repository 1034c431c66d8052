import type { FactorKind } from '../options.ts'
import type { Answer } from '../wire.ts'
import { personOf, type Desk, type Status, type Transaction } from './desk.ts'
import { usableFactors } from './factors.ts'
import { expiry, ok, show, userOf } from './render.ts'
import { isRequired, missing } from './requirements.ts'

/** Goes on to whatever comes next for somebody who has proven something. */
export function advance(desk: Desk, transaction: Transaction): Answer {
  transaction.challenge = undefined
  const status = nextStatus(desk, transaction)
  transaction.status = status
  return status === 'SUCCESS' ? conclude(desk, transaction) : show(desk, transaction)
}

function nextStatus(desk: Desk, transaction: Transaction): Status {
  const { skipped, wishes } = transaction
  const person = personOf(transaction)
  if (transaction.purpose === 'UNLOCK') return 'SUCCESS'
  if (needsFactor(desk, transaction)) return 'MFA_REQUIRED'
  // The second factor comes before a new password.
  if (person.status === 'PASSWORD_EXPIRED') return 'PASSWORD_EXPIRED'
  const warns = person.status === 'PASSWORD_WARN' && wishes.warns === true
  if (warns && !skipped.has('PASSWORD_WARN')) return 'PASSWORD_WARN'
  if (isRequired(desk, transaction)) return 'MFA_ENROLL'
  const offersMore =
    wishes.enrollsMore === true && missing(desk, transaction, 'OPTIONAL').length > 0
  return offersMore && !skipped.has('MFA_ENROLL') ? 'MFA_ENROLL' : 'SUCCESS'
}

function needsFactor(desk: Desk, transaction: Transaction): boolean {
  const { org, remembered } = desk
  const { used, wishes } = transaction
  const person = personOf(transaction)
  if (org.settings.sessionFactors < 2 || used.length > 1) return false
  if (remembered.has(`${person.id} ${wishes.deviceToken ?? ''}`)) return false
  return usableFactors(org, person).length > 0
}

function conclude(desk: Desk, transaction: Transaction): Answer {
  const { purpose, wishes, used } = transaction
  const person = personOf(transaction)
  desk.transactions.take(transaction.token)
  const body = {
    expiresAt: expiry(desk),
    status: 'SUCCESS',
    ...(wishes.relayState !== undefined && { relayState: wishes.relayState }),
    _embedded: { user: userOf(person, 'SUCCESS') },
  }
  if (purpose === 'UNLOCK') {
    return ok({ ...body, recoveryType: purpose })
  }
  if (purpose === 'step-up') {
    const next = { name: 'original', href: wishes.original, hints: { allow: ['GET'] } }
    return ok({ ...body, _links: { next } })
  }
  const factors = [...new Set<FactorKind>(used)]
  const sessionToken = desk.org.sessions.issueToken({ person, at: desk.org.now(), factors })
  return ok({ ...body, sessionToken })
}
