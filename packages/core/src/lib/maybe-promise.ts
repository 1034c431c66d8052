/** An answer that is there at once where it can be: the guarded request with a known token waits for nothing. */
export type MaybePromise<T> = T | Promise<T>

/** Tells an answer that must be waited for from one that is there. */
export const isPromise = <T>(value: MaybePromise<T>): value is Promise<T> =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { readonly then?: unknown }).then === 'function'

/** Goes on with a value now, or when it arrives. */
export const andThen = <T, U>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<U>,
): MaybePromise<U> => (isPromise(value) ? value.then(next) : next(value))
