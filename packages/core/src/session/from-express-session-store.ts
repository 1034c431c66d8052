import { ConfigurationError } from '../errors/configuration.ts'
import { checkOptions, fn, someSeconds } from '../lib/assert.ts'
import { within } from '../lib/deadline.ts'
import { isRecord } from '../lib/own.ts'
import { digest } from '../lib/seal.ts'
import { storePatience } from './asked.ts'
import { createQueues } from './queues.ts'
import type { SessionOwner } from './session.ts'
import type { SessionStore, StoredSession } from './store.ts'

/** A store for express-session: `connect-redis`, `connect-mongo`, `connect-pg-simple` and their like. */
export interface ExpressSessionStore {
  get(id: string, done: (error: unknown, record?: object | null) => void): void
  set(id: string, record: object, done?: (error?: unknown) => void): void
  destroy(id: string, done?: (error?: unknown) => void): void
}

/** What `fromExpressSessionStore` can be told. */
export interface ExpressSessionStoreOptions {
  /**
   * Seconds for which the end of a subject's sessions is remembered: not less than `idle` of the
   * sessions. Default 604,800 (a week).
   */
  readonly remember?: number
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/**
 * Keeps sessions in a store that was made for express-session. Such a store cannot compare and set:
 * within a process writes to a session are lined up, but of two processes that write at the same moment
 * the later wins, and may bring back what the other has just destroyed. Where that matters, use
 * `@portcullis/redis`. It cannot find sessions by their owner either, so `destroyBy` leaves a mark that
 * every read looks for beside the session, in parallel; the dead records stay until their time is up.
 * The clocks of the servers must agree.
 */
export function fromExpressSessionStore(
  store: ExpressSessionStore,
  options: ExpressSessionStoreOptions = {},
): SessionStore {
  checkStore(store)
  checkOptions('fromExpressSessionStore', options, { remember: someSeconds, now: fn })
  const { remember = 604_800, now = () => Date.now() } = options
  const { get, set, destroy } = promised(store)
  const inLine = createQueues()

  const isEnded = async ({ owner, beganAt }: Kept): Promise<boolean> => {
    const marks = await Promise.all(marksOn(owner).map(get))
    return marks.map(memberOf).some((mark) => isRecord(mark) && Number(mark['endedAt']) >= beganAt)
  }
  const find = async (id: string): Promise<Kept | undefined> => {
    const kept = keptIn(await get(id))
    if (kept === undefined || kept.expiresAt <= now()) return undefined
    return (await isEnded(kept)) ? undefined : kept
  }
  return {
    read: async (id) => {
      const kept = await find(id)
      if (kept === undefined) return undefined
      const { body, version, expiresAt, owner } = kept
      return { body, version, expiresAt, owner }
    },
    write: (id, stored, expected) =>
      inLine(id, async () => {
        const kept = await find(id)
        if ((kept?.version ?? 0) !== expected) return false
        await set(id, recordOf({ ...stored, beganAt: kept?.beganAt ?? now() }, now()))
        return true
      }),
    destroy: (id) => inLine(id, () => destroy(id)),
    destroyBy: async (owner) => {
      const mark = recordOf({ endedAt: now(), expiresAt: now() + remember * 1000 }, now())
      await Promise.all(marksFor(owner).map((id) => set(id, mark)))
    },
  }
}

interface Kept extends StoredSession {
  /** Epoch milliseconds of its first version. */
  readonly beganAt: number
}

interface Mark {
  readonly endedAt: number
  readonly expiresAt: number
}

interface PromisedStore {
  get(id: string): Promise<unknown>
  set(id: string, record: object): Promise<void>
  destroy(id: string): Promise<void>
}

type Done = (error?: unknown, record?: unknown) => void

function promised(store: ExpressSessionStore): PromisedStore {
  const call = (start: (done: Done) => void): Promise<unknown> =>
    within(
      storePatience,
      new Promise((resolve, reject) => {
        start((error, record) => {
          if (error === undefined || error === null) resolve(record)
          else
            reject(error instanceof Error ? error : new Error('the store failed', { cause: error }))
        })
      }),
    )
  return {
    // express-session takes this error for "not there", and the stores that keep files rely on it.
    get: (id) =>
      call((done) =>
        store.get(id, (error, record) => done(isAbsence(error) ? null : error, record)),
      ),
    set: async (id, record) => void (await call((done) => store.set(id, record, done))),
    destroy: async (id) => void (await call((done) => store.destroy(id, done))),
  }
}

const isAbsence = (error: unknown): boolean => isRecord(error) && error['code'] === 'ENOENT'

// Each store finds the lifetime in another member of the cookie that express-session would have made.
const recordOf = (kept: Kept | Mark, time: number): object => {
  const left = Math.max(1, kept.expiresAt - time)
  const expires = new Date(kept.expiresAt)
  const cookie = { originalMaxAge: left, maxAge: left, expires, httpOnly: true, path: '/' }
  return { cookie, portcullis: kept }
}

const memberOf = (record: unknown): unknown => (isRecord(record) ? record['portcullis'] : undefined)

function keptIn(record: unknown): Kept | undefined {
  const kept = memberOf(record)
  const isKept =
    isRecord(kept) &&
    typeof kept['body'] === 'string' &&
    typeof kept['version'] === 'number' &&
    typeof kept['expiresAt'] === 'number' &&
    typeof kept['beganAt'] === 'number' &&
    isRecord(kept['owner'])
  // Written by us under an id that nobody can guess; every member was looked at.
  return isKept ? (kept as unknown as Kept) : undefined
}

/** The names of the marks that end the sessions of an owner. */
const marksOn = ({ issuer, sub, sid }: SessionOwner): readonly string[] => {
  const subject = sub === undefined ? [] : [markOf(issuer, sub, null)]
  const session = sid === undefined ? [] : [markOf(issuer, null, sid)]
  if (sub === undefined) return session
  return [
    ...subject,
    ...session,
    sid === undefined ? nameless(issuer, sub) : markOf(issuer, sub, sid),
  ]
}

/** The names under which the end of an owner's sessions is marked. */
const marksFor = ({ issuer, sub, sid }: SessionOwner): readonly string[] => {
  if (sub === undefined && sid === undefined) return []
  const mark = markOf(issuer, sub ?? null, sid ?? null)
  return sub === undefined || sid === undefined ? [mark] : [mark, nameless(issuer, sub)]
}

// Only letters, digits and signs that may stand in the name of a file.
const markOf = (...named: readonly (string | null)[]): string =>
  `ended-${digest(JSON.stringify(named))}`

// Of a subject's sessions that have no sid.
const nameless = (issuer: string, sub: string): string => markOf(issuer, sub, null, 'nameless')

function checkStore(store: ExpressSessionStore): void {
  const missing = (['get', 'set', 'destroy'] as const).find(
    (method) => typeof store?.[method] !== 'function',
  )
  if (missing !== undefined) {
    throw new ConfigurationError(
      `fromExpressSessionStore needs a store of express-session: this one has no ${missing}()`,
    )
  }
}
