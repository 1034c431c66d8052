import { stableId } from './ids.ts'
import {
  createLazyKey,
  createServerKeys,
  type KeyStatus,
  type LazyKey,
  type ServerKeys,
} from './keys.ts'
import type { AccessPolicy, OktaScope, OktaServerOptions, TokenEncryption } from './options.ts'

/** An authorization server of the org, as tests see it. */
export interface OktaServer {
  /** `org`, `default` or `aus…`. */
  readonly id: string
  readonly issuer: string
  /** Where its endpoints are: `issuer` and, for the org, `/oauth2`. */
  readonly base: string
  readonly audience: string
  policies: readonly AccessPolicy[]
  status: 'ACTIVE' | 'INACTIVE'
  readonly keys: () => readonly { readonly kid: string; readonly status: KeyStatus }[]
  /** NEXT signs from now on, and the key that did stays published as EXPIRED. */
  readonly rotateKeys: () => Promise<void>
}

/** The same with what only the emulator sees. */
export interface Server extends OktaServer {
  readonly name: string
  readonly isOrg: boolean
  readonly ring: ServerKeys
  /** Signs the org's access tokens, and is never published. */
  readonly internalKey: LazyKey | undefined
  readonly scopes: Readonly<Record<string, OktaScope>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly trustedServers: readonly string[]
  readonly tokenEncryption: TokenEncryption | undefined
  readonly trustedIssuers: NonNullable<OktaServerOptions['trustedIssuers']>
}

/** Scopes that every server has. */
export const oidcScopes: readonly string[] = [
  'openid',
  'profile',
  'email',
  'address',
  'phone',
  'offline_access',
]

const defaultScopes = {
  'orders:read': { published: true },
  'orders:write': { published: true },
  hidden: {},
}

const openPolicies: readonly AccessPolicy[] = [{ rules: [{}] }]

/** A server without its address, which is only known once the socket listens. */
export type ServerDraft = (origin: string) => Server

export function draftOrg(now: () => number): ServerDraft {
  const ring = createServerKeys(now)
  return (origin) => ({
    name: 'org',
    id: 'org',
    isOrg: true,
    issuer: origin,
    base: `${origin}/oauth2`,
    audience: origin,
    policies: openPolicies,
    status: 'ACTIVE',
    ...leversOf(ring),
    internalKey: createLazyKey(),
    scopes: {},
    claims: {},
    trustedServers: [],
    tokenEncryption: undefined,
    trustedIssuers: {},
  })
}

export function draftServer(
  name: string,
  options: OktaServerOptions,
  now: () => number,
): ServerDraft {
  const id = name === 'default' || /^aus\w{17}$/.test(name) ? name : stableId('aus', name)
  const ring = createServerKeys(now)
  return (origin) => ({
    name,
    id,
    isOrg: false,
    issuer: `${origin}/oauth2/${id}`,
    base: `${origin}/oauth2/${id}`,
    audience: options.audience ?? `api://${name}`,
    policies: options.policies ?? openPolicies,
    status: options.status ?? 'ACTIVE',
    ...leversOf(ring),
    internalKey: undefined,
    scopes: options.scopes ?? defaultScopes,
    claims: options.claims ?? {},
    trustedServers: options.trustedServers ?? [],
    tokenEncryption: options.tokenEncryption,
    trustedIssuers: options.trustedIssuers ?? {},
  })
}

const leversOf = (ring: ServerKeys): Pick<Server, 'ring' | 'keys' | 'rotateKeys'> => ({
  ring,
  keys: ring.states,
  rotateKeys: ring.rotate,
})
