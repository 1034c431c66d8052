import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { GatewayIssuerHealth } from '../compiled.ts'
import type { DecisionCount, DurationCount, Tally } from './tally.ts'

/** The numbers of one process, as plain values: workers send them to the primary. */
export interface Snapshot {
  readonly decisions: readonly DecisionCount[]
  readonly durations: readonly DurationCount[]
  readonly issuers: readonly GatewayIssuerHealth[]
  /** Lines of the log that nobody took in time. */
  readonly droppedLines: number
  /** Connections that were turned away, because their address is not among the peers. */
  readonly strangers: number
  /** Bytes. */
  readonly residentMemory: number
  /** Seconds by which the event loop was late, 99th percentile since the last snapshot. */
  readonly eventLoopLag: number
}

/** Where the numbers of a process come from. */
export interface SnapshotSource {
  readonly tallies: () => readonly Tally[]
  readonly issuers: () => readonly GatewayIssuerHealth[]
  readonly droppedLines: () => number
  readonly strangers: () => number
}

/** Takes snapshots of this process. */
export interface Snapshots {
  take(): Snapshot
  close(): void
}

const resolution = 20

/** Begins to watch the event loop, and takes snapshots when asked. */
export function createSnapshots(source: SnapshotSource): Snapshots {
  const delay = monitorEventLoopDelay({ resolution })
  delay.enable()
  return {
    take: () => {
      const late = delay.percentile(99) / 1e9 - resolution / 1000
      delay.reset()
      return {
        decisions: source.tallies().flatMap((tally) => tally.decisions()),
        durations: source.tallies().map((tally) => tally.durations()),
        issuers: source.issuers(),
        droppedLines: source.droppedLines(),
        strangers: source.strangers(),
        residentMemory: process.memoryUsage.rss(),
        eventLoopLag: Number.isFinite(late) ? Math.max(0, late) : 0,
      }
    },
    close: () => delay.disable(),
  }
}
