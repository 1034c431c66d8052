import {
  jwt,
  jwtAndIntrospection,
  jwtOrIntrospection,
  type AccessToken,
  type MaybePromise,
  type Runtime,
  isPromise,
  type TokenVerifier,
} from '@portcullis/core'
import type { IssuerConfig } from '../config/config.ts'
import { readyIssuer, type Foreknown, type ReadyIssuer, type SharedFindings } from './issuers.ts'
import { issuerNamedBy } from './named.ts'
import { takesOpaque } from './opaque.ts'

/** Verifiers by the issuers that they trust. */
export interface Verifiers {
  /** The one for these issuers, the same for all who name the same. */
  forIssuers(ids: readonly string[] | undefined): KnownVerifier
  /** Whether one of these issuers is asked about tokens. */
  areLive(ids: readonly string[] | undefined): boolean
  /** Those that were asked for: the configuration after this one goes on with what it says nothing new of. */
  readonly inUse: ReadonlyMap<string, KnownVerifier>
}

export interface KnownVerifier {
  /** Names the set of issuers. */
  readonly key: string
  readonly issuers: readonly ReadyIssuer[]
  /** What it found genuine it remembers. */
  readonly verifier: TokenVerifier
}

/** What there is before anything is fetched. */
export interface VerifierHeritage extends Pick<Foreknown, 'snapshots'> {
  readonly verifiers: readonly KnownVerifier[]
}

/** Makes issuers ready, once each, and verifiers of them as they are asked for. No names mean all. */
export function createVerifiers(
  configs: readonly IssuerConfig[],
  { fetch, now }: Runtime,
  shared: SharedFindings | undefined,
  heritage: VerifierHeritage = { verifiers: [], snapshots: [] },
): Verifiers {
  const runtime: Runtime = { ...(fetch && { fetch }), ...(now && { now }) }
  const { ready, offered } = inherited(configs, runtime, shared, heritage)
  const inUse = new Map<string, KnownVerifier>()
  const trustedBy = (ids: readonly string[] | undefined): readonly ReadyIssuer[] =>
    ids === undefined ? ready : ready.filter(({ config }) => ids.includes(config.id))
  return {
    forIssuers: (ids) => {
      const issuers = trustedBy(ids)
      const key = JSON.stringify(issuers.map(({ config }) => config.id))
      const known = inUse.get(key) ?? offered.get(key)
      const found = known ?? { key, issuers, verifier: verifierOf(issuers, runtime) }
      inUse.set(key, found)
      return found
    },
    areLive: (ids) => trustedBy(ids).some(({ live }) => live !== undefined),
    inUse,
  }
}

// A function of its own: what is kept for long must not hold on to all that was before.
function inherited(
  configs: readonly IssuerConfig[],
  runtime: Runtime,
  shared: SharedFindings | undefined,
  { verifiers, snapshots }: VerifierHeritage,
) {
  const foreknown: Foreknown = { ready: verifiers.flatMap(({ issuers }) => issuers), snapshots }
  const ready = configs.map((config) => readyIssuer(config, runtime, shared, foreknown))
  const whole = verifiers.filter(({ issuers }) => issuers.every((one) => ready.includes(one)))
  return { ready, offered: new Map(whole.map((one) => [one.key, one])) }
}

function verifierOf(issuers: readonly ReadyIssuer[], runtime: Runtime): TokenVerifier {
  const signed = signedOnes(issuers, runtime)
  const opaque = issuers.find(({ config }) => takesOpaque(config))?.live
  if (signed === undefined) return opaque ?? nobody
  const plain =
    opaque === undefined ? signed : jwtOrIntrospection({ jwt: signed, introspection: opaque })
  return withAlwaysAsked(issuers, plain)
}

// A configuration without issuers has anonymous routes only; a set is never empty (config/meaning.ts).
const nobody: TokenVerifier = {
  verify: () => {
    throw new TypeError('nobody is trusted here')
  },
}

/** By keys; of issuers that are to be asked as well, by both. */
function signedOnes(issuers: readonly ReadyIssuer[], runtime: Runtime): TokenVerifier | undefined {
  const trusted = issuers.flatMap((one) => one.trusted ?? [])
  if (trusted.length === 0) return undefined
  const byKeys = jwt({ issuers: trusted, ...runtime })
  const also = new Map(
    issuers.flatMap(({ config, live }) =>
      config.introspection?.use === 'also' && live ? [[config.issuer, live] as const] : [],
    ),
  )
  if (also.size === 0) return byKeys
  const ask = (token: string, access: AccessToken): MaybePromise<AccessToken> => {
    const live = also.get(access.issuer)
    if (live === undefined) return access
    return jwtAndIntrospection({ jwt: { verify: () => access }, introspection: live }).verify(token)
  }
  return {
    ...together([byKeys, ...also.values()]),
    verify: (token) => {
      const access = byKeys.verify(token)
      return isPromise(access) ? access.then((known) => ask(token, known)) : ask(token, access)
    },
  }
}

/** JWTs that name an issuer which is asked about every token go to it, whatever its keys would say. */
function withAlwaysAsked(issuers: readonly ReadyIssuer[], others: TokenVerifier): TokenVerifier {
  const always = new Map(
    issuers.flatMap(({ config, live }) =>
      config.introspection?.use === 'always' && live ? [[config.issuer, live] as const] : [],
    ),
  )
  if (always.size === 0) return others
  return {
    ...together([others]),
    verify: (token) => (always.get(issuerNamedBy(token) ?? '') ?? others).verify(token),
  }
}

const together = (verifiers: readonly TokenVerifier[]) => ({
  prewarm: async () => {
    await Promise.all(verifiers.map(async (one) => one.prewarm?.()))
  },
  health: () => verifiers.flatMap((one) => one.health?.() ?? []),
})
