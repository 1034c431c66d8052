/** Waits for an answer, but not longer than some seconds. The answer must not be one that rejects. */
export const inTime = <T>(answer: Promise<T>, seconds: number, late: () => T): Promise<T> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(late()), seconds * 1000)
    void answer.then((found) => {
      clearTimeout(timer)
      resolve(found)
    })
  })
