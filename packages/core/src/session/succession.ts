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
  /** Notes a renewal, and tells the responses that are still to be sent with the old state. */
  renewed(before: Session, after: Renewed): void
  /** Notes a change that left the tokens alone. */
  changed(after: Renewed): void
  /** A response that writes the state of a session as it is now. */
  watch(id: string, watched: Watched): void
  /** Notes that a session has ended, and tells the same responses. */
  end(id: string): void
  hasEnded(id: string): boolean
}

/** A response that is still to be sent, and what takes the session away with it. */
export interface Watched {
  readonly response: LateResponse
  readonly forget: () => readonly HeaderField[]
}

interface Line {
  readonly newest: Renewed
  /** Names of the states before. */
  readonly before: readonly string[]
}

// Of one session, at the same time.
const mostWatched = 100

// As many states may be met again; a session is seldom renewed so often in a minute.
const longest = 10

/** Makes the memory of one login in one process. */
export function createSuccession(now: () => number): Succession {
  const lines = createLately<Line>(now)
  const ended = createLately<true>(now)
  const watched = createLately<Set<Watched>>(now)
  const tell = (id: string, fields: (one: Watched) => readonly HeaderField[]): void => {
    for (const one of watched.get(id) ?? []) {
      if (!one.response.sent) one.response.append(fields(one))
    }
    watched.delete(id)
  }

  return {
    latest: ({ session }) => {
      const line = lines.get(session.id)
      return line?.before.includes(stateOf(session)) ? line.newest : undefined
    },
    renewed: (before, after) => {
      const { id } = before
      const names = successors(lines.get(id)?.before, stateOf(before), stateOf(after.held.session))
      lines.set(id, { newest: after, before: names })
      tell(id, () => after.headers)
    },
    changed: (after) => {
      const { session } = after.held
      const line = lines.get(session.id)
      if (line === undefined || stateOf(line.newest.held.session) !== stateOf(session)) return
      lines.set(session.id, { ...line, newest: after })
    },
    watch: (id, one) => {
      const waiting = [...(watched.get(id) ?? [])].filter(({ response }) => !response.sent)
      // Clients that never take the new cookie would else be remembered with every response they got.
      watched.set(id, new Set([...waiting.slice(-mostWatched), one]))
    },
    end: (id) => {
      lines.delete(id)
      ended.set(id, true)
      tell(id, ({ forget }) => forget())
    },
    hasEnded: (id) => ended.get(id) === true,
  }
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
