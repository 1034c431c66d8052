import { evaluate, readScopes } from '../access-policy.ts'
import { directGrants, grants, mfaGrants } from '../grants.ts'
import type { FactorKind } from '../options.ts'
import type { Person } from '../people.ts'
import type { Authentication } from '../sessions.ts'
import { assess, meetAcr } from '../verify.ts'
import { oauthError, randomText, type Refusal } from '../wire.ts'
import { invalidGrant } from '../token/code.ts'
import type { GrantRequest, TokenBody } from '../token/grant.ts'
import { issue } from '../token/issue.ts'
import { checkAssigned } from '../token/people.ts'
import { lifetimes, unfit } from './transactions.ts'

/** What each second factor can be done with. */
export const kindsOf: Readonly<Record<string, readonly FactorKind[]>> = {
  [grants.mfaOtp]: ['totp', 'google_otp'],
  [grants.mfaOob]: ['push', 'sms', 'voice', 'email'],
  [grants.mfaWebauthn]: ['webauthn'],
}

/** After a factor that held: tokens, another factor, or no. */
export async function conclude(
  request: GrantRequest,
  authentication: Authentication,
): Promise<TokenBody> {
  const { server, app, form, grantType } = request
  const { person, factors } = authentication
  checkAssigned(request, person)
  const scopes = readScopes(server, app, form.get('scope'))
  const verdict = assess(app, factors)
  const acr = meetAcr(form.get('acr_values'), factors, enrolled(request, person).length)
  if (verdict === 'denied') throw denied(grantType)
  if (verdict === 'unfit') throw unfit()
  if (verdict === 'more' || !acr.isMet) throw more(request, authentication)
  const rule = evaluate({ server, app, person, grantType, scopes })
  return issue(request, { subject: { scopes, authentication, acr: acr.acr }, rule })
}

const denied = (grantType: string): Refusal =>
  grantType === grants.password
    ? invalidGrant('Resource owner password credentials authentication denied by sign on policy.')
    : oauthError(
        403,
        'access_denied',
        "User couldn't be signed-in through direct authentication because authentication policy wasn't satisfied.",
      )

const enrolled = ({ org }: GrantRequest, person: Person): readonly FactorKind[] =>
  person.factors.map(({ kind }) => kind).filter((kind) => org.usable(person, kind))

/** Begins the next factor, if app, client and user have one in common. */
function more(request: GrantRequest, authentication: Authentication): Refusal {
  const { app, form, grantType } = request
  const switchedOn = app.grantTypes.filter((grant) => mfaGrants.includes(grant))
  if (switchedOn.length === 0) {
    return grantType === grants.password
      ? invalidGrant('Resource owner password credentials cannot be used with MFA enabled.')
      : oauthError(
          403,
          'access_denied',
          'The grant types required to satisfy sign on policy are disabled for the client.',
        )
  }
  const possible = switchedOn.filter((grant) => hasFactorFor(request, authentication, grant))
  if (possible.length === 0) {
    return oauthError(403, 'access_denied', 'No supported authenticators are available.')
  }
  const supported = form.get('grant_types_supported')
  if (supported !== null && !named(supported).some((grant) => possible.includes(grant))) {
    return insufficient(supported)
  }
  return mfaRequired(request, authentication)
}

function hasFactorFor(
  request: GrantRequest,
  { person, factors }: Authentication,
  grant: string,
): boolean {
  const left = enrolled(request, person).filter((kind) => !factors.includes(kind))
  const fit = left.filter((kind) => request.app.factors?.includes(kind) ?? true)
  return fit.some((kind) => kindsOf[grant]?.includes(kind))
}

function named(supported: string): readonly string[] {
  const names = supported.split(' ').filter((name) => name !== '')
  const unknown = names.find((name) => !directGrants.includes(name) && name !== grants.password)
  if (unknown === undefined) return names
  throw oauthError(
    400,
    'invalid_request',
    `${unknown} is not supported as a 'grant_type'. Remove or replace the value and try again.`,
  )
}

const insufficient = (supported: string): Refusal =>
  oauthError(
    403,
    'access_denied',
    `The 'grant_types_supported' '${supported}' are not sufficient to satisfy the authentication policy. Configure additional grant types for the client or revise the authentication policy to allow the user to sign-in.`,
  )

function mfaRequired(request: GrantRequest, authentication: Authentication): Refusal {
  const { org, server, app, form } = request
  const token = randomText(43)
  const scope = form.get('scope') ?? ''
  const acr = form.get('acr_values') ?? ''
  const transaction = { token, server, app, authentication, scope, acr, oobCode: undefined }
  org.mfa.put(token, transaction, lifetimes.mfa)
  return oauthError(
    403,
    'mfa_required',
    'Verify with an additional authenticator to complete the sign-in process.',
    { members: { mfa_token: token } },
  )
}
