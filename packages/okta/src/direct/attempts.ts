import { optionChecks, type MaybePromise } from '@portcullis/core'
import { memoryAttempts } from './memory-attempts.ts'
import { sameAddress } from './same-address.ts'

/** Keeps count of attempts: memory here, a script of a few lines in Redis. Each method is one step, whoever else is at it. */
export interface AttemptStore {
  /** Takes one of the `most` places that a name has, for some seconds from now on. */
  take(name: string, most: number, seconds: number): MaybePromise<TakenPlace>
  /** Gives a place back before its time. */
  giveBack(name: string, id: string): MaybePromise<void>
  /** Gives all places of a name back. */
  clear(name: string): MaybePromise<void>
}

/** A place that was taken, or the seconds until one is free. */
export type TakenPlace = { readonly id: string } | { readonly wait: number }

/** An attempt that is about to be sent. */
export interface Attempt {
  /** `guess`: something that could be right or wrong; `prompt`: a push or a message to the user. */
  readonly kind: 'guess' | 'prompt'
  readonly username: string | undefined
  /** Of the browser, where the application said so. Of IPv6 the first 64 bits count: the rest is the user's to choose. */
  readonly address: string | undefined
}

/** Stands in front of Okta's own limits. */
export interface AttemptLimiter {
  /** Asked before anything is sent; whatever is in doubt counts as an attempt. */
  take(attempt: Attempt): Promise<Permission>
  /** The user is who they say: earlier attempts for the name are forgotten. */
  signedIn(username: string): Promise<void>
}

/** Whether an attempt may be sent. */
export type Permission =
  | { readonly allowed: false; readonly retryAfter: number; readonly by: 'username' | 'address' }
  /** `giveBack` is for a guess that was right, because it was none, and for what a limit of Okta's turned away. */
  | { readonly allowed: true; readonly giveBack: () => Promise<void> }

/** How many attempts there may be. */
export interface AttemptLimit {
  readonly attempts: number
  /** The time in which they are counted, and for which the last of them locks out. */
  readonly seconds: number
}

/** How attempts are limited. */
export interface AttemptOptions {
  /** Default `memoryAttempts()`: for one process. */
  readonly store?: AttemptStore
  /** Wrong passwords and codes for one user. Default 5 in 900 seconds. */
  readonly perUser?: AttemptLimit
  /** The same from one address; many people may share one. Default 50 in 900 seconds. */
  readonly perAddress?: AttemptLimit
  /** Pushes and messages to one user until a sign-in succeeds. Default 5 in 900 seconds. */
  readonly promptsPerUser?: AttemptLimit
  /** Pushes and messages from one address. Default 50 in 900 seconds. */
  readonly promptsPerAddress?: AttemptLimit
}

type Limits = Readonly<Record<Attempt['kind'], { username: AttemptLimit; address: AttemptLimit }>>

/**
 * Limits attempts per user and per address: at most so many in any such time, and none more until the
 * oldest is over. A sign-in that succeeds takes those of the user back.
 */
export function limitAttempts(options: AttemptOptions = {}): AttemptLimiter {
  const store = options.store ?? memoryAttempts()
  const limits = limitsOf(options)
  return {
    take: async ({ kind, username, address }) => {
      const user = username === undefined ? undefined : `${kind} user ${sameUser(username)}`
      const place = address === undefined ? undefined : `${kind} address ${sameAddress(address)}`
      const first = await takeOne(store, user, limits[kind].username)
      if (first.wait !== undefined)
        return { allowed: false, retryAfter: first.wait, by: 'username' }
      const second = await takeOne(store, place, limits[kind].address)
      if (second.wait !== undefined) {
        await first.giveBack()
        return { allowed: false, retryAfter: second.wait, by: 'address' }
      }
      return {
        allowed: true,
        giveBack: async () => {
          await Promise.all([first.giveBack(), second.giveBack()])
        },
      }
    },
    // Not the address: whoever has an account of their own could clear it at will.
    signedIn: (username) => clearUser(store, username),
  }
}

interface Place {
  readonly wait?: number
  readonly giveBack: () => Promise<void>
}

const nothing: Place = { giveBack: async () => undefined }

async function takeOne(
  store: AttemptStore,
  name: string | undefined,
  { attempts, seconds }: AttemptLimit,
): Promise<Place> {
  if (name === undefined) return nothing
  const taken = await store.take(name, attempts, seconds)
  return 'id' in taken
    ? { giveBack: async () => store.giveBack(name, taken.id) }
    : { ...nothing, wait: Math.max(1, Math.ceil(taken.wait)) }
}

async function clearUser(store: AttemptStore, username: string): Promise<void> {
  const user = sameUser(username)
  await Promise.all([store.clear(`guess user ${user}`), store.clear(`prompt user ${user}`)])
}

// Logins are not told apart by case; a guess by another spelling is a guess all the same.
const sameUser = (username: string): string => username.normalize('NFKC').trim().toLowerCase()

const defaults: Required<Omit<AttemptOptions, 'store'>> = {
  perUser: { attempts: 5, seconds: 900 },
  perAddress: { attempts: 50, seconds: 900 },
  promptsPerUser: { attempts: 5, seconds: 900 },
  promptsPerAddress: { attempts: 50, seconds: 900 },
}

const attemptStore: optionChecks.Check = (store) =>
  typeof store === 'object' &&
  store !== null &&
  ['take', 'giveBack', 'clear'].every((name) => typeof Reflect.get(store, name) === 'function')
    ? undefined
    : 'must have the functions take, giveBack and clear'

function limitsOf(options: AttemptOptions): Limits {
  const { checkOptions, count, record, someSeconds } = optionChecks
  checkOptions('limitAttempts', options, {
    store: attemptStore,
    perUser: record,
    perAddress: record,
    promptsPerUser: record,
    promptsPerAddress: record,
  })
  const limit = (name: keyof typeof defaults): AttemptLimit => {
    const given = options[name] ?? defaults[name]
    checkOptions(`limitAttempts.${name}`, given, { attempts: count, seconds: someSeconds })
    return { ...defaults[name], ...given }
  }
  return {
    guess: { username: limit('perUser'), address: limit('perAddress') },
    prompt: { username: limit('promptsPerUser'), address: limit('promptsPerAddress') },
  }
}
