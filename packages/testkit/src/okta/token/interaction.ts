import { createHash } from 'node:crypto'
import { grants } from '../grants.ts'
import { evaluate } from '../access-policy.ts'
import { invalidGrant } from './code.ts'
import { need, type GrantRequest, type TokenBody } from './grant.ts'
import { issue } from './issue.ts'

/** §3.9.6: the code that an interaction ended with. */
export function interactionGrant(request: GrantRequest): Promise<TokenBody> {
  const { org, app, server, form } = request
  const text = need(form, 'interaction_code')
  const verifier = need(form, 'code_verifier')
  const code = org.interactionCodes.get(text)
  if (code === undefined || code.app !== app || code.server.id !== server.id) {
    throw invalidGrant('The interaction code is invalid or has expired.')
  }
  if (createHash('sha256').update(verifier).digest('base64url') !== code.challenge) {
    throw invalidGrant('PKCE verification failed.')
  }
  org.interactionCodes.take(text)
  const { scopes, authentication, acr, nonce } = code
  const { person } = authentication
  const rule = evaluate({ server, app, person, grantType: grants.interactionCode, scopes })
  const session = org.sessions.start(authentication)
  return issue(request, { subject: { scopes, authentication, acr, nonce, session }, rule })
}
