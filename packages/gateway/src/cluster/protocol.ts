import type { IssuerSnapshot } from '@portcullis/core'
import type { GatewayConfig } from '../config/config.ts'
import type { ExportedKeys } from '../identity/signing-keys.ts'
import type { ListeningOn } from '../listeners.ts'
import type { Snapshot } from '../operate/snapshot.ts'
import type { FetchedDocument } from './document.ts'

/** A configuration on its way to a worker, secrets included: the pipe is private. */
export interface Assignment {
  readonly config: GatewayConfig
  /** Keys of the internal token, which all workers share. */
  readonly keys?: ExportedKeys | undefined
  /** Metadata and keys of issuers that the primary has: a worker that starts in an outage can decide. */
  readonly snapshots: readonly IssuerSnapshot[]
}

/** What workers do for the primary. */
export interface WorkerCalls {
  /** Begins to answer. Rejects where an address cannot be had. */
  begin(assignment: Assignment): Promise<readonly ListeningOn[]>
  /** Takes over another configuration, or goes on with the one it has and rejects. */
  reload(assignment: Assignment): Promise<void>
  /** Takes over newer signing keys. */
  adopt(keys: ExportedKeys): void
  report(nothing: undefined): Snapshot
  /** Says that it is not ready, and goes on answering. */
  turnAway(nothing: undefined): void
  /** Finishes what is on the way, for so many seconds at most. */
  finish(grace: number): Promise<void>
}

/** What the primary does for workers. */
export interface PrimaryCalls {
  /** Says that the worker listens to orders: what is sent before its program is loaded is lost. */
  ready(nothing: undefined): void
  /** Fetches metadata or keys of an issuer. */
  fetch(address: string): Promise<FetchedDocument>
}
