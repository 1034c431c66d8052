import { Outage } from '../errors/outage.ts'
import { refuse } from '../errors/refusal.ts'
import { digest, type SealBox } from '../lib/seal.ts'
import { asked } from './asked.ts'
import type { Keeper } from './keeper.ts'
import type { Lease, Lock } from './lock.ts'
import type { Session } from './session.ts'
import type { Held, Renewed } from './sessions.ts'
import { caughtUp, stateOf, successors } from './succession.ts'

/** Lets one at a time renew a session; the others use what it made. */
export type Relay = (
  held: Held,
  suffices: (found: Held) => boolean,
  trade: (newest: Held) => Promise<Renewed>,
) => Promise<Renewed>

export interface RelayParts {
  readonly lock: Lock
  readonly keeper: Keeper
  /** Hides the session in a note: that of a sealed session is nowhere else. */
  readonly box: SealBox
  /** Seconds that one request to the issuer may take. Default 10. */
  readonly timeout?: number | undefined
}

/** The relay of a single process, in which others may have renewed what a store holds. */
export const createLocalRelay =
  (keeper: Keeper): Relay =>
  async (held, suffices, trade) => {
    const found = keeper.inBrowser ? held : await stored(keeper, held)
    return suffices(found) ? { held: found, headers: [] } : trade(found)
  }

async function stored(keeper: Keeper, held: Held): Promise<Held> {
  const found = await keeper.again(held)
  if (found !== undefined) return found
  throw refuse('session_ended', 'The session was ended while its tokens were to be renewed.', {
    trail: { check: 'refresh' },
  })
}

// Seconds. A note is there for as long as old cookies may arrive.
const times = { wait: 15, note: 60 }

/** What a holder leaves behind: the session, and the names of the states that it has followed. */
interface Note {
  readonly session: Session
  readonly before: readonly string[]
}

/** Makes the relay of a lock, across processes. */
export function createRelay({ lock, keeper, box, timeout = 10 }: RelayParts): Relay {
  // Longer than an exchange may take with the metadata, the keys and the store that it needs.
  const lease = timeout + 20
  const read = async (name: string): Promise<Note | undefined> => {
    const text = await asked('note', () => lock.note(name))
    const plain = text === undefined ? undefined : box.open(text)
    // Nobody but us can have sealed it.
    return plain && (JSON.parse(plain.toString()) as Note)
  }

  return async (held, suffices, trade) => {
    const name = `refresh:${digest(held.session.id)}`
    const leased = await take(lock, name, lease)
    let left: string | undefined
    try {
      const note = keeper.inBrowser ? await read(name) : undefined
      const found = keeper.inBrowser ? newer(held, note) : await stored(keeper, held)
      if (suffices(found)) return await shared(keeper, found)
      const renewed = await trade(found)
      if (keeper.inBrowser) left = box.seal(noteOf(found, renewed, note))
      return renewed
    } finally {
      // What was renewed is good even where the lock cannot be given back: then its time runs out.
      const note = left === undefined ? undefined : { text: left, seconds: times.note }
      await asked('release', () => leased.release(note)).catch(() => false)
    }
  }
}

// A note may be older than what the browser shows, where a later one was lost.
const newer = ({ session, mark }: Held, note: Note | undefined): Held =>
  note?.before.includes(stateOf(session))
    ? { session: caughtUp(note.session, session), mark }
    : { session, mark }

function noteOf({ session }: Held, { held }: Renewed, last: Note | undefined): Buffer {
  const before = successors(last?.before, stateOf(session), stateOf(held.session))
  return Buffer.from(JSON.stringify({ session: held.session, before } satisfies Note))
}

/** What somebody else renewed, told to this browser. */
const shared = async (keeper: Keeper, found: Held): Promise<Renewed> =>
  (keeper.inBrowser ? await keeper.change(found, (session) => session) : undefined) ?? {
    held: found,
    headers: [],
  }

async function take(lock: Lock, name: string, seconds: number): Promise<Lease> {
  const until = performance.now() + times.wait * 1000
  for (let pause = 20; performance.now() < until; pause = Math.min(pause * 1.5, 250)) {
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    const lease = await asked('acquire', () => lock.acquire(name, seconds))
    if (lease !== undefined) return lease
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => setTimeout(resolve, pause + Math.random() * pause))
  }
  throw new Outage('store_failed', `the lock was not free within ${times.wait} s`)
}
