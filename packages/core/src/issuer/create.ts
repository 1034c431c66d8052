import type { JSONWebKeySet } from 'jose'
import { ConfigurationError } from '../errors/configuration.ts'
import { Outage } from '../errors/outage.ts'
import {
  anything,
  checkOptions,
  flag,
  fn,
  record,
  seconds,
  someSeconds,
  type Check,
} from '../lib/assert.ts'
import { lifetime } from '../lib/cache-control.ts'
import { longestTimer, passed } from '../lib/deadline.ts'
import { describe } from '../lib/describe.ts'
import { fetchJson, type FetchJsonOptions } from '../lib/fetch-json.ts'
import type { Runtime } from '../lib/runtime.ts'
import { discover, readMetadata, type IssuerMetadata } from './discovery.ts'
import { readKeySet, type PublicKey } from './key-set.ts'
import {
  createKeySource,
  staticKeySource,
  type FetchedKeys,
  type KeySource,
  type KeyState,
} from './keys.ts'
import { createMetadataSource, staticMetadata, type MetadataSource } from './metadata.ts'
import { readSnapshot, type IssuerSnapshot } from './snapshot.ts'
import { checkIssuerUrl, insecurity } from './url.ts'

/** Where an issuer's metadata and keys come from, and how patiently. */
export interface IssuerSource {
  /** Keys that are known beforehand: nothing is ever fetched for a signature. */
  readonly jwks?: JSONWebKeySet
  /** Metadata that are known beforehand: nothing is discovered. */
  readonly metadata?: IssuerMetadata
  /** What `issuer.snapshot()` of an earlier process gave: the first request waits for nothing. */
  readonly snapshot?: IssuerSnapshot
  /** Allows plain `http:` beyond loopback. For closed test networks: it lets anybody on the way forge keys. */
  readonly allowInsecureIssuer?: boolean
  /** Timeout, patience and cool-down of the key set. */
  readonly keys?: KeyOptions
}

/** How patiently keys are fetched and kept. */
export interface KeyOptions {
  /** Seconds for one fetch, body included. Default 5. */
  readonly timeout?: number
  /** Seconds that known keys go on being used while the issuer cannot be reached. Default 86,400; 0 = not at all. */
  readonly staleFor?: number
  /** Seconds between two fetches for key ids that turn out not to exist. Default 10. */
  readonly cooldown?: number
}

/** An issuer, and where its metadata and keys come from. */
export interface IssuerOptions extends IssuerSource, Runtime {
  /** The issuer identifier, exactly as it stands in `iss`. */
  readonly issuer: string
}

/** Whom we trust. Nothing is fetched before it is needed. */
export interface Issuer {
  /** Exactly as configured. */
  readonly url: string
  /** The keys for signatures, through rotation and outage. */
  readonly keys: KeySource
  /** The metadata, fetched where they are not known or too old. Rejects with an `Outage`. */
  metadata(): Promise<IssuerMetadata>
  /** Fetches metadata and keys now, so that the first request does not wait. Rejects with an `Outage`. */
  prewarm(): Promise<void>
  /**
   * For readiness probes: how the keys fare now. Answers at once, and starts the fetch that is due in the
   * background, so that the next probe sees what came of it.
   */
  health(): IssuerHealth
  /** Metadata and keys for the next process. Rejects with an `Outage` where they cannot be had. */
  snapshot(): Promise<IssuerSnapshot>
}

/** How the keys of an issuer fare, for readiness probes. */
export interface IssuerHealth extends KeyState {
  readonly issuer: string
  /** Whether its tokens can be validated, as far as anybody knows: the keys are `fresh`, `stale`, or (of a tenant) to come. */
  readonly ok: boolean
}

/** The options of an issuer, for whoever takes them in among its own. */
export const issuerChecks: Readonly<Record<keyof IssuerSource | keyof Runtime, Check>> = {
  jwks: record,
  metadata: record,
  snapshot: record,
  allowInsecureIssuer: flag,
  keys: record,
  fetch: fn,
  now: fn,
}

const keyChecks = { timeout: someSeconds, staleFor: seconds, cooldown: seconds } as const

/**
 * Makes an issuer that a guard, a login and a client can share.
 *
 * @example
 * const issuer = createIssuer({ issuer: 'https://id.example.com', snapshot })
 * const guard = createGuard({ issuer, audience: 'https://api.example.com' })
 */
export function createIssuer(options: IssuerOptions): Issuer {
  checkOptions('issuer', options, { issuer: anything, ...issuerChecks })
  checkOptions('issuer.keys', options.keys ?? {}, keyChecks)
  const insecure = options.allowInsecureIssuer === true
  const url = checkIssuerUrl(options.issuer, insecure)
  const now = options.now ?? (() => Date.now())
  const reach = createReach(options, insecure)
  const start = options.snapshot && readSnapshot(options.snapshot, url, now())
  const metadata = options.metadata
    ? staticMetadata(readStaticMetadata(options.metadata, url))
    : createMetadataSource({
        fetchMetadata: (deadline) => discover(url, { ...reach, deadline }),
        now,
        initial: start?.metadata,
      })
  const keys = options.jwks
    ? staticKeySource(readStaticKeys(options.jwks), now)
    : createKeySource({
        fetchKeys: () => fetchKeys(metadata, reach),
        now,
        staleFor: options.keys?.staleFor ?? 86_400,
        cooldown: options.keys?.cooldown ?? 10,
        ...(start && { initial: start.keys }),
      })
  return {
    url,
    keys,
    metadata: () => metadata.get(reach.begin()),
    prewarm: () => keys.load(),
    health: () => {
      keys.refresh()
      return reportOn({ url, keys })
    },
    snapshot: async () => {
      await keys.load()
      const fetched = keys.fetched()
      return {
        version: 1,
        issuer: url,
        metadata: await metadata.get(reach.begin()),
        jwks: {
          keys: keys.current.map(({ kid, alg, jwk }) => ({
            ...jwk,
            ...(kid && { kid }),
            ...(alg && { alg }),
          })),
        },
        ...fetched,
      }
    },
  }
}

/** The health of an issuer without a fetch. */
export function reportOn({ url, keys }: Pick<Issuer, 'url' | 'keys'>): IssuerHealth {
  const state = keys.state()
  return { issuer: url, ok: state.status === 'fresh' || state.status === 'stale', ...state }
}

/** How the issuer is reached; `begin` starts the clock of one operation, however many requests it takes. */
interface Reach extends Pick<FetchJsonOptions, 'fetch' | 'allow'> {
  readonly begin: () => AbortSignal
}

function createReach(options: IssuerOptions, insecure: boolean): Reach {
  const timeout = options.keys?.timeout ?? 5
  return {
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    allow: (url) => {
      const refused = insecurity(url, insecure)
      if (refused !== undefined) throw new Error(`its address ${refused}`)
    },
    // A little less, so that whoever waits is answered within the time and not right after it.
    begin: () => AbortSignal.timeout(Math.min(Math.ceil(timeout * 980), longestTimer)),
  }
}

const bounds = { least: 60, most: 3600, otherwise: 600 }

async function fetchKeys(metadata: MetadataSource, reach: Reach): Promise<FetchedKeys> {
  const deadline = reach.begin()
  const wasKnown = metadata.known !== undefined
  const found = await metadata.get(deadline)
  try {
    return await fetchPublished(found, reach, deadline)
  } catch (error) {
    const next = wasKnown ? await renewed(metadata, reach, deadline) : found
    // Whoever named the place just now is not asked again.
    if (next === undefined || next.jwks_uri === found.jwks_uri) throw error
    return fetchPublished(next, reach, deadline)
  }
}

// The keys may have moved. Discovery has a time of its own: where it is too slow for this fetch, or the old
// place used the time up, it goes on for the next one.
const renewed = (
  metadata: MetadataSource,
  reach: Reach,
  deadline: AbortSignal,
): Promise<IssuerMetadata | undefined> =>
  Promise.race([metadata.renew(reach.begin()), passed(deadline)]).catch(() => undefined)

async function fetchPublished(
  { issuer, jwks_uri: url }: IssuerMetadata,
  reach: Reach,
  deadline: AbortSignal,
): Promise<FetchedKeys> {
  if (url === undefined)
    throw new Outage('issuer_invalid', 'its metadata name no jwks_uri', { url: issuer })
  const { status, headers, body } = await fetchJson(url, {
    ...reach,
    deadline,
    code: 'keys_unreachable',
  })
  if (status !== 200)
    throw new Outage('keys_unreachable', `it answered ${status}`, { url, phase: 'status' })
  try {
    return { keys: readKeySet(body), lifetime: lifetime(headers, bounds) }
  } catch (error) {
    throw new Outage('keys_invalid', describe(error), { url, phase: 'content', cause: error })
  }
}

function readStaticKeys(jwks: JSONWebKeySet): readonly PublicKey[] {
  try {
    const keys = readKeySet(jwks)
    if (keys.length > 0) return keys
  } catch (error) {
    throw new ConfigurationError(`issuer.jwks cannot be used: ${describe(error)}`, { cause: error })
  }
  throw new ConfigurationError('issuer.jwks holds no public key for signatures')
}

function readStaticMetadata(metadata: IssuerMetadata, url: string): IssuerMetadata {
  try {
    return readMetadata(metadata, url, url)
  } catch (error) {
    throw new ConfigurationError(`issuer.metadata cannot be used: ${describe(error)}`, {
      cause: error,
    })
  }
}
