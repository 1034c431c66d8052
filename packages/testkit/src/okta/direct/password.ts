import { checkPassword } from '../verify.ts'
import { oauthError } from '../wire.ts'
import { readScopes } from '../access-policy.ts'
import { invalidGrant } from '../token/code.ts'
import { need, type GrantRequest, type TokenBody } from '../token/grant.ts'
import { checkRate } from '../token/people.ts'
import { conclude } from './conclude.ts'

/** §3.6 and §4.7: a password, alone or as the first of two factors. */
export function passwordGrant(request: GrantRequest): Promise<TokenBody> {
  const { org, form } = request
  const login = need(form, 'username')
  const password = need(form, 'password')
  checkRate(request, login)
  checkConsent(request)
  const person = checkPassword(org, login, password)
  if (person === undefined) throw invalidGrant(passwordless(request, login))
  if (person.status === 'PASSWORD_EXPIRED') throw invalidGrant('Password has expired.')
  return conclude(request, { person, at: org.now(), factors: ['password'] })
}

const passwordless = ({ org }: GrantRequest, login: string): string =>
  org.findPerson(login)?.status === 'ACTIVE' && org.findPerson(login)?.password === undefined
    ? 'The user does not configure a password.'
    : 'The credentials provided were invalid.'

function checkConsent({ server, app, form }: GrantRequest): void {
  const scopes = readScopes(server, app, form.get('scope'))
  const needing = scopes.filter((scope) => server.scopes[scope]?.consent === 'REQUIRED')
  if (needing.length === 0) return
  throw oauthError(
    400,
    'consent_required',
    `The following scopes require user consent: [${needing.join(', ')}].`,
  )
}
