import type { OktaApp } from './apps.ts'
import type { AccessRule } from './options.ts'
import type { Person } from './people.ts'
import { oidcScopes, type Server } from './servers.ts'
import { oauthError, type Refusal } from './wire.ts'

/** Who asks a server for what. */
export interface Asking {
  readonly server: Server
  readonly app: OktaApp
  readonly person?: Person | undefined
  readonly grantType: string
  readonly scopes: readonly string[]
}

/** The rule that lets the request through; refuses when there is none, or when it lacks a scope. */
export function evaluate({ server, app, person, grantType, scopes }: Asking): AccessRule {
  const policy = server.policies.find(
    ({ clients }) =>
      clients?.some((client) => client === app.clientId || client === app.name) ?? true,
  )
  const rule = policy?.rules.find(
    ({ grantTypes, people }) =>
      (grantTypes?.includes(grantType) ?? true) &&
      (people === undefined || isOneOf(people, person)),
  )
  if (rule === undefined) throw noMatch()
  checkScopes(rule, scopes)
  return rule
}

const isOneOf = (people: readonly string[], person: Person | undefined): boolean =>
  person !== undefined &&
  people.some((entry) => entry === person.name || person.groups.includes(entry))

const noMatch = (): Refusal =>
  oauthError(
    401,
    'access_denied',
    'Policy evaluation failed for this request, please check the policy configurations.',
  )

function checkScopes({ scopes: allowed }: AccessRule, scopes: readonly string[]): void {
  const denied = scopes.filter((scope) => !(allowed?.includes(scope) ?? true))
  if (denied.length === 0) return
  throw oauthError(
    400,
    'access_denied',
    denied.length === scopes.length
      ? 'Policy evaluation succeeded, but all the requested scopes were rejected.'
      : `Some of the requested scopes were denied by the policy. Denied scopes: [${denied.join(', ')}].`,
  )
}

/** Whether any rule of the server has the grant's switch on; the org server has them all. */
export const hasGrant = ({ policies }: Server, grantType: string): boolean =>
  policies.length === 0 ||
  policies.some(({ rules }) =>
    rules.some(({ grantTypes }) => grantTypes?.includes(grantType) ?? true),
  )

/** The scopes asked for, or the server's defaults; refuses what the server does not know. */
export function readScopes(
  server: Server,
  app: OktaApp,
  text: string | null | undefined,
): readonly string[] {
  const scopes = [...new Set((text ?? '').split(' ').filter((scope) => scope !== ''))]
  if (scopes.length === 0) return defaultScopes(server)
  const unknown = scopes.filter((scope) => !isKnown(server, app, scope))
  if (unknown.length > 0) throw unknownScopes(server)
  return scopes
}

function defaultScopes({ scopes }: Server): readonly string[] {
  const names = Object.entries(scopes).flatMap(([name, scope]) => (scope.default ? [name] : []))
  if (names.length > 0) return names
  throw oauthError(
    400,
    'invalid_scope',
    "The authorization server resource does not have any configured default scopes, 'scope' must be provided.",
  )
}

const orgScopes = new Set([...oidcScopes, 'groups', 'device_sso'])
const customScopes = new Set([...oidcScopes, 'device_sso', 'interclient_access'])

function isKnown(server: Server, app: OktaApp, scope: string): boolean {
  if (server.isOrg) return orgScopes.has(scope) || app.oktaScopes.includes(scope)
  return customScopes.has(scope) || scope in server.scopes
}

const unknownScopes = ({ isOrg }: Server): Refusal =>
  oauthError(
    400,
    'invalid_scope',
    isOrg
      ? 'The requested scope is invalid, unknown, malformed, or exceeds the scope granted by the resource owner.'
      : 'One or more scopes are not configured for the authorization server resource.',
  )
