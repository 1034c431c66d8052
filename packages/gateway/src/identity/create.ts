import { ConfigurationError, type HeaderField, type Principal } from '@portcullis/core'
import type { IdentityConfig, InternalTokenConfig } from '../config/config.ts'
import type { Identity } from './identity.ts'
import { createMint } from './mint.ts'
import { checkIdentity } from './options.ts'
import { plainField } from './plain.ts'
import { publishing } from './published.ts'
import { createSigningKeys, type RotatingKeys, type SigningKeys } from './signing-keys.ts'

/** What an identity takes from its surroundings. */
export interface IdentityParts {
  /** Keys that several processes share, or that outlive a reload. Default: made here. Not used where the configuration has keys. */
  readonly signingKeys?: SigningKeys | undefined
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** Fields made for one caller and one upstream; from and until in whole epoch seconds, which need no memory of their own. */
interface Made {
  readonly audience: string | undefined
  readonly fields: readonly HeaderField[]
  readonly from: number
  readonly until: number
  readonly next: Made | undefined
}

type Making = (
  principal: Principal,
  audience: string | undefined,
  now: number,
) => Pick<Made, 'fields' | 'from' | 'until'>

/** Makes what tells upstreams who is calling. */
export function createIdentity(
  config: IdentityConfig | undefined,
  parts: IdentityParts = {},
): Identity {
  if (config !== undefined) checkIdentity(config)
  const { token, headers = {} } = config ?? {}
  const now = parts.now ?? (() => Date.now())
  const keys = token && keysOf(token, parts)
  const written = [...(token ? [fieldOf(token)] : []), ...Object.keys(headers)]
  const nothing = Object.freeze(written.map((name) => Object.freeze([name, ''] as const)))
  const make = making(token, headers, keys)
  // The guard hands out the same claims for every request with a token that it remembers.
  const known = new WeakMap<object, Made>()

  const remember = (principal: Principal, audience: string | undefined, time: number): Made => {
    const { fields, from, until } = make(principal, audience, time)
    const next = others(known.get(principal.claims), audience)
    // Written out: what a spread makes is read ten times slower.
    const made = { audience, fields, from, until, next }
    known.set(principal.claims, made)
    return made
  }

  return {
    names: written.map((name) => name.toLowerCase()),
    fields: (principal, route) => {
      if (principal === undefined || written.length === 0) return nothing
      const audience = token && (route?.upstream ?? token.audience)
      const time = now() / 1000
      let made = known.get(principal.claims)
      while (made !== undefined) {
        if (made.audience === audience && time >= made.from && time < made.until) return made.fields
        made = made.next
      }
      return remember(principal, audience, time).fields
    },
    handler: token && keys ? publishing(token, keys) : () => Promise.resolve(undefined),
    freshFor: freshFor(token),
  }
}

function signingKeysFor(token: InternalTokenConfig, now?: () => number): RotatingKeys {
  const { algorithm, rotateEvery, keys } = token
  return createSigningKeys({ algorithm, rotateEvery, keys, now })
}

function keysOf(token: InternalTokenConfig, { signingKeys, now }: IdentityParts): SigningKeys {
  if (token.keys !== undefined || signingKeys === undefined) return signingKeysFor(token, now)
  const { algorithm = 'ES256' } = token
  if (signingKeys.current().algorithm === algorithm) return signingKeys
  throw new ConfigurationError(
    `identity.token.algorithm is ${algorithm}, and the signing keys are for another: restart to change it`,
  )
}

const fieldOf = ({ header = 'Authorization' }: InternalTokenConfig): string => header

function making(
  token: InternalTokenConfig | undefined,
  headers: Readonly<Record<string, string>>,
  keys: SigningKeys | undefined,
): Making {
  const plain = Object.entries(headers).map(([name, path]) => plainField(name, path))
  const mint = token && keys && createMint(token, keys)
  const name = token && fieldOf(token)
  const before = name?.toLowerCase() === 'authorization' ? 'Bearer ' : ''

  return (principal, audience, now) => {
    const minted = audience === undefined ? undefined : mint?.(principal, audience, now)
    const first: readonly HeaderField[] =
      name === undefined
        ? []
        : [Object.freeze([name, minted ? before + minted.token : ''] as const)]
    return {
      fields: Object.freeze([...first, ...plain.map((write) => write(principal))]),
      from: minted?.from ?? Number.NEGATIVE_INFINITY,
      until: minted?.until ?? Number.POSITIVE_INFINITY,
    }
  }
}

/** What was made for other upstreams of the same caller. */
function others(made: Made | undefined, audience: string | undefined): Made | undefined {
  if (made === undefined) return undefined
  const next = others(made.next, audience)
  if (made.audience === audience) return next
  return next === made.next
    ? made
    : { audience: made.audience, fields: made.fields, from: made.from, until: made.until, next }
}

// Longer would delay a new configuration, of which no proxy hears.
const mostSeconds = 5

// The rest of its life that the oldest token handed out still has, whole seconds being rounded off twice.
const freshFor = (token: InternalTokenConfig | undefined): number =>
  token === undefined
    ? mostSeconds
    : Math.min(mostSeconds, Math.floor(0.2 * ((token.lifetime ?? 60) - 1)))
