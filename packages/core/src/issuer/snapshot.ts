import type { JSONWebKeySet } from 'jose'
import { ConfigurationError } from '../errors/configuration.ts'
import { isRecord } from '../lib/own.ts'
import { readMetadata, type IssuerMetadata } from './discovery.ts'
import { readKeySet } from './key-set.ts'
import type { FetchedKeys } from './keys.ts'

/** Metadata and public keys of an issuer as plain JSON: what a process hands to the next one. */
export interface IssuerSnapshot {
  readonly version: 1
  readonly issuer: string
  readonly metadata: IssuerMetadata
  readonly jwks: JSONWebKeySet
  /** Epoch milliseconds of the fetch. */
  readonly fetchedAt: number
  /** Seconds after the fetch for which the keys may be used without asking again. */
  readonly lifetime: number
}

export interface ReadSnapshot {
  readonly metadata: IssuerMetadata
  readonly keys: FetchedKeys & { readonly fetchedAt: number }
}

/** Reads a snapshot, which may have come from a file or a store: it is checked like an answer from the network. */
export function readSnapshot(snapshot: unknown, issuer: string, now: number): ReadSnapshot {
  if (!isRecord(snapshot) || snapshot['version'] !== 1)
    throw invalid('it is not a snapshot of version 1')
  const { fetchedAt, lifetime } = snapshot
  if (!isTime(fetchedAt) || !isTime(lifetime)) throw invalid('it lacks fetchedAt or lifetime')
  try {
    return {
      metadata: readMetadata(snapshot['metadata'], issuer, issuer),
      // Never fresher than a key set fetched this moment.
      keys: {
        keys: readKeySet(snapshot['jwks']),
        fetchedAt: Math.min(fetchedAt, now),
        lifetime: Math.min(Math.max(lifetime, 0), 3600),
      },
    }
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error)
  }
}

const isTime = (value: unknown): value is number => Number.isFinite(value)

const invalid = (why: string, cause?: unknown): ConfigurationError =>
  new ConfigurationError(`issuer.snapshot cannot be used: ${why}`, { cause })
