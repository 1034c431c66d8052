/** Keeps metadata and keys at hand, so that no request waits for them and readiness does not depend on requests. */
export interface Warmth {
  close(): void
}

/** What is kept warm, and who is told. */
export interface WarmthOptions {
  readonly prewarm: () => Promise<void>
  /** Told when it fails after it did not, and with nothing when it works again. */
  readonly onChange: (error: unknown) => void
  readonly later?: (act: () => void, ms: number) => NodeJS.Timeout
}

// Keys that are fresh are not fetched again by it.
const between = 30_000
const firstWait = 1000

/** Begins to keep warm; what fails is tried again, later and later. */
export function keepWarm({ prewarm, onChange, ...options }: WarmthOptions): Warmth {
  const later = options.later ?? ((act, ms) => setTimeout(act, ms).unref())
  let timer: NodeJS.Timeout | undefined
  let failures = 0
  let closed = false

  const attempt = async (): Promise<void> => {
    try {
      await prewarm()
      if (failures > 0 && !closed) onChange(undefined)
      failures = 0
    } catch (error) {
      failures += 1
      if (failures === 1 && !closed) onChange(error)
    }
    if (closed) return
    const ms = failures === 0 ? between : Math.min(between, firstWait * 2 ** (failures - 1))
    timer = later(() => void attempt(), ms)
  }

  void attempt()
  return {
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}
