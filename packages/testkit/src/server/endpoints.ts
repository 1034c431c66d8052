/** The doors of the authorization server, as faults and request counts name them. */
export type Endpoint =
  | 'discovery'
  | 'jwks'
  | 'authorization'
  | 'token'
  | 'userinfo'
  | 'introspection'
  | 'revocation'
  | 'registration'
  | 'pushedAuthorization'
  | 'deviceAuthorization'
  | 'device'
  | 'backchannelAuthentication'
  | 'logout'
  | 'interaction'
  | 'other'

/** Where the authorization server below answers, in the names that oidc-provider has for its routes. */
export const routes = {
  authorization: '/authorize',
  backchannel_authentication: '/backchannel',
  code_verification: '/device',
  device_authorization: '/device/authorize',
  end_session: '/logout',
  introspection: '/introspect',
  jwks: '/jwks',
  pushed_authorization_request: '/par',
  registration: '/register',
  revocation: '/revoke',
  token: '/token',
  userinfo: '/userinfo',
} as const

export const interactionPath = '/interaction/'

// Longer paths before the shorter ones that they begin with.
const table: readonly (readonly [prefix: string, endpoint: Endpoint])[] = [
  ['/.well-known/', 'discovery'],
  [routes.jwks, 'jwks'],
  [routes.authorization, 'authorization'],
  [routes.token, 'token'],
  [routes.userinfo, 'userinfo'],
  [routes.introspection, 'introspection'],
  [routes.revocation, 'revocation'],
  [routes.registration, 'registration'],
  [routes.pushed_authorization_request, 'pushedAuthorization'],
  [routes.device_authorization, 'deviceAuthorization'],
  [routes.code_verification, 'device'],
  [routes.backchannel_authentication, 'backchannelAuthentication'],
  [routes.end_session, 'logout'],
  [interactionPath, 'interaction'],
]

/** Which door a path (without the issuer's own path) leads to. */
export function endpointOf(path: string): Endpoint {
  const found = table.find(([prefix]) => path === prefix || path.startsWith(withSlash(prefix)))
  return found?.[1] ?? 'other'
}

const withSlash = (prefix: string): string => (prefix.endsWith('/') ? prefix : `${prefix}/`)
