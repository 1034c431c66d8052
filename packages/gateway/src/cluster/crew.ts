/** A worker process as the primary sees it. */
export interface Hand {
  readonly pid: number | undefined
  /** Called once, when the process has ended. */
  onExit(listener: (how: string) => void): void
  kill(): void
}

/** One place in the crew, and who works there now. */
export interface Place<H extends Hand> {
  readonly index: number
  readonly hand: H | undefined
  /** Whether it answers requests. */
  readonly working: boolean
}

/** Workers, each in its place: who dies is replaced, later and later where it keeps happening. */
export interface Crew<H extends Hand> {
  readonly places: readonly Place<H>[]
  /** Workers that were started in the place of others. */
  readonly restarts: number
  /** Whether a place cannot be kept filled. */
  readonly failing: boolean
  /** Starts all; resolves when each works, rejects with what kept the first from it. */
  start(): Promise<void>
  /** Replaces nobody any more. */
  retire(): void
  /** Resolves when nobody is left. */
  gone(): Promise<void>
}

/** What a crew is made of. */
export interface CrewOptions<H extends Hand> {
  readonly count: number
  readonly fork: () => H
  /** Makes a worker ready; resolves when it answers requests. */
  readonly prepare: (hand: H, index: number) => Promise<void>
  readonly onEvent: (event: CrewEvent) => void
  /** Epoch milliseconds. */
  readonly now?: () => number
  readonly later?: (act: () => void, ms: number) => void
}

/** What happens to workers, for the log. */
export type CrewEvent =
  | { readonly event: 'worker-ended'; readonly worker: number; readonly how: string }
  | { readonly event: 'worker-restarting'; readonly worker: number; readonly ms: number }
  | { readonly event: 'worker-working'; readonly worker: number; readonly pid: number | undefined }
  | { readonly event: 'worker-failed'; readonly worker: number; readonly problem: string }

const firstWait = 100
const longestWait = 30_000
// Who lived so long did not die of what the configuration or the code is like at the start.
const longLife = 60_000
const loop = 5

interface Seat<H> {
  readonly index: number
  hand: H | undefined
  working: boolean
  failures: number
  since: number
}

/** Puts a crew together. */
export function createCrew<H extends Hand>(options: CrewOptions<H>): Crew<H> {
  const { count, fork, prepare, onEvent, now = () => Date.now() } = options
  const later = options.later ?? ((act, ms) => void setTimeout(act, ms))
  const seats = Array.from({ length: count }, (_, index): Seat<H> => ({
    index,
    hand: undefined,
    working: false,
    failures: 0,
    since: 0,
  }))
  let restarts = 0
  let retired = false
  let onEmpty: () => void = () => undefined

  const ended = (seat: Seat<H>, how: string): void => {
    const worker = seat.index
    seat.hand = undefined
    seat.working = false
    if (!retired) onEvent({ event: 'worker-ended', worker, how })
    if (retired && seats.every(({ hand }) => hand === undefined)) onEmpty()
    if (retired) return
    seat.failures = now() - seat.since > longLife ? 1 : seat.failures + 1
    const ms = Math.min(longestWait, firstWait * 2 ** (seat.failures - 1))
    onEvent({ event: 'worker-restarting', worker, ms })
    later(() => {
      if (retired) return
      restarts += 1
      // What kept it from working was told by the event, and its end brings it here again.
      fill(seat).catch(() => undefined)
    }, ms)
  }

  const fill = async (seat: Seat<H>): Promise<void> => {
    const hand = fork()
    seat.hand = hand
    seat.since = now()
    hand.onExit((how) => ended(seat, how))
    try {
      await prepare(hand, seat.index)
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      onEvent({ event: 'worker-failed', worker: seat.index, problem })
      hand.kill()
      throw error
    }
    if (seat.hand !== hand) return
    seat.working = true
    onEvent({ event: 'worker-working', worker: seat.index, pid: hand.pid })
  }

  return {
    places: seats,
    get restarts() {
      return restarts
    },
    get failing() {
      return seats.some(({ failures, working, since }) =>
        working ? failures >= loop && now() - since < longLife : failures >= loop,
      )
    },
    start: async () => {
      await Promise.all(seats.map(fill))
    },
    retire: () => {
      retired = true
    },
    gone: () =>
      new Promise((resolve) => {
        if (seats.every(({ hand }) => hand === undefined)) resolve()
        else onEmpty = resolve
      }),
  }
}
