import { isPromise } from './maybe-promise.ts'

/** Tells whoever only looks on. What that throws, now or later, is nobody's business: it has no say. */
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
