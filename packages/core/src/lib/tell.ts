import { isPromise } from './maybe-promise.ts'

/** Tells an observer. What it throws, now or later, is ignored, because it has no say. */
export function tell<A extends readonly unknown[]>(
  look: ((...args: A) => unknown) | undefined,
  ...args: A
): void {
  // A broken logger must neither open nor close a gate, nor end the process.
  try {
    const done = look?.(...args)
    if (isPromise(done)) done.then(undefined, () => undefined)
  } catch {
    return
  }
}
