/** Rejects when the deadline passes: for promises that may never settle, and do not listen to a signal. */
export const passed = (deadline: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const give = () => reject(new Error('the deadline has passed'))
    if (deadline.aborted) give()
    else deadline.addEventListener('abort', give, { once: true })
  })

/** Waits for an answer of the application's own store, but not for ever. */
export const within = <T>(seconds: number, answer: Promise<T>): Promise<T> =>
  Promise.race([answer, passed(AbortSignal.timeout(seconds * 1000))])
