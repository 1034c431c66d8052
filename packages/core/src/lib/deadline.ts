/** Rejects when the deadline passes: for promises that may never settle, and do not listen to a signal. */
export const passed = (deadline: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const give = () => reject(new Error('the deadline has passed'))
    if (deadline.aborted) give()
    else deadline.addEventListener('abort', give, { once: true })
  })

/** What a timer can hold, in milliseconds. */
export const longestTimer: number = 2 ** 31 - 1

/** Waits for an answer, but not for ever: rejects after so many seconds. */
export async function within<T>(seconds: number, answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${seconds} s`)),
      Math.min(seconds * 1000, longestTimer),
    )
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Acts with a deadline that is forgotten with the act: `AbortSignal.timeout` would keep all it sees until its time is up. */
export async function withDeadline<T>(
  seconds: number,
  act: (deadline: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController()
  const timer = setTimeout(
    () => ending.abort(new Error(`no answer within ${seconds} s`)),
    Math.min(Math.ceil(seconds * 1000), longestTimer),
  )
  try {
    return await act(ending.signal)
  } finally {
    clearTimeout(timer)
  }
}
