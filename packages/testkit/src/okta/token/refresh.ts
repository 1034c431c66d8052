import { evaluate } from '../access-policy.ts'
import { oauthError } from '../wire.ts'
import type { Family } from '../refresh-tokens.ts'
import { invalidGrant } from './code.ts'
import { need, type GrantRequest, type TokenBody } from './grant.ts'
import { issue } from './issue.ts'

/** §3.8: refresh, with rotation where the app has it. */
export function refreshGrant(request: GrantRequest): Promise<TokenBody> {
  const { server, app, form, grantType } = request
  const family = familyOf(request, need(form, 'refresh_token'))
  const scopes = narrowed(family, form.get('scope'))
  const { authentication, acr, session } = family.subject
  const rule = evaluate({ server, app, person: authentication?.person, grantType, scopes })
  return issue(request, { subject: { scopes, authentication, acr, session }, rule, family })
}

function familyOf({ org, server, app, jkt }: GrantRequest, text: string): Family {
  const family = org.refreshTokens.find(text)
  if (family === undefined || family.subject.server.id !== server.id) throw over()
  if (family.subject.app !== app) {
    throw invalidGrant('The refresh token was issued to another client.')
  }
  if (family.subject.jkt !== jkt) {
    throw oauthError(400, 'invalid_dpop_proof', 'Invalid DPoP Public Key binding in refresh token')
  }
  if (org.refreshTokens.examine(family, text) !== 'good') throw over()
  const person = family.subject.authentication?.person
  if (person?.status === 'DEPROVISIONED' || person?.status === 'SUSPENDED') throw over()
  return family
}

const over = () => invalidGrant('The refresh token is invalid or expired.')

function narrowed({ subject }: Family, scope: string | null): readonly string[] {
  if (scope === null || scope === '') return subject.scopes
  const wanted = scope.split(' ').filter((name) => name !== '')
  const denied = wanted.filter((name) => !subject.scopes.includes(name))
  if (denied.length === 0) return wanted
  throw oauthError(
    400,
    'access_denied',
    `Some of the scopes requested for the refresh request were not granted in the original authorize request. Denied scopes: ${denied.join(', ')}.`,
  )
}
