import { isDeepStrictEqual } from 'node:util'
import {
  clientSecretPost,
  createIssuer,
  introspection,
  privateKeyJwt,
  type ClientOptions,
  type IntrospectionCacheOptions,
  type IntrospectionOptions,
  type Issuer,
  type IssuerSnapshot,
  type PrivateKey,
  type Runtime,
  type TokenVerifier,
  type TrustedIssuer,
} from '@portcullis/core'
import type {
  IntrospectionClientConfig,
  IntrospectionConfig,
  IssuerConfig,
} from '../config/config.ts'

/** An issuer that is ready: one for all routes, so that keys and answers are fetched once. */
export interface ReadyIssuer {
  readonly config: IssuerConfig
  /** Its metadata and keys. */
  readonly issuer: Issuer
  /** Absent where every token is asked about. */
  readonly trusted: TrustedIssuer | undefined
  /** Absent where no token is asked about. */
  readonly live: TokenVerifier | undefined
  readonly shared: SharedFindings | undefined
}

/** What is known of issuers before anybody is asked. */
export interface Foreknown {
  /** Those of the configuration before. */
  readonly ready: readonly ReadyIssuer[]
  /** Metadata and keys that another process had. */
  readonly snapshots: readonly IssuerSnapshot[]
}

/** The seam of core for answers that several gateways share. */
export type SharedFindings = NonNullable<IntrospectionOptions['store']>

/** Makes an issuer ready: the one there was where nothing new is said of it, or with the keys it had. */
export function readyIssuer(
  config: IssuerConfig,
  runtime: Runtime,
  shared: SharedFindings | undefined,
  { ready, snapshots }: Foreknown,
): ReadyIssuer {
  const same = ready.find((one) => one.shared === shared && isDeepStrictEqual(one.config, config))
  if (same !== undefined) return same
  const source = sourceOf(config)
  const known = ready.find((one) => isDeepStrictEqual(sourceOf(one.config), source))
  const snapshot = snapshots.find((one) => one.issuer === config.issuer)
  const issuer =
    known?.issuer ?? createIssuer({ ...source, ...runtime, ...(snapshot && { snapshot }) })
  const { introspection: asking } = config
  return {
    config,
    issuer,
    shared,
    trusted: asking?.use === 'always' ? undefined : trustedOf(config, issuer),
    live:
      asking &&
      introspection({
        ...asked(config, asking, issuer),
        ...runtime,
        ...(shared && { store: shared }),
      }),
  }
}

/** Where metadata and keys come from, and how patiently. */
const sourceOf = ({ issuer, allowInsecureIssuer, timeout, maxStale }: IssuerConfig) => ({
  issuer,
  ...(allowInsecureIssuer !== undefined && { allowInsecureIssuer }),
  keys: {
    ...(timeout !== undefined && { timeout }),
    ...(maxStale !== undefined && { staleFor: maxStale }),
  },
})

function trustedOf(config: IssuerConfig, issuer: Issuer): TrustedIssuer {
  const { audience, algorithms, types, profile, clockTolerance, maxTokenAge } = config
  return {
    issuer,
    audience,
    // Their names were checked with the configuration, and core checks them again.
    ...(algorithms && { algorithms: algorithms as NonNullable<TrustedIssuer['algorithms']> }),
    ...(types && { types }),
    ...(profile && { profile }),
    ...(clockTolerance !== undefined && { clockTolerance }),
    ...(maxTokenAge !== undefined && { maxTokenAge }),
  }
}

function asked(
  config: IssuerConfig,
  asking: IntrospectionConfig,
  issuer: Issuer,
): IntrospectionOptions {
  const { endpoint, signed, cache, maxInFlight } = asking
  const { audience, timeout, clockTolerance, allowInsecureIssuer } = config
  return {
    issuer,
    audience,
    client: clientOf(asking.client),
    ...(endpoint !== undefined && { endpoint }),
    ...(signed !== undefined && { signed }),
    ...(cache && { cache: cacheOf(cache) }),
    ...(maxInFlight !== undefined && { maxInFlight }),
    ...(timeout !== undefined && { timeout }),
    ...(clockTolerance !== undefined && { clockTolerance }),
    ...(allowInsecureIssuer !== undefined && { allowInsecureIssuer }),
  }
}

const cacheOf = ({
  ttl,
  negativeTtl,
  max,
}: NonNullable<IntrospectionConfig['cache']>): IntrospectionCacheOptions => ({
  ...(ttl !== undefined && { maxAge: ttl }),
  ...(negativeTtl !== undefined && { negativeMaxAge: negativeTtl }),
  ...(max !== undefined && { entries: max }),
})

function clientOf({ id, secret, method, privateKey }: IntrospectionClientConfig): ClientOptions {
  if (privateKey !== undefined) {
    return { id, authentication: privateKeyJwt({ key: keyOf(privateKey) }) }
  }
  if (method === 'client_secret_post') {
    return { id, authentication: clientSecretPost(secret ?? '') }
  }
  return { id, secret: secret ?? '' }
}

const keyOf = (text: string): PrivateKey => {
  if (!text.trimStart().startsWith('{')) return text
  // That it is a JWK was checked with the configuration, and core checks it again.
  return JSON.parse(text) as PrivateKey
}
