/** Takes over new configurations, one after the other. */
export interface Reloader {
  /** Loads and takes over; what comes meanwhile is done once more afterwards. Never rejects. */
  reload(why: string): Promise<void>
  readonly taken: number
  readonly failed: number
}

/** How a configuration is taken over. */
export interface ReloaderOptions {
  /** Loads, validates, makes ready and swaps. Rejects where any of that fails, and nothing has changed then. */
  readonly takeOver: () => Promise<void>
  readonly onTaken: (why: string) => void
  readonly onFailed: (why: string, error: unknown) => void
}

/** Makes a reloader: a signal and a change of the file at the same time are one reload, or two in order. */
export function createReloader({ takeOver, onTaken, onFailed }: ReloaderOptions): Reloader {
  let taken = 0
  let failed = 0
  let running: Promise<void> | undefined
  let again: string | undefined

  const once = async (why: string): Promise<void> => {
    try {
      await takeOver()
      taken += 1
      onTaken(why)
    } catch (error) {
      failed += 1
      onFailed(why, error)
    }
  }

  const run = async (first: string): Promise<void> => {
    for (let why: string | undefined = first; why !== undefined;) {
      again = undefined
      // oxlint-disable-next-line no-await-in-loop -- two at once could swap in the wrong order
      await once(why)
      why = again
    }
    running = undefined
  }

  return {
    reload: (why) => {
      if (running === undefined) running = run(why)
      else again = why
      return running
    },
    get taken() {
      return taken
    },
    get failed() {
      return failed
    },
  }
}
