import { evaluate, readScopes } from '../access-policy.ts'
import { oidcScopes } from '../servers.ts'
import { oauthError } from '../wire.ts'
import { invalidClient } from '../client-authentication.ts'
import type { GrantRequest, TokenBody } from './grant.ts'
import { issue } from './issue.ts'

/** §3.7: a machine without a user. */
export function clientCredentialsGrant(request: GrantRequest): Promise<TokenBody> {
  const { server, app, form, grantType } = request
  if (server.isOrg) checkOrgRules(request)
  const asked = (form.get('scope') ?? '').split(' ')
  if (asked.some((scope) => oidcScopes.includes(scope))) {
    throw oauthError(
      400,
      'invalid_scope',
      "Cannot request 'openid' scopes using client credentials.",
    )
  }
  const scopes = readScopes(server, app, form.get('scope'))
  const needing = scopes.filter((scope) => server.scopes[scope]?.consent === 'REQUIRED')
  if (needing.length > 0) {
    throw oauthError(
      400,
      'consent_required',
      `The following scopes require user consent and cannot be granted for the client credentials grant type: [${needing.join(', ')}].`,
    )
  }
  const rule = evaluate({ server, app, grantType, scopes })
  return issue(request, { subject: { scopes }, rule })
}

function checkOrgRules({ app }: GrantRequest): void {
  if (app.authentication !== 'private_key_jwt') {
    throw invalidClient(
      'Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.',
    )
  }
  if (app.applicationType !== 'service') {
    throw invalidClient(
      "Only clients with 'application_type' of 'service' may use the client_credentials 'grant_type' with the Org Authorization Server.",
    )
  }
}
