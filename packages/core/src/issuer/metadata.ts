import { lasts } from '../lib/elapsed.ts'
import type { FetchedMetadata, IssuerMetadata } from './discovery.ts'

/** The metadata of an issuer, fetched when first asked for and again when they have grown old. */
export interface MetadataSource {
  get(deadline: AbortSignal): Promise<IssuerMetadata>
  /** Fetches them now, whatever their age: for where those that are known did not lead anywhere. */
  renew(deadline: AbortSignal): Promise<IssuerMetadata>
  /** What is known now, without a fetch. */
  readonly known: IssuerMetadata | undefined
}

export interface MetadataSourceOptions {
  readonly fetchMetadata: (deadline: AbortSignal) => Promise<FetchedMetadata>
  readonly now: () => number
  readonly initial: IssuerMetadata | undefined
}

/** Keeps metadata. Known ones are used at once and renewed in the background, so that an outage stops nobody. */
export function createMetadataSource({
  fetchMetadata,
  now,
  initial,
}: MetadataSourceOptions): MetadataSource {
  let known = initial
  // A snapshot carries no age that could be trusted for long: it is renewed at the first occasion.
  let fetchedAt = Number.NEGATIVE_INFINITY
  let freshFor = 0
  let flight: Promise<IssuerMetadata> | undefined

  const renew = (deadline: AbortSignal): Promise<IssuerMetadata> => {
    flight ??= fetchMetadata(deadline)
      .then(({ metadata, lifetime }) => {
        known = metadata
        fetchedAt = now()
        freshFor = lifetime * 1000
        return metadata
      })
      .finally(() => {
        flight = undefined
      })
    return flight
  }

  return {
    get known() {
      return known
    },
    get: (deadline) => {
      const old = known
      if (old === undefined) return renew(deadline)
      if (!lasts(now() - fetchedAt, freshFor)) renew(deadline).catch(() => undefined)
      return Promise.resolve(old)
    },
    renew,
  }
}

/** Metadata that were handed in. */
export const staticMetadata = (metadata: IssuerMetadata): MetadataSource => ({
  known: metadata,
  get: () => Promise.resolve(metadata),
  renew: () => Promise.resolve(metadata),
})
