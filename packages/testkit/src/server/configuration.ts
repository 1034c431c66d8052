import { randomBytes } from 'node:crypto'
import type { Configuration, JWKS } from 'oidc-provider'
import { accountOf, claimsOf, identityScopes } from './accounts.ts'
import { clientsOf, registered } from './clients.ts'
import { interactionPath, routes } from './endpoints.ts'
import { featuresOf } from './features.ts'
import type { Settings } from './options.ts'
import { errorPage } from './pages.ts'
import type { People } from './people.ts'
import type { Storage } from './storage.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/** Everything oidc-provider wants to know except the keys, which change. */
export function createConfiguration(
  settings: Settings,
  storage: Storage,
  people: People,
): (jwks: JWKS) => Configuration {
  const { resources, rotateRefreshTokens: rotates } = settings
  const resourceScopes = Object.values(resources).flatMap(({ scopes }) => [...scopes])
  const fixed: Configuration = {
    // Without the list oidc-provider keeps them out of ID tokens.
    acrValues: Object.values(settings.users).flatMap(({ acr }) => acr ?? []),
    adapter: storage.adapter,
    claims: claimsOf(settings),
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'tls_client_auth',
      'self_signed_tls_client_auth',
      'none',
    ],
    clientBasedCORS: () => true,
    clients: [...clientsOf(settings).values()].map(registered),
    // The same in every instance, so that a login survives a rotation.
    cookies: { keys: [randomBytes(32).toString('hex')] },
    enabledJWA: signatureAlgorithms,
    extraTokenClaims: (_, token) => {
      const audience = 'resourceServer' in token ? token.resourceServer?.identifier() : undefined
      return audience === undefined ? undefined : { ...resources[audience]?.claims }
    },
    features: featuresOf(settings, people),
    // Without oidc-provider's own dispatcher, which refuses to call loopback addresses.
    fetch: (url, options) => globalThis.fetch(url, withoutDispatcher(options)),
    findAccount: (_, name) => accountOf(settings, name),
    interactions: { url: (_, { uid }) => `${settings.path}${interactionPath}${uid}` },
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    renderError: (ctx, { error, error_description: description }) => {
      ctx.type = 'html'
      ctx.body = errorPage(error, description)
    },
    responseTypes: [
      'code',
      'id_token',
      'id_token token',
      'code id_token',
      'code token',
      'code id_token token',
      'none',
    ],
    ...(rotates !== undefined && { rotateRefreshToken: rotates }),
    routes,
    scopes: [...new Set([...identityScopes, ...resourceScopes, ...(settings.scopes ?? [])])],
    ttl: lifetimes,
  }
  return (jwks) => ({ ...fixed, jwks })
}

const lifetimes: NonNullable<Configuration['ttl']> = {
  AccessToken: (_, token) => token.resourceServer?.accessTokenTTL ?? 5 * minute,
  AuthorizationCode: minute,
  BackchannelAuthenticationRequest: 10 * minute,
  ClientCredentials: (_, token) => token.resourceServer?.accessTokenTTL ?? 5 * minute,
  DeviceCode: 10 * minute,
  Grant: 14 * day,
  IdToken: hour,
  Interaction: hour,
  RefreshToken: 14 * day,
  Session: day,
}

const signing = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

const signatureAlgorithms: NonNullable<Configuration['enabledJWA']> = {
  authorizationSigningAlgValues: [...signing],
  clientAuthSigningAlgValues: ['HS256', ...signing],
  dPoPSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
  idTokenSigningAlgValues: [...signing],
  introspectionSigningAlgValues: [...signing],
  requestObjectSigningAlgValues: ['HS256', ...signing],
  userinfoSigningAlgValues: [...signing],
}

function withoutDispatcher(options: RequestInit | undefined): RequestInit {
  const { dispatcher: _, ...rest }: RequestInit & { readonly dispatcher?: unknown } = options ?? {}
  return rest
}
