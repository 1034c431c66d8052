import cluster from 'node:cluster'
import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'

/** How a server ends. */
export interface Drain {
  readonly isDraining: () => boolean
  readonly stopAccepting: () => void
  readonly close: (graceMs: number) => Promise<void>
}

// A proxy may be about to use a connection that we think idle, and loses that request if we close it
// at that moment. Within this time a busy proxy has used them all once more, and been told to close.
const lingerMs = 250

/** Connections that can be ended. */
export interface Endable {
  readonly closeIdle: () => void
  readonly closeAll: () => void
}

/** Ends a server, and connections that it does not know of, without losing what is on the way. */
export function createDrain(server: Server, others: () => Endable): Drain {
  let stopped: Promise<{ readonly ended: Promise<void> }> | undefined
  let closing = false
  const closeIdle = (): void => {
    server.closeIdleConnections()
    others().closeIdle()
  }
  const closeAll = (): void => {
    server.closeAllConnections()
    others().closeAll()
  }
  const stop = () => (stopped ??= accepted(server).then(() => ({ ended: closeSocket(server) })))
  return {
    // A primary goes on taking connections until the last of its workers has stopped, and whoever is told
    // to close comes back at once: workers say so only when they are closed.
    isDraining: () => closing || (stopped !== undefined && !cluster.isWorker),
    stopAccepting: () => void stop(),
    close: async (graceMs) => {
      closing = true
      const { ended } = await stop()
      const idle = setTimeout(closeIdle, Math.min(lingerMs, graceMs))
      const all = setTimeout(closeAll, graceMs)
      await ended
      clearTimeout(idle)
      clearTimeout(all)
      // Ends the timer that looks for slow requests.
      server.close()
    },
  }
}

/** Not `server.close()`, which ends idle connections at once. */
const closeSocket = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    NetServer.prototype.close.call(server, () => resolve())
  })

// As many as can wait for us, and then some.
const roundsAtMost = 1000

/** Waits for connections that the system has made and we have not taken yet: they would be lost with the socket. */
async function accepted(server: Server): Promise<void> {
  let quiet = 0
  const heard = (): void => {
    quiet = 0
  }
  server.on('connection', heard)
  for (let round = 0; round < roundsAtMost && quiet < 3; round++) {
    quiet++
    // Each turn of the event loop takes one.
    // oxlint-disable-next-line no-await-in-loop
    await new Promise(setImmediate)
  }
  server.off('connection', heard)
}
