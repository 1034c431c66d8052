import { within } from '@portcullis/core'
import { deferred } from '../operate/deferred.ts'
import { createDeparted, type Sums } from '../operate/departed.ts'
import type { LineLog } from '../operate/log.ts'
import { problemOf } from '../operate/problem.ts'
import type { Snapshot } from '../operate/snapshot.ts'
import { createCrew, type Hand } from './crew.ts'
import type { FetchedDocument } from './document.ts'
import type { Assignment, PrimaryCalls, WorkerCalls } from './protocol.ts'
import { createWire, type Asked, type Channel, type Wire } from './wire.ts'

/** A worker process with a pipe to it. */
export interface ForkedWorker extends Hand {
  readonly channel: Channel
}

/** What the primary tells its workers, all of them. */
export interface Hands {
  /** Starts them; rejects where one cannot begin. */
  start(): Promise<void>
  /** Hands over another configuration; who cannot take it over is replaced. */
  reload(): Promise<void>
  /** Gives an order, and does not wait. */
  tell<Name extends 'adopt' | 'turnAway'>(name: Name, data: Asked<WorkerCalls[Name]>): void
  snapshots(): Promise<readonly Snapshot[]>
  readonly departed: Sums
  /** Why no requests should come. */
  complaints(): readonly string[]
  readonly restarts: number
  /** Lets them finish what is on the way, for so many seconds at most; resolves when all are gone. */
  finish(grace: number): Promise<void>
}

/** What the workers are made of, and what they are given. */
export interface HandsOptions {
  readonly count: number
  readonly log: LineLog
  readonly fork: () => ForkedWorker
  /** What a worker is given, who is told apart by a number. */
  readonly assignment: (worker: number) => Promise<Assignment>
  /** Fetches for a worker, who is told apart by a number. */
  readonly fetch: (asker: number, address: string) => Promise<FetchedDocument>
  /** Told of where a worker listens. */
  readonly onBegun: (addresses: Awaited<ReturnType<WorkerCalls['begin']>>) => void
}

interface Worker extends Hand {
  readonly number: number
  readonly wire: Wire<WorkerCalls>
  /** Resolves when it listens to orders. */
  readonly ready: Promise<void>
}

// Seconds.
const orderPatience = 20
const reportPatience = 2
/** Milliseconds between two questions for numbers: what was counted since is lost with a worker that is killed. */
const rounds = 5000

/** Starts workers, and talks to them. */
export function createHands(options: HandsOptions): Hands {
  const { log, assignment } = options
  const departed = createDeparted()
  let last = 0

  const crew = createCrew<Worker>({
    count: options.count,
    fork: () => {
      const forked = options.fork()
      const number = (last += 1)
      const { promise: ready, resolve, reject } = deferred()
      const calls: PrimaryCalls = {
        ready: resolve,
        fetch: (address) => options.fetch(number, address),
      }
      const wire = createWire<WorkerCalls>(forked.channel, { ...calls })
      forked.onExit((how) => {
        reject(new Error(`it ended (${how}) before it began`))
        wire.close('the worker is gone')
        departed.gone(number)
      })
      return { ...forked, number, wire, ready }
    },
    prepare: async ({ number, wire, ready }) => {
      await within(orderPatience, ready)
      let given = await assignment(number)
      options.onBegun(await wire.ask('begin', given, orderPatience))
      // Another configuration may have come meanwhile.
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- each takes the place of the one before
        const next = await assignment(number)
        if (next.config === given.config) return
        given = next
        // oxlint-disable-next-line no-await-in-loop -- each takes the place of the one before
        await wire.ask('reload', given, orderPatience)
      }
    },
    onEvent: log.write,
  })

  const everybody = (): readonly Worker[] => crew.places.flatMap(({ hand }) => hand ?? [])
  const workers = (): readonly Worker[] =>
    crew.places.flatMap(({ hand, working }) => (working && hand) || [])

  const snapshots = async (): Promise<readonly Snapshot[]> => {
    await Promise.all(workers().map(report))
    // Of who did not answer what it said before, and nothing of who is gone by now: no sum goes back.
    return everybody().flatMap(({ number }) => departed.last(number) ?? [])
  }

  const report = async ({ number, wire }: Worker): Promise<void> => {
    const snapshot = await wire.ask('report', undefined, reportPatience).catch(() => undefined)
    if (snapshot !== undefined) departed.heard(number, snapshot)
  }
  const timer = setInterval(() => void snapshots(), rounds).unref()

  return {
    start: crew.start,
    reload: async () => {
      await Promise.all(workers().map((worker) => reassign(worker, assignment, log)))
    },
    tell: (name, data) => {
      // Also who has begun and not said so yet: it was given what there was then.
      for (const { wire } of everybody()) wire.ask(name, data, orderPatience).catch(() => undefined)
    },
    snapshots,
    get departed() {
      return departed.sums
    },
    complaints: () => [
      ...(workers().length > 0 ? [] : ['no worker answers']),
      ...(crew.failing ? ['a worker dies again and again'] : []),
    ],
    get restarts() {
      return crew.restarts
    },
    finish: async (grace) => {
      crew.retire()
      clearInterval(timer)
      await Promise.all(everybody().map((worker) => dismiss(worker, grace)))
      await crew.gone()
    },
  }
}

async function reassign(
  worker: Worker,
  assignment: HandsOptions['assignment'],
  log: LineLog,
): Promise<void> {
  try {
    await worker.wire.ask('reload', await assignment(worker.number), orderPatience)
  } catch (error) {
    log.write({ event: 'worker-not-reloaded', pid: worker.pid, problem: problemOf(error) })
    worker.kill()
  }
}

async function dismiss({ wire, kill }: Worker, grace: number): Promise<void> {
  await wire.ask('finish', grace, grace + 2).catch(() => undefined)
  kill()
}
