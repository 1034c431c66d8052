import { hasGrant } from '../access-policy.ts'
import type { OktaApp } from '../apps.ts'
import { directGrants, grants } from '../grants.ts'
import type { Org } from '../org.ts'
import type { Server } from '../servers.ts'
import { oauthError, type Refusal } from '../wire.ts'

const all: readonly string[] = Object.values(grants).filter((grant) => grant !== grants.implicit)
const customOnly = new Set<string>([grants.jwtBearer])

const knownTo = (server: Server): readonly string[] =>
  server.isOrg ? all.filter((grant) => !customOnly.has(grant)) : all

/** Refuses a grant that the server, the app, or no rule of the server has switched on. */
export function checkSwitches(server: Server, app: OktaApp, grantType: string): void {
  const isOff = directGrants.includes(grantType) && !hasGrant(server, grantType)
  if (!knownTo(server).includes(grantType) || isOff) throw unsupported(server)
  if (app.grantTypes.includes(grantType)) return
  throw oauthError(
    400,
    'unauthorized_client',
    `The client is not authorized to use the provided grant type. Configured grant types: [${app.grantTypes.join(', ')}].`,
  )
}

/** The refusal of a grant that a server does not have. */
export function unsupported(server: Server): Refusal {
  const on = knownTo(server).filter((grant) => hasGrant(server, grant))
  return oauthError(
    400,
    'unsupported_grant_type',
    `The authorization grant type is not supported by the authorization server. Configured grant types: [${on.join(', ')}].`,
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

/** Refuses what only Identity Engine orgs have: direct authentication, the interaction code. */
export function checkEngine({ settings }: Org): void {
  if (settings.identityEngine) return
  throw oauthError(
    400,
    'access_denied',
    'The requested feature is not enabled in this environment.',
  )
}
