import { hasGrant } from '../access-policy.ts'
import type { OktaApp } from '../apps.ts'
import { directGrants, grants } from '../grants.ts'
import type { Org } from '../org.ts'
import type { Server } from '../servers.ts'
import { oauthError } from '../wire.ts'

const all: readonly string[] = Object.values(grants).filter((grant) => grant !== grants.implicit)
const customOnly = new Set<string>([grants.tokenExchange, grants.jwtBearer])

/** Refuses a grant that the server, the app, or no rule of the server has switched on. */
export function checkSwitches(server: Server, app: OktaApp, grantType: string): void {
  const known = server.isOrg ? all.filter((grant) => !customOnly.has(grant)) : all
  const isOff = directGrants.includes(grantType) && !hasGrant(server, grantType)
  if (!known.includes(grantType) || isOff) {
    const on = known.filter((grant) => hasGrant(server, grant))
    throw oauthError(
      400,
      'unsupported_grant_type',
      `The authorization grant type is not supported by the authorization server. Configured grant types: [${on.join(', ')}].`,
    )
  }
  if (app.grantTypes.includes(grantType)) return
  throw oauthError(
    400,
    'unauthorized_client',
    `The client is not authorized to use the provided grant type. Configured grant types: [${app.grantTypes.join(', ')}].`,
  )
}

/** The grant that was asked for. */
export function readGrantType(form: URLSearchParams): string {
  const grantType = form.get('grant_type')
  if (grantType !== null && grantType !== '') return grantType
  throw oauthError(
    400,
    'invalid_request',
    `The token request must specify a 'grant_type'. Valid values: [${all.join(', ')}].`,
  )
}

/** Refuses direct authentication in a Classic Engine org. */
export function checkEngine({ settings }: Org): void {
  if (settings.identityEngine) return
  throw oauthError(
    400,
    'access_denied',
    'The requested feature is not enabled in this environment.',
  )
}
