import type { Server } from 'node:http'
import type { AdminConfig } from '../config/config.ts'
import { placeOf } from '../listen/address.ts'
import { addressText, openAt } from '../listen/open.ts'
import { createAdmin, type Readiness } from './admin.ts'
import type { Fleet } from './fleet.ts'
import { renderMetrics } from './metrics.ts'
import { configHash, redact } from './redact.ts'

/** How often a configuration was taken over. */
export interface ReloadCounts {
  readonly taken: number
  readonly failed: number
}

/** What a fleet tells of itself. */
export interface Reception {
  readiness(): Readiness
  metrics(): Promise<string>
  /** Opens the admin address; answers where it is. */
  open(config: AdminConfig): Promise<string>
  close(): Promise<void>
}

/** Tells what a fleet does. */
export function createReception(fleet: Fleet, reloads: () => ReloadCounts): Reception {
  let server: Server | undefined

  const readiness = (): Readiness => {
    const reasons = fleet.complaints()
    return { ready: reasons.length === 0, reasons }
  }

  const metrics = async (): Promise<string> => {
    const { taken, failed } = reloads()
    const processes = await fleet.snapshots()
    return renderMetrics({
      processes,
      departed: fleet.departed,
      configHash: configHash(fleet.config),
      reloads: taken,
      reloadFailures: failed,
      restarts: fleet.restarts,
      ready: readiness().ready,
    })
  }

  return {
    readiness,
    metrics,
    open: async (config) => {
      server = createAdmin({
        readiness,
        metrics,
        config: () => redact(fleet.config),
        handler: fleet.handler,
      })
      return addressText(await openAt(server, placeOf(config)))
    },
    close: async () => {
      const open = server
      if (open === undefined) return
      await new Promise<void>((resolve) => {
        open.close(() => resolve())
        open.closeAllConnections()
      })
    },
  }
}
