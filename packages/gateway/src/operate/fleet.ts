import type { Handler } from '@portcullis/core'
import type { GatewayConfig } from '../config/config.ts'
import type { ListeningOn } from '../listeners.ts'
import type { Sums } from './departed.ts'
import type { Snapshot } from './snapshot.ts'

/** Who answers: this process, or several under it. */
export interface Fleet {
  readonly addresses: readonly ListeningOn[]
  /** The configuration in use. */
  readonly config: GatewayConfig
  /** Takes over another configuration; rejects, and nothing has changed, where that fails. */
  reload(config: GatewayConfig): Promise<void>
  snapshots(): Promise<readonly Snapshot[]>
  /** What processes that are gone had counted. */
  readonly departed?: Sums | undefined
  /** Why no requests should come; none where all is well. */
  complaints(): readonly string[]
  /** Processes that were started in the place of others. */
  readonly restarts: number
  /** Metadata and keys of the internal token. */
  readonly handler: Handler
  /** Says that it is not ready, and goes on answering. */
  turnAway(): void
  /** Takes no new connections, and finishes what is on the way, for so many seconds at most. */
  finish(grace: number): Promise<void>
}
