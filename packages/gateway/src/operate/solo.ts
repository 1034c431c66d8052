import cluster from 'node:cluster'
import type { Equipment } from '../compiled.ts'
import type { GatewayConfig } from '../config/config.ts'
import { openListeners, type Listeners } from '../listeners.ts'
import { complaintsOf } from './complaints.ts'
import { createEngine, type Engine } from './engine.ts'
import type { Fleet } from './fleet.ts'
import { createKeyring } from './keyring.ts'
import type { LineLog } from './log.ts'
import { problemOf } from './problem.ts'
import { keepWarm, type Warmth } from './warmth.ts'

/** This process alone. */
export interface Solo extends Fleet {
  readonly engine: Engine
  /** Fetches keys, and opens every address. */
  listen(): Promise<void>
}

/** Lets this process answer. */
export function createSolo(first: GatewayConfig, equipment: Equipment, log: LineLog): Solo {
  const keyring = createKeyring(equipment.now)
  const equipped = (config: GatewayConfig): Equipment => {
    const signingKeys = equipment.signingKeys ?? keyring.keysFor(config)
    return signingKeys === undefined ? equipment : { ...equipment, signingKeys }
  }
  const engine = createEngine(first, equipped(first), log)
  let listeners: Listeners | undefined
  let warmth: Warmth | undefined
  let leaving = false

  const complaints = (): readonly string[] =>
    leaving ? ['draining'] : complaintsOf(engine.current().health())

  const isReady = (): boolean => complaints().length === 0

  return {
    engine,
    get addresses() {
      return listeners?.addresses ?? []
    },
    get config() {
      return engine.current().config
    },
    restarts: 0,
    handler: (request) => engine.current().identity.handler(request),
    reload: (config) => engine.reload(config, equipped(config)),
    snapshots: () => Promise.resolve([engine.snapshot()]),
    complaints,
    listen: async () => {
      warmth ??= warm(engine, log)
      listeners ??= await openListeners(engine.current().config, engine, isReady)
    },
    turnAway: () => {
      leaving = true
    },
    finish: async (grace) => {
      leaving = true
      warmth?.close()
      listeners?.stopAccepting()
      if (cluster.isWorker) await othersStopped()
      await listeners?.close(grace)
      await engine.close()
    },
  }
}

// Until then the primary takes connections, with nobody to give them to.
const othersStopped = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 150)
  })

/** Keeps the keys of an engine at hand, and says in the log when that stops working. */
export const warm = (engine: Engine, log: LineLog): Warmth =>
  keepWarm({
    prewarm: engine.prewarm,
    onChange: (error) =>
      log.write(
        error === undefined
          ? { event: 'issuers-reachable' }
          : { event: 'issuers-failing', problem: problemOf(error) },
      ),
  })
