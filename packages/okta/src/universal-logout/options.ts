import {
  ConfigurationError,
  optionChecks,
  type MaybePromise,
  type Refusal,
  type ReplayStore,
  type Runtime,
} from '@portcullis/core'
import { originOf } from '../domain.ts'

/** How calls of Universal Logout are taken in. */
export interface UniversalLogoutOptions {
  /**
   * The address exactly as it is registered in Okta, which each call names as its `aud`. Never taken from
   * the request, whose `Host` a stranger may choose. Several for an app with several addresses.
   */
  readonly endpoint: string | readonly string[]
  /** Below the base URL of the login. Default `/global-token-revocation`. Every endpoint must end in it. */
  readonly path?: string
  /**
   * Domains of the orgs that may call, custom domains included. Default: that of the login's issuer,
   * whichever of its authorization servers it is: Okta signs these calls as the org.
   */
  readonly orgs?: readonly string[]
  /**
   * Issuers whose sessions are ended. Default: the login's own. Several where logins at several servers of
   * the org share one store or one `revocations`: the `sub` of a user is the same at all of them.
   */
  readonly issuers?: readonly string[]
  /**
   * Who an email address belongs to: one `sub`, several, or `undefined` for nobody. Without it a call that
   * names its user by email is answered by 400. Compare as Okta does: without regard to case.
   */
  readonly subjectOf?: (email: string) => MaybePromise<string | readonly string[] | undefined>
  /** Whether the application knows a `sub`; others are answered by 404. Default: every one, with 204. */
  readonly isKnown?: (sub: string) => MaybePromise<boolean>
  /**
   * Remembers which calls were used. Default: in the memory of this process; several processes share one,
   * such as that of Redis.
   */
  readonly replays?: ReplayStore
  /** Seconds by which Okta's clock may differ from ours. Default 5. */
  readonly clockTolerance?: number
  /** Seconds after its issue at which a call is too old, whatever its `exp` says. Default 300. */
  readonly maxAge?: number
  /** Told of every refused call and the status that answers it, for logs. What it throws is ignored. */
  readonly onRefused?: (refusal: Refusal, status: number) => void
  /** For the metadata and keys of the orgs. Default: the global one. */
  readonly fetch?: NonNullable<Runtime['fetch']>
}

/** The same, checked and complete. */
export interface Settings extends UniversalLogoutOptions {
  readonly endpoints: ReadonlySet<string>
  readonly path: string
  readonly tolerance: number
  readonly maxAge: number
}

/** Checks what the programmer handed in. */
export function settingsOf(options: UniversalLogoutOptions): Settings {
  const { anything, checkOptions, fn, listOf, filled, record, seconds, someSeconds, text } =
    optionChecks
  checkOptions('universalLogout', options, {
    endpoint: anything,
    path: text,
    orgs: filled(listOf(text)),
    issuers: filled(listOf(text)),
    subjectOf: fn,
    isKnown: fn,
    replays: record,
    clockTolerance: seconds,
    maxAge: someSeconds,
    onRefused: fn,
    fetch: fn,
  })
  const { path = '/global-token-revocation', clockTolerance: tolerance = 5, maxAge = 300 } = options
  if (!/^(?:\/[\w\-.~]+)+$/.test(path)) {
    throw new ConfigurationError(
      'universalLogout.path must be a path such as /global-token-revocation',
    )
  }
  const endpoints = new Set([options.endpoint].flat())
  if (endpoints.size === 0) throw endpointRefused(path)
  for (const endpoint of endpoints) {
    if (!isEndpoint(endpoint, path)) throw endpointRefused(path)
  }
  const orgs = options.orgs?.map((domain) => originOf(domain))
  return { ...options, ...(orgs && { orgs }), endpoints, path, tolerance, maxAge }
}

const isEndpoint = (endpoint: unknown, path: string): boolean =>
  typeof endpoint === 'string' &&
  URL.canParse(endpoint) &&
  /^https?:$/.test(new URL(endpoint).protocol) &&
  endpoint.endsWith(path)

const endpointRefused = (path: string): ConfigurationError =>
  new ConfigurationError(
    `universalLogout.endpoint must be the absolute URL that is registered in Okta, and end in ${path}; set path if it is another`,
  )
