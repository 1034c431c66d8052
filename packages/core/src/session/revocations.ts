import type { MaybePromise } from '../lib/maybe-promise.ts'

/** Remembers what was ended: whatever bears one of the names and is older than the mark is dead. */
export interface Revocations {
  /** Sets a mark (epoch milliseconds) on a name, to be kept for some seconds. An older mark never replaces a newer one. */
  revoke(name: string, at: number, seconds: number): MaybePromise<void>
  /** The newest mark on any of the names. */
  latest(names: readonly string[]): MaybePromise<number | undefined>
}
