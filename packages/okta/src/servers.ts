import { ConfigurationError, optionChecks } from '@portcullis/core'
import { checkServerId, originOf } from './domain.ts'

/** Which authorization server of which Okta org. */
export interface OktaOptions {
  /** The domain of the org or its custom domain, with or without `https://`. */
  readonly domain: string
  /** `default`, or the id of another custom server (`aus…`). Left out: the org's own server. */
  readonly authorizationServer?: string
}

/** The addresses of an authorization server of Okta, those that its metadata do not name included. */
export interface OktaEndpoints {
  readonly authorize: string
  readonly par: string
  readonly token: string
  readonly introspect: string
  readonly revoke: string
  readonly userinfo: string
  readonly keys: string
  readonly logout: string
  readonly deviceAuthorize: string
  readonly backchannelAuthorize: string
  readonly primaryAuthenticate: string
  readonly challenge: string
  readonly interact: string
}

/** An authorization server of Okta. */
export interface OktaServer {
  /** The issuer exactly as it stands in `iss`: for `createLogin`, `createIssuer` and, see `apiIssuer`, `createGuard`. */
  readonly issuer: string
  /** Whether it is the org's own server, whose access tokens nobody but Okta may validate. */
  readonly isOrg: boolean
  /** Scheme and host of the org. */
  readonly origin: string
  /** `default`, `aus…`, or `undefined` for the org's own server. */
  readonly authorizationServer: string | undefined
  readonly endpoints: OktaEndpoints
}

/**
 * Names an authorization server of Okta; makes no request.
 *
 * @example
 * const server = okta({ domain: 'acme.okta.com', authorizationServer: 'default' })
 * const guard = createGuard({ issuer: apiIssuer(server), audience: 'api://default' })
 */
export function okta(options: OktaOptions): OktaServer {
  const { anything, checkOptions } = optionChecks
  checkOptions('okta', options, { domain: anything, authorizationServer: anything })
  const origin = originOf(options.domain)
  const { authorizationServer } = options
  if (authorizationServer !== undefined) checkServerId(authorizationServer, options.domain)
  const base =
    authorizationServer === undefined
      ? `${origin}/oauth2`
      : `${origin}/oauth2/${authorizationServer}`
  return Object.freeze({
    issuer: authorizationServer === undefined ? origin : base,
    isOrg: authorizationServer === undefined,
    origin,
    authorizationServer,
    endpoints: endpointsOf(`${base}/v1`),
  })
}

const endpointsOf = (base: string): OktaEndpoints =>
  Object.freeze({
    authorize: `${base}/authorize`,
    par: `${base}/par`,
    token: `${base}/token`,
    introspect: `${base}/introspect`,
    revoke: `${base}/revoke`,
    userinfo: `${base}/userinfo`,
    keys: `${base}/keys`,
    logout: `${base}/logout`,
    deviceAuthorize: `${base}/device/authorize`,
    backchannelAuthorize: `${base}/bc/authorize`,
    primaryAuthenticate: `${base}/primary-authenticate`,
    challenge: `${base}/challenge`,
    interact: `${base}/interact`,
  })

/**
 * The issuer for the guard of an API. The org's own server is a `ConfigurationError` that says what to do
 * instead; a guard can see that itself only where the domain is one of Okta's.
 */
export function apiIssuer(server: OktaServer): string {
  const advice = introspectionAdvice(server)
  if (advice !== undefined) throw new ConfigurationError(advice)
  return server.issuer
}

/** Why access tokens of a server cannot be validated by an API of yours, and what to do instead; `undefined` where they can. */
export const introspectionAdvice = ({ isOrg, issuer, endpoints }: OktaServer): string | undefined =>
  isOrg
    ? `${issuer} is an Okta org authorization server: Okta lets nobody but itself validate its access ` +
      `tokens. Use a custom one, for example okta({ domain, authorizationServer: 'default' }), or ask ` +
      `${endpoints.introspect} with the client that the token was issued to.`
    : undefined
