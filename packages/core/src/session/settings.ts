import { ConfigurationError } from '../errors/configuration.ts'
import {
  checkOptions,
  filled,
  flag,
  listOf,
  oneOf,
  record,
  someSeconds,
  text,
  type Check,
} from '../lib/assert.ts'

/** What every kind of sessions can be told. */
export interface SessionOptions {
  /**
   * At least 32 characters each, random. The first seals, all of them open: put a new one in front, and
   * take the old one out when no session can be older than it.
   */
  readonly secrets: readonly string[]
  /** Seconds without a request after which a session ends. Default 86,400 (a day), or `absolute` where that is less. */
  readonly idle?: number
  /** Seconds after which a session ends, whatever happens. Default 604,800 (a week). */
  readonly absolute?: number
  /** How the cookie is made. */
  readonly cookie?: SessionCookieOptions
  /** Names of the ID token's claims to keep. Default: all of them, without those that only protect the token. */
  readonly claims?: readonly string[]
  /** Tokens to keep. Default: a stored session keeps all, a sealed one what a refresh needs. */
  readonly keep?: readonly KeptToken[]
}

/** A token that a session may keep. */
export type KeptToken = 'idToken' | 'accessToken' | 'refreshToken'

/** How the session cookie is made. */
export interface SessionCookieOptions {
  /** Default made of issuer, client id and base path, and of `path` and `domain` where set, so that several applications share a host. */
  readonly name?: string
  /** Default `/`. */
  readonly path?: string
  /** For subdomains to see the cookie. Default none: only this host. */
  readonly domain?: string
  /** Default `Lax`. */
  readonly sameSite?: 'Lax' | 'Strict' | 'None'
  /** Whether the session outlives the browser's window. Default true. */
  readonly persistent?: boolean
}

/** The options with every default in place. */
export interface SessionSettings {
  readonly secrets: readonly string[]
  readonly idle: number
  readonly absolute: number
  readonly cookie: SessionCookieOptions
  readonly claims: readonly string[] | undefined
  readonly keep: ReadonlySet<KeptToken> | undefined
}

const secret: Check = (value) =>
  typeof value === 'string' && value.length >= 32
    ? undefined
    : 'must be a secret of at least 32 characters'

export const sessionChecks: Readonly<Record<keyof SessionOptions, Check>> = {
  secrets: filled(listOf(secret)),
  idle: someSeconds,
  absolute: someSeconds,
  cookie: record,
  claims: listOf(text),
  keep: listOf(oneOf('idToken', 'accessToken', 'refreshToken')),
}

const cookieChecks: Readonly<Record<keyof SessionCookieOptions, Check>> = {
  name: (value) =>
    typeof value === 'string' && /^[\w-]{1,60}$/.test(value)
      ? undefined
      : 'must be made of up to 60 letters, digits, - and _',
  path: (value) =>
    typeof value === 'string' && /^\/[\w\-./~%]*$/.test(value)
      ? undefined
      : 'must be a path that begins with a slash',
  domain: (value) =>
    typeof value === 'string' && /^[\w-]+(?:\.[\w-]+)+$/.test(value)
      ? undefined
      : 'must be a domain name',
  sameSite: oneOf('Lax', 'Strict', 'None'),
  persistent: flag,
}

/** Puts the defaults in place; a wrong option is a `ConfigurationError`. `name` is whose options they are. */
export function sessionSettings(name: string, options: SessionOptions): SessionSettings {
  checkOptions(`${name}.cookie`, options.cookie ?? {}, cookieChecks)
  const { secrets, absolute = 604_800, cookie = {}, claims, keep } = options
  const { idle = Math.min(86_400, absolute) } = options
  if (secrets === undefined) throw new ConfigurationError(`${name}.secrets is missing`)
  if (idle > absolute) {
    throw new ConfigurationError(`${name}.idle must not be longer than ${name}.absolute`)
  }
  return {
    secrets: [...secrets],
    idle,
    absolute,
    cookie,
    claims: claims && [...claims],
    keep: keep && new Set(keep),
  }
}
