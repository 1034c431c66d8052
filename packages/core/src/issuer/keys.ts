import type { Outage } from '../errors/outage.ts'
import { lasts } from '../lib/elapsed.ts'
import type { MaybePromise } from '../lib/maybe-promise.ts'
import { createBackOff } from './back-off.ts'
import { identity, type PublicKey } from './key-set.ts'

/** Takes one key out of a set, or `undefined` where none fits. May throw a refusal. */
export type Choice<T> = (keys: readonly PublicKey[]) => T | undefined

/** The keys of an issuer, through rotation and outage. */
export interface KeySource {
  /** Whether `current` may be used now, without waiting. Starts a refresh in the background when one is due. */
  ready(): boolean
  /** The keys as they were last fetched; another array only when they were fetched anew. */
  readonly current: readonly PublicKey[]
  /** Seconds since the keys were fetched; `undefined` before. */
  age(): number | undefined
  /**
   * Chooses a key, now if the known keys have it; otherwise fetches first, unless that was just tried
   * in vain. Rejects with an `Outage` where nobody can tell whether there is such a key.
   */
  choose<T>(choice: Choice<T>): MaybePromise<T | undefined>
  /** Waits until there are keys to use. */
  load(): Promise<void>
  /** Starts the fetch that is due in the background, the first one too; waits for nothing. */
  refresh(): void
  /** When the keys were fetched (epoch milliseconds), and how long they may be used (seconds). */
  fetched(): { readonly fetchedAt: number; readonly lifetime: number }
  /** How they fare; fetches nothing. */
  state(): KeyState
}

/** How the keys of an issuer fare. */
export interface KeyState {
  /**
   * `cold`: never fetched; `fresh`: within their time; `stale`: past it, because nobody has asked since, or
   * used through an outage; `down`: their fetch fails, and they are too old to be used.
   */
  readonly status: 'cold' | 'fresh' | 'stale' | 'down'
  readonly keys: number
  /** Seconds since the keys were fetched; `undefined` before. */
  readonly age: number | undefined
  /** Fetches that failed since the last that did not. */
  readonly failures: number
  /** What the last failed fetch met, until one succeeds. */
  readonly lastFailure: Outage | undefined
}

/** What was fetched, and until when it may be used without asking again. */
export interface FetchedKeys {
  readonly keys: readonly PublicKey[]
  /** Seconds. */
  readonly lifetime: number
}

export interface KeySourceOptions {
  readonly fetchKeys: () => Promise<FetchedKeys>
  readonly now: () => number
  /** Seconds that keys may be used past their time while the issuer cannot be reached; 0 = not at all. */
  readonly staleFor: number
  /** Seconds between two fetches for keys that turn out not to exist. */
  readonly cooldown: number
  /** Keys from a snapshot, with the epoch milliseconds of their fetch. */
  readonly initial?: FetchedKeys & { readonly fetchedAt: number }
}

/** Keeps the keys of an issuer: one fetch at a time, ahead of expiry, and no more of them than is decent. */
export function createKeySource(options: KeySourceOptions): KeySource {
  const { now, fetchKeys } = options
  const staleFor = options.staleFor * 1000
  const cooldown = options.cooldown * 1000
  let current: readonly PublicKey[] = options.initial?.keys ?? []
  let fetchedAt = options.initial?.fetchedAt ?? Number.NEGATIVE_INFINITY
  let freshFor = (options.initial?.lifetime ?? 0) * 1000
  let fruitlessAt = Number.NEGATIVE_INFINITY
  let flight: Promise<void> | undefined
  const backOff = createBackOff(now)

  const age = (): number | undefined =>
    fetchedAt === Number.NEGATIVE_INFINITY ? undefined : (now() - fetchedAt) / 1000

  const usableUntil = (): number => fetchedAt + freshFor + staleFor

  const adopt = ({ keys, lifetime }: FetchedKeys): void => {
    current = carriedOver(current, keys)
    fetchedAt = now()
    freshFor = lifetime * 1000
    backOff.reset()
  }

  const fetchOnce = (): Promise<void> => {
    flight ??= fetchKeys()
      .then(adopt, backOff.failed)
      .finally(() => {
        flight = undefined
      })
    return flight
  }

  // Between two probes of an issuer that fails, everybody is told at once what the last probe found.
  const attempt = (): Promise<void> => {
    const { lastFailure } = backOff
    const wait = backOff.left()
    if (flight !== undefined || lastFailure === undefined || wait === 0) return fetchOnce()
    return Promise.reject(lastFailure.again(wait / 1000))
  }

  const refreshInBackground = (): void => {
    if (flight === undefined && backOff.left() === 0) fetchOnce().catch(() => undefined)
  }

  const ready = (): boolean => {
    const time = now()
    const elapsed = time - fetchedAt
    if (lasts(elapsed, freshFor / 2)) return true
    if (lasts(elapsed, freshFor) || (backOff.failures > 0 && time < usableUntil())) {
      refreshInBackground()
      return true
    }
    return false
  }

  // Without a failure no age is an outage: the next token has the keys fetched.
  const status = (): KeyState['status'] => {
    const time = now()
    if (fetchedAt === Number.NEGATIVE_INFINITY) return 'cold'
    if (lasts(time - fetchedAt, freshFor)) return 'fresh'
    return backOff.failures === 0 || time < usableUntil() ? 'stale' : 'down'
  }

  const load = async (): Promise<void> => {
    try {
      await attempt()
    } catch (error) {
      if (now() >= usableUntil()) throw error
    }
  }

  // After a fetch. A key that is still missing is missed at the issuer too, unless the fetch failed.
  const settle = <T>(choice: Choice<T>): T | undefined => {
    const found = choice(current)
    if (found !== undefined) return found
    if (backOff.lastFailure !== undefined) throw backOff.lastFailure
    fruitlessAt = now()
    return undefined
  }

  return {
    ready,
    get current() {
      return current
    },
    age,
    choose: (choice) => {
      if (!ready()) return load().then(() => settle(choice))
      const found = choice(current)
      if (found !== undefined || lasts(now() - fruitlessAt, cooldown)) return found
      return attempt().then(() => settle(choice))
    },
    load: async () => {
      if (!ready()) await load()
    },
    refresh: () => {
      if (!lasts(now() - fetchedAt, freshFor / 2)) refreshInBackground()
    },
    fetched: () => ({ fetchedAt, lifetime: freshFor / 1000 }),
    state: () => ({
      status: status(),
      keys: current.length,
      age: age(),
      failures: backOff.failures,
      lastFailure: backOff.lastFailure,
    }),
  }
}

/** Keeps the objects of keys that are still published, and marks the others withdrawn. */
function carriedOver(
  old: readonly PublicKey[],
  fetched: readonly PublicKey[],
): readonly PublicKey[] {
  const known = new Map(old.map((key) => [identity(key), key]))
  const next = fetched.map((key) => known.get(identity(key)) ?? key)
  for (const key of old) key.withdrawn ||= !next.includes(key)
  return next
}

/** Keys that were handed in: always fresh, never fetched. */
export function staticKeySource(keys: readonly PublicKey[], now: () => number): KeySource {
  return {
    ready: () => true,
    current: keys,
    age: () => 0,
    choose: (choice) => choice(keys),
    load: () => Promise.resolve(),
    refresh: () => undefined,
    fetched: () => ({ fetchedAt: now(), lifetime: 0 }),
    state: () => ({
      status: 'fresh',
      keys: keys.length,
      age: 0,
      failures: 0,
      lastFailure: undefined,
    }),
  }
}
