import type { Person } from '../people.ts'
import { isAssigned } from '../verify.ts'
import { oauthError, type Refusal } from '../wire.ts'
import type { GrantRequest } from './grant.ts'

export const notAssigned = (): Refusal =>
  oauthError(400, 'access_denied', 'User is not assigned to the client application.')

export function checkAssigned({ app }: Pick<GrantRequest, 'app'>, person: Person): void {
  if (!isAssigned(app, person)) throw notAssigned()
}

/** The user of a `login_hint`, which must not stand for several. */
export function hinted({ org }: Pick<GrantRequest, 'org'>, hint: string): Person | undefined {
  const person = org.findPerson(hint)
  if (person !== undefined || org.namesakes(hint) < 2) return person
  throw oauthError(400, 'invalid_grant', "The 'login_hint' does not uniquely identify a user.")
}

/** Counts an attempt for a user name; 429 in the OAuth envelope, unlike that of the org. */
export function checkRate({ org }: Pick<GrantRequest, 'org'>, login: string): void {
  if (org.limits.takeUser(login)) return
  throw oauthError(429, 'invalid_grant', 'API call exceeded rate limit due to too many requests.')
}
