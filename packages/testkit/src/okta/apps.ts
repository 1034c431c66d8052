import { createSigningKey, type SigningKey } from '../signing-key.ts'
import type { JWK } from 'jose'
import { stableId } from './ids.ts'
import type {
  ClientAuthentication,
  FactorKind,
  FrontChannelLogout,
  OktaAppOptions,
  SignOn,
  TokenEncryption,
} from './options.ts'
import { grants } from './grants.ts'

/** An app integration as the org holds it. What is not `readonly` may be changed at any time. */
export interface OktaApp {
  /** What the options call it. */
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly applicationType: 'web' | 'native' | 'browser' | 'service'
  readonly authentication: ClientAuthentication
  grantTypes: readonly string[]
  redirectUris: readonly string[] | undefined
  logoutUris: readonly string[] | undefined
  pkceRequired: boolean
  refreshToken: { readonly rotation: 'ROTATE' | 'STATIC'; readonly leeway: number }
  signOn: SignOn
  factors: readonly FactorKind[] | undefined
  assigned: readonly string[] | undefined
  oktaScopes: readonly string[]
  dpop: boolean
  frontChannelLogout: FrontChannelLogout | undefined
  idTokenEncryption: TokenEncryption | undefined
  jwks: { readonly keys: readonly JWK[] }
  /** The private half of a generated key, for `private_key_jwt`. */
  readonly key: SigningKey | undefined
}

type Type = OktaApp['applicationType']

const directGrants = [grants.otp, grants.oob, grants.mfaOtp, grants.mfaOob]
const webauthnGrants = [grants.webauthn, grants.mfaWebauthn]

// What the Admin Console offers for each type, all of it switched on.
const grantsOf: Readonly<Record<Type, readonly string[]>> = {
  web: [
    grants.code,
    grants.implicit,
    grants.refresh,
    grants.clientCredentials,
    grants.ciba,
    grants.jwtBearer,
    grants.samlBearer,
    grants.interactionCode,
  ],
  native: [
    grants.code,
    grants.implicit,
    grants.password,
    grants.refresh,
    grants.device,
    grants.tokenExchange,
    grants.samlBearer,
    grants.interactionCode,
    ...directGrants,
    ...webauthnGrants,
  ],
  browser: [grants.code, grants.implicit, grants.refresh, grants.interactionCode],
  service: [grants.clientCredentials, grants.tokenExchange, grants.jwtBearer, grants.samlBearer],
}

export const defaultApps: Readonly<Record<string, OktaAppOptions>> = {
  web: {},
  spa: { applicationType: 'browser' },
  native: { applicationType: 'native' },
  service: { applicationType: 'service' },
  machine: {
    applicationType: 'service',
    authentication: 'private_key_jwt',
    oktaScopes: ['okta.users.read'],
  },
}

const isPublicType = (type: Type): boolean => type === 'native' || type === 'browser'

export function createApp(name: string, options: OktaAppOptions): OktaApp {
  const { applicationType = 'web' } = options
  const isPublic = isPublicType(applicationType)
  const { authentication = isPublic ? 'none' : 'client_secret_basic' } = options
  const hasSecret = authentication.startsWith('client_secret')
  const needsKey = authentication === 'private_key_jwt' && options.jwks === undefined
  const key = needsKey ? createSigningKey('ES256') : undefined
  return {
    name,
    clientId: options.clientId ?? stableId('0oa', name),
    clientSecret: hasSecret ? (options.clientSecret ?? secretOf(name)) : undefined,
    applicationType,
    authentication,
    ...switches(applicationType, options),
    jwks: options.jwks ?? { keys: key ? [key.jwk] : [] },
    key,
  }
}

// HS512 (client_secret_jwt) wants 64 characters.
const secretOf = (name: string): string => `${name}-secret-`.padEnd(64, '0123456789abcdef')

function switches(type: Type, options: OktaAppOptions) {
  const rotation = type === 'browser' ? ('ROTATE' as const) : ('STATIC' as const)
  const { refreshToken = { rotation } } = options
  return {
    grantTypes: options.grantTypes ?? grantsOf[type],
    redirectUris: options.redirectUris,
    logoutUris: options.logoutUris,
    pkceRequired: options.pkceRequired ?? isPublicType(type),
    refreshToken: { leeway: 30, ...refreshToken },
    signOn: options.signOn ?? ('one-factor' as const),
    factors: options.factors,
    assigned: options.assigned,
    oktaScopes: options.oktaScopes ?? [],
    dpop: options.dpop ?? false,
    frontChannelLogout: options.frontChannelLogout,
    idTokenEncryption: options.idTokenEncryption,
  }
}

/** Whether a URL is one of those that are registered, or a loopback URL where none is. */
export function isRegistered(url: string, registered: readonly string[] | undefined): boolean {
  if (registered !== undefined) return registered.includes(url)
  if (!URL.canParse(url)) return false
  const { protocol, hostname, hash } = new URL(url)
  return /^https?:$/.test(protocol) && loopback.has(hostname) && hash === ''
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])
