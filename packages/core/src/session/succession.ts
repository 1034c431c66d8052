import type { HeaderField } from '../http/reply.ts'
import type { LateResponse } from '../http/request.ts'
import { digest } from '../lib/seal.ts'
import { createLately } from './lately.ts'
import type { Session } from './session.ts'
import type { Held, Renewed } from './sessions.ts'

/** What became of sessions that only browsers hold, where a browser still shows, or would be told, the old state. */
export interface Succession {
  /** What a session was renewed to, where it is shown as it was before. */
  latest(held: Held): Renewed | undefined
  /** Notes a change of tokens, or data, and tells the responses that are still to be sent with the old state. */
  changed(before: Session, after: Renewed): void
  /** A response that writes the state of a session as it is now. */
  watch(id: string, watched: Watched): void
  /** Notes that a session has ended, and tells the same responses. */
  end(id: string): void
  /** Notes that a login has put another in its place: the same responses must not touch that one's cookie. */
  replace(id: string): void
  hasEnded(id: string): boolean
  wasReplaced(id: string): boolean
}

/** A response that is still to be sent. */
export interface Watched {
  readonly response: LateResponse
  /** What it writes of the session. */
  readonly fields: readonly HeaderField[]
  /** What takes the session away with it. */
  readonly forget: () => readonly HeaderField[]
}

interface Line {
  readonly newest: Renewed
  /** Names of the tokens before. */
  readonly before: readonly string[]
  /** Names of the data that went with the newest tokens before. */
  readonly data: readonly string[]
}

// Of one session, at the same time.
const mostWatched = 100

// As many states may be met again; a session is seldom renewed so often in a minute.
const longest = 10

/** Makes the memory of one login in one process. */
export function createSuccession(now: () => number): Succession {
  const lines = createLately<Line>(now)
  const ended = createLately<'ended' | 'replaced'>(now)
  const watched = createLately<readonly Watched[]>(now)
  const waiting = (id: string): readonly Watched[] =>
    (watched.get(id) ?? []).filter(({ response }) => !response.sent)
  const over = (id: string, how: 'ended' | 'replaced', tell: (one: Watched) => void): void => {
    lines.delete(id)
    ended.set(id, how)
    waiting(id).forEach(tell)
    watched.delete(id)
  }

  return {
    latest: ({ session }) => {
      const line = lines.get(session.id)
      return line && isBefore(session, line) ? line.newest : undefined
    },
    changed: (before, after) => {
      const { id } = before
      lines.set(id, lineOf(lines.get(id), before, after))
      const told = waiting(id)
      for (const { response } of told) response.append(after.headers)
      // Until they are sent the next change may come.
      if (told.length > 0)
        watched.set(
          id,
          told.map((one) => ({ ...one, fields: after.headers })),
        )
    },
    watch: (id, one) => {
      // Clients that never take the new cookie would else be remembered with every response they got.
      watched.set(id, [...waiting(id).slice(-mostWatched), one])
    },
    end: (id) => over(id, 'ended', ({ response, forget }) => response.append(forget())),
    replace: (id) => over(id, 'replaced', ({ response, fields }) => response.takeBack?.(fields)),
    hasEnded: (id) => ended.get(id) !== undefined,
    wasReplaced: (id) => ended.get(id) === 'replaced',
  }
}

/**
 * Whether a session is as it was before the newest. One with other data is so only where they were written
 * here: another process may have changed them since.
 */
function isBefore(session: Session, { newest, before, data }: Line): boolean {
  const state = stateOf(session)
  if (before.includes(state)) return true
  const { session: latest } = newest.held
  return (
    session.seenAt <= latest.seenAt && data.includes(dataOf(session)) && state === stateOf(latest)
  )
}

function lineOf(line: Line | undefined, before: Session, newest: Renewed): Line {
  const { session: after } = newest.held
  const [from, to] = [stateOf(before), stateOf(after)]
  return {
    newest,
    before: successors(line?.before, from, to),
    data: from === to ? successors(line?.data, dataOf(before), dataOf(after)) : [],
  }
}

const dataOf = ({ data }: Session): string => digest(JSON.stringify(data ?? {}))

/**
 * The newest tokens, with the data that a browser shows beside older ones where those are newer: they were
 * changed by a process that knew nothing of the renewal, because its response was lost.
 */
export function caughtUp(newest: Session, shown: Session): Session {
  const { seenAt, data } = shown
  const isNewer = seenAt > newest.seenAt && dataOf(shown) !== dataOf(newest)
  return isNewer ? { ...newest, seenAt, ...(data && { data }) } : newest
}

/** A name for the tokens of a session: two cookies of the same name are as good as each other. */
export const stateOf = ({
  refreshToken,
  tokens,
}: Pick<Session, 'refreshToken' | 'tokens'>): string =>
  digest(JSON.stringify([refreshToken, ...tokens.map(({ value }) => value)]))

/** The names of all states that one has followed. */
export const successors = (
  earlier: readonly string[] | undefined,
  before: string,
  after: string,
): readonly string[] =>
  [...new Set([before, ...(earlier ?? [])])].filter((name) => name !== after).slice(0, longest)
