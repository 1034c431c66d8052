import type { FactorKind } from '../options.ts'
import { factorOf } from '../people.ts'
import { personOf, type Desk, type Transaction } from './desk.ts'
import { usableFactors } from './factors.ts'

/** Whether something must be enrolled before anything else. */
export function isRequired(desk: Desk, transaction: Transaction): boolean {
  const { org } = desk
  const person = personOf(transaction)
  if (missing(desk, transaction, 'REQUIRED').length > 0) return true
  return org.settings.sessionFactors === 2 && usableFactors(org, person).length === 0
}

/** What is wanted and not enrolled. */
export function missing(
  { settings, org }: Desk,
  transaction: Transaction,
  wanted: 'REQUIRED' | 'OPTIONAL',
): readonly FactorKind[] {
  const person = personOf(transaction)
  // The keys of an object whose keys are factors.
  return (Object.keys(settings.enrollment) as FactorKind[]).filter(
    (kind) =>
      settings.enrollment[kind] === wanted &&
      factorOf(person, kind) === undefined &&
      !org.settings.disabledAuthenticators.includes(kind),
  )
}
