import { within } from '@portcullis/core'
import type { Equipment } from '../compiled.ts'
import {
  importSigningKeys,
  type ExportedKeys,
  type RotatingKeys,
} from '../identity/signing-keys.ts'
import type { LineLog } from '../operate/log.ts'
import { createSolo, type Solo } from '../operate/solo.ts'
import type { Assignment, PrimaryCalls, WorkerCalls } from './protocol.ts'
import { relayFetch } from './relay-fetch.ts'
import { createWire, type Channel } from './wire.ts'

/** What a worker process is made of. */
export interface WorkerOptions {
  readonly channel: Channel
  readonly log: LineLog
  /** Makes requests that the primary is not to make. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
}

// The primary allows an issuer as long, and the issuer's own patience is shorter by default.
const fetchPatience = 15
const warmPatience = 5

/** Lets a process work for a primary. Answers what ends it when the primary is gone. */
export function createWorker({ channel, log, fetch }: WorkerOptions): { end(): Promise<void> } {
  let solo: Solo | undefined
  let keys: RotatingKeys | undefined
  // Of a configuration that is not in use yet, and may never be.
  let coming: RotatingKeys | undefined

  const equipment = (given: Assignment, signingKeys: RotatingKeys | undefined): Equipment => ({
    fetch: relay,
    snapshots: given.snapshots,
    ...(signingKeys && { signingKeys }),
  })

  const ours: WorkerCalls = {
    begin: async (assignment) => {
      keys = assignment.keys && importSigningKeys(assignment.keys)
      solo = createSolo(assignment.config, equipment(assignment, keys), log)
      // Without keys it listens all the same: it can refuse, and says 503 where it cannot decide.
      await within(warmPatience, solo.engine.prewarm()).catch(() => undefined)
      await solo.listen()
      return solo.addresses
    },
    reload: async (assignment) => {
      coming = assignment.keys && keysOf(keys, assignment.keys)
      const next = coming
      try {
        await solo?.engine.reload(assignment.config, equipment(assignment, next))
        keys = next
      } finally {
        coming = undefined
      }
    },
    adopt: (set) => void (coming ?? keys)?.adopt(set),
    report: () => {
      if (solo === undefined) throw new Error('it has not begun')
      return solo.engine.snapshot()
    },
    turnAway: () => solo?.turnAway(),
    finish: async (grace) => {
      await solo?.finish(grace)
      await log.flush()
    },
  }
  const primary = createWire<PrimaryCalls>(channel, { ...ours })
  const relay = relayFetch((address) => primary.ask('fetch', address, fetchPatience), fetch)
  // A primary that does not answer is gone, which is told otherwise.
  primary.ask('ready', undefined, fetchPatience).catch(() => undefined)
  return {
    end: async () => {
      primary.close('the primary is gone')
      await solo?.finish(1)
      await log.flush()
    },
  }
}

/** The keys in use where they are of the same line, so that nothing which holds them is left behind. */
function keysOf(inUse: RotatingKeys | undefined, given: ExportedKeys): RotatingKeys {
  const read = importSigningKeys(given)
  const known = new Set(inUse?.published().keys.map(({ kid }) => kid))
  if (inUse === undefined || !read.published().keys.some(({ kid }) => known.has(kid))) return read
  inUse.adopt(given)
  return inUse
}
