import type { AccessRule } from '../options.ts'
import type { Family } from '../refresh-tokens.ts'
import type { Subject } from '../tokens.ts'
import { grants } from '../grants.ts'
import { randomText } from '../wire.ts'
import type { GrantRequest, TokenBody } from './grant.ts'

/** What to issue. */
export interface Order {
  readonly subject: Omit<Subject, 'server' | 'app' | 'jkt' | 'lifetime'>
  readonly rule: AccessRule
  /** Where the tokens descend from a refresh token. */
  readonly family?: Family | undefined
  /** Whether `offline_access` means a refresh token here. Default true. */
  readonly canRefresh?: boolean
}

/** Issues what the scopes say: an access token, and perhaps an ID token and a refresh token. */
export async function issue(request: GrantRequest, order: Order): Promise<TokenBody> {
  const { org, server, app, jkt } = request
  const lifetime = server.isOrg ? 3600 : (order.rule.accessTokenMinutes ?? 60) * 60
  const subject: Subject = { ...order.subject, server, app, jkt, lifetime }
  const { scopes, authentication, session } = subject
  const accessToken = await org.tokens.access(subject)
  const refreshed = refreshToken(request, order, subject)
  refreshed?.family.accessTokens.push(accessToken)
  const hasId = authentication !== undefined && scopes.includes('openid')
  if (session !== undefined) session.clients.set(app.clientId, server.issuer)
  return {
    token_type: jkt === undefined ? 'Bearer' : 'DPoP',
    expires_in: lifetime,
    access_token: accessToken,
    scope: scopes.join(' '),
    ...(refreshed && { refresh_token: refreshed.text }),
    ...(hasId && { id_token: await org.tokens.id(subject, { accessToken }) }),
    ...deviceSecret(request, subject),
  }
}

function refreshToken(
  { org, app }: GrantRequest,
  { family, rule, canRefresh = true }: Order,
  subject: Subject,
): { readonly text: string; readonly family: Family } | undefined {
  const { scopes, authentication } = subject
  if (!scopes.includes('offline_access') || authentication === undefined) return undefined
  if (family !== undefined) return { text: org.refreshTokens.renew(family), family }
  if (!canRefresh || !app.grantTypes.includes(grants.refresh)) return undefined
  const started = org.refreshTokens.start(subject, rule)
  return { text: started.texts.at(-1) ?? '', family: started }
}

function deviceSecret({ org, server }: GrantRequest, { scopes, session }: Subject): TokenBody {
  if (server.isOrg || session === undefined || !scopes.includes('device_sso')) return {}
  const secret = randomText(43)
  org.deviceSecrets.put(secret, session, 90 * 24 * 3600)
  return { device_secret: secret }
}
