import { createHash } from 'node:crypto'
import type { AuthorizationCode } from '../org.ts'
import { oauthError, type Refusal } from '../wire.ts'
import { evaluateQuietly } from './rule.ts'
import { need, type GrantRequest, type TokenBody } from './grant.ts'
import { issue } from './issue.ts'

/** §3.4: the code of a login in the browser. */
export async function codeGrant(request: GrantRequest): Promise<TokenBody> {
  const { org, form, server } = request
  const text = need(form, 'code')
  const code = org.codes.get(text)
  if (code === undefined) throw badCode()
  checkOwner(request, code)
  if (code.isUsed) {
    if (org.settings.revokeOnCodeReuse) code.revoke()
    throw badCode()
  }
  checkPkce(request, code)
  code.isUsed = true
  const { scopes, authentication, acr, nonce, session } = code
  const rule = evaluateQuietly(server, request.app, authentication.person)
  const body = await issue(request, {
    subject: { scopes, authentication, acr, nonce, session },
    rule,
  })
  code.revoke = () => takeBack(request, body)
  return body
}

function takeBack({ org }: GrantRequest, body: TokenBody): void {
  org.tokens.revoke(String(body['access_token']))
  const family = org.refreshTokens.find(String(body['refresh_token']))
  if (family !== undefined) org.refreshTokens.revoke(family)
}

function checkOwner({ server, app, form }: GrantRequest, code: AuthorizationCode): void {
  if (code.server.id !== server.id) {
    throw oauthError(
      400,
      'invalid_request',
      'The grant was issued for another authorization server.',
    )
  }
  if (code.app !== app) {
    throw invalidGrant(
      "The grant was issued to another client. Please make sure the 'client_id' matches the one used at the authorize request.",
    )
  }
  if (code.redirectUri !== form.get('redirect_uri')) {
    throw invalidGrant(
      "The 'redirect_uri' does not match the redirection URI used in the authorization request.",
    )
  }
}

function checkPkce({ form }: GrantRequest, { challenge }: AuthorizationCode): void {
  const verifier = form.get('code_verifier')
  if (challenge === undefined) {
    if (verifier === null) return
    throw oauthError(
      400,
      'invalid_request',
      'PKCE code challenge should be specified in the authorize request for code verification.',
    )
  }
  if (verifier === null) {
    throw oauthError(400, 'invalid_request', 'PKCE code verifier is required by the application.')
  }
  const hashed = createHash('sha256').update(verifier).digest('base64url')
  if (hashed !== challenge) throw invalidGrant('PKCE verification failed.')
}

const badCode = (): Refusal => invalidGrant('The authorization code is invalid or has expired.')

export const invalidGrant = (description: string): Refusal =>
  oauthError(400, 'invalid_grant', description)
