import { within } from '@portcullis/core'
import type { Check } from '../check/check.ts'
import { createCheck } from '../check/create.ts'
import { compile } from '../compile.ts'
import type { Compiled, Equipment } from '../compiled.ts'
import type { GatewayConfig } from '../config/config.ts'
import type { LineLog } from './log.ts'
import { createObserver, type Observe } from './observe.ts'
import { createSnapshots, type Snapshot } from './snapshot.ts'
import { createTally, type Tally } from './tally.ts'

/** What decides in one process, whichever way it is asked. */
export interface Engine {
  readonly current: () => Compiled
  /** Decides; whoever asks tells the observer of the dialect. */
  readonly check: Check
  readonly observer: (dialect: string) => Observe
  /** Fetches what the first requests would wait for. Rejects with an `Outage`. */
  prewarm(): Promise<void>
  /** Told of a connection that was turned away, because its address is not among the peers. */
  readonly turnedAway: () => void
  /** Makes another configuration ready and swaps; rejects, and goes on with the one it has, where that fails. */
  reload(config: GatewayConfig, equipment: Equipment): Promise<void>
  snapshot(): Snapshot
  close(): Promise<void>
}

// Longer than an issuer may take by default.
const longestPrewarm = 10

/** Makes an engine of a checked configuration. */
export function createEngine(config: GatewayConfig, equipment: Equipment, log: LineLog): Engine {
  let compiled = compile(config, equipment)
  const leaving = new Map<Compiled, NodeJS.Timeout>()
  const tallies = new Map<string, Tally>()
  let strangers = 0
  const snapshots = createSnapshots({
    tallies: () => [...tallies.values()],
    issuers: () => compiled.health().issuers,
    droppedLines: log.dropped,
    strangers: () => strangers,
  })

  const tallyOf = (dialect: string): Tally => {
    const tally = tallies.get(dialect) ?? createTally(dialect)
    tallies.set(dialect, tally)
    return tally
  }

  // Every check is answered within the deadline, and holds on to what it began with until then.
  const leave = (old: Compiled): void => {
    const end = (): void => {
      leaving.delete(old)
      void closeQuietly(old)
    }
    leaving.set(old, setTimeout(end, old.deadline * 1000 + 1000).unref())
  }

  return {
    current: () => compiled,
    check: createCheck(() => compiled, { now: equipment.now }),
    observer: (dialect) =>
      createObserver({ tally: tallyOf(dialect), log, level: () => compiled.config.log }),
    turnedAway: () => {
      strangers += 1
    },
    prewarm: () => compiled.prewarm(),
    reload: async (next, nextEquipment) => {
      const known = [...(await compiled.snapshots()), ...(nextEquipment.snapshots ?? [])]
      const candidate = compile(next, { ...nextEquipment, snapshots: known }, compiled.heritage)
      try {
        await within(longestPrewarm, candidate.prepare())
      } catch (error) {
        await closeQuietly(candidate)
        throw error
      }
      leave(compiled)
      compiled = candidate
      const ids = new Set(candidate.table.routes.map(({ id }) => id))
      for (const tally of tallies.values()) tally.keepOnly(ids)
    },
    snapshot: snapshots.take,
    close: async () => {
      snapshots.close()
      for (const timer of leaving.values()) clearTimeout(timer)
      await Promise.all([compiled, ...leaving.keys()].map(closeQuietly))
    },
  }
}

const closeQuietly = (compiled: Compiled): Promise<void> => compiled.close().catch(() => undefined)
