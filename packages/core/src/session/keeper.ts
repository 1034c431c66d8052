import { Outage } from '../errors/outage.ts'
import type { Refusal } from '../errors/refusal.ts'
import type { HeaderField } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { andThen, isPromise, type MaybePromise } from '../lib/maybe-promise.ts'
import { text } from '../lib/text.ts'
import { ask, asked } from './asked.ts'
import { begunMark, marksOf, ownerMarks, sessionMark } from './marks.ts'
import { sessionEnded } from './ended.ts'
import { createQueues } from './queues.ts'
import type { Revocations } from './revocations.ts'
import type { Session, SessionContent, SessionOwner } from './session.ts'
import type { Held, Named, Renewed, Vault } from './sessions.ts'
import type { SessionSettings } from './settings.ts'

/** The sessions of one login: what the vault holds, within their lifetimes and unless they were revoked. */
export interface Keeper {
  /** The session of a request, the refusal for one that has ended, or nothing. */
  find(request: HttpRequest): MaybePromise<Held | Refusal | undefined>
  /**
   * Begins a session, always with a new id; the one before is ended: that of the request, or the one with
   * the id `earlier` where the browser did not send its cookie along.
   */
  begin(request: HttpRequest, content: SessionContent, earlier?: string): Promise<BegunSession>
  /** Notes that the browser was here, at most once in a twentieth of `idle`. Where the store fails, it is tried again later. */
  touch(held: Held): MaybePromise<Renewed | undefined>
  /** Changes a session, whoever else changes it meanwhile; `undefined` where it has ended. */
  change(held: Held, change: (session: Session) => Session): Promise<Renewed | undefined>
  /** What others have made of it. */
  again(held: Held): MaybePromise<Held | undefined>
  /** Ends a session for good. */
  end(held: Held): Promise<void>
  /**
   * Ends all sessions of a subject, or of a session of the issuer. What `anybody` may ask for ends only
   * what was begun here: a mark for whatever a stranger names would fill the memory of the marks.
   */
  endBy(owner: SessionOwner, by?: 'anybody'): Promise<void>
  /** Takes the cookies away. */
  forget(request: HttpRequest): readonly HeaderField[]
  /** Whether a browser must be told of every change. */
  readonly inBrowser: boolean
}

/** A session that has begun, and the one that it took the place of. */
export interface BegunSession {
  readonly headers: readonly HeaderField[]
  readonly before: Pick<Session, 'id'> | undefined
}

export interface KeeperParts {
  readonly vault: Vault
  readonly settings: SessionSettings
  /** Whose sessions they are: a store, or a secret, may serve several logins. */
  readonly issuer: string
  readonly client: string
  /** For sessions in browsers: what a store holds it can forget itself. */
  readonly revocations: Revocations | undefined
  readonly inBrowser: boolean
  /** Whether sessions can be ended by anybody who knows their `sid`. */
  readonly openToAnybody: boolean
  readonly now: () => number
  readonly newId: () => string
}

const cookiesOf = (request: HttpRequest): string => request.header('cookie') ?? ''

// Of several processes; within one the writers of a session wait for each other.
const tries = 20

/** Puts lifetimes, revocation and throttled writing around a vault. */
export function createKeeper(parts: KeeperParts): Keeper {
  const { vault, settings, inBrowser, now } = parts
  const revocations = inBrowser ? parts.revocations : undefined
  const inLine = createQueues()
  // Of requests that come at once one is enough to write it down.
  const touching = new Set<string>()
  const [idle, absolute] = [settings.idle * 1000, settings.absolute * 1000]
  // A browser that comes back within this time need not be noted again.
  const touchAfter = Math.max(Math.min(60_000, idle / 4), idle / 20)

  const secondsLeft = (session: Session): number =>
    Math.ceil((Math.min(session.seenAt + idle, session.createdAt + absolute) - now()) / 1000)

  const own = (held: Held | undefined): Held | undefined =>
    held?.session.issuer === parts.issuer && held.session.client === parts.client ? held : undefined

  const judge = (held: Held): MaybePromise<Held | Refusal> => {
    if (secondsLeft(held.session) <= 0) return sessionEnded('it was too old, or idle for too long')
    if (revocations === undefined) return held
    const mark = ask('revocations', () => revocations.latest(marksOf(held.session)))
    return andThen(mark, (at) =>
      at !== undefined && held.session.createdAt <= at
        ? sessionEnded('it was ended by a logout')
        : held,
    )
  }

  const write = (held: Held, session: Session): MaybePromise<Renewed | undefined> =>
    vault.update(held, session, secondsLeft(session))

  const revoke = (mark: string, at = now()): Promise<void> =>
    asked('revocations', () => revocations?.revoke(mark, at, settings.absolute))

  const noteBegun = async ({ issuer, claims }: Session): Promise<void> => {
    const sid = text(claims['sid'])
    if (parts.openToAnybody && sid !== undefined) await revoke(begunMark({ issuer, sid }))
  }

  const wasBegun = async (owner: SessionOwner): Promise<boolean> =>
    (await asked('revocations', () => revocations?.latest([begunMark(owner)]))) !== undefined

  // What begins now is no part of what was ended before, whichever of the servers has the slower clock.
  const afterMarks = async (session: Session): Promise<Session> => {
    const mark = await orLater(() =>
      asked('revocations', () => revocations?.latest(marksOf(session))),
    )
    const { createdAt } = session
    const isOfNow = mark !== undefined && mark >= createdAt && mark - createdAt <= mostAhead
    return isOfNow ? { ...session, ...timesFrom(mark + 1) } : session
  }

  const end = async (held: Named): Promise<void> => {
    // First the mark: whoever has a copy of the cookie must not be faster.
    // It stands for no other session, so that a clock elsewhere that is fast saves none from it.
    await revoke(sessionMark(held.session.id), Number.MAX_SAFE_INTEGER)
    await vault.destroy(held)
  }

  return {
    inBrowser,
    find: (request) => {
      const cookies = request.header('cookie')
      if (cookies === undefined) return undefined
      return andThen(vault.read(cookies), (found) => {
        const held = own(found)
        return held && judge(held)
      })
    },
    begin: async (request, content, earlier) => {
      const session = await afterMarks({ ...content, id: parts.newId(), ...timesFrom(now()) })
      const cookies = cookiesOf(request)
      const seen = own(await vault.read(cookies))?.session
      const before = seen ?? (earlier === undefined ? undefined : { id: earlier })
      await noteBegun(session)
      const headers = await vault.create(session, secondsLeft(session), cookies)
      if (before !== undefined) await end({ session: before })
      return { headers, before }
    },
    touch: (held) => {
      const { session } = held
      if (now() - session.seenAt < touchAfter || touching.has(session.id)) return undefined
      touching.add(session.id)
      const done = orLater(() => write(held, { ...session, seenAt: now() }))
      if (isPromise(done)) return done.finally(() => touching.delete(session.id))
      touching.delete(session.id)
      return done
    },
    change: (first, change) =>
      inLine(first.session.id, async () => {
        let held = first
        for (let left = tries; left > 0; left--) {
          if (secondsLeft(held.session) <= 0) return undefined
          // oxlint-disable-next-line no-await-in-loop -- the next try builds on what the faster one wrote
          const renewed = await write(held, change(held.session))
          if (renewed !== undefined) return renewed
          // oxlint-disable-next-line no-await-in-loop
          const found = await vault.again(held)
          if (found === undefined) return undefined
          held = found
        }
        throw new Outage('store_failed', `of ${tries} writes to a session none came first`)
      }),
    again: (held) => vault.again(held),
    end,
    endBy: async (owner, by) => {
      if (by === undefined || (await wasBegun(owner))) {
        await Promise.all(ownerMarks(owner).map((mark) => revoke(mark)))
      }
      await vault.destroyBy?.(owner)
    },
    forget: (request) => vault.forget(cookiesOf(request)),
  }
}

// Milliseconds that the clocks of two servers may differ by; whoever names a later time means it.
const mostAhead = 60_000

const timesFrom = (at: number): Pick<Session, 'createdAt' | 'seenAt'> => ({
  createdAt: at,
  seenAt: at,
})

/** What can wait does not fail a request that can be answered without it. */
function orLater<T>(act: () => MaybePromise<T>): MaybePromise<T | undefined> {
  const later = (error: unknown): undefined => {
    if (!Outage.is(error)) throw error
  }
  try {
    const done = act()
    return isPromise(done) ? done.catch(later) : done
  } catch (error) {
    return later(error)
  }
}
