import type { MaybePromise } from '../lib/maybe-promise.ts'

/** Remembers names that may be used once. */
export interface ReplayStore {
  /** Whether the name is used for the first time within some seconds; asking uses it up. */
  first(name: string, seconds: number): MaybePromise<boolean>
  /** Whether the name is used up; asking changes nothing. For acts that count only once they have succeeded. */
  has(name: string): MaybePromise<boolean>
}
