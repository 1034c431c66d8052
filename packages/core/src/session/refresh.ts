import type { RefreshWish } from '../client/client.ts'
import { Outage } from '../errors/outage.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import { lasts } from '../lib/elapsed.ts'
import { isAlive, isFresh, tokenFor, tokenName } from './held-token.ts'
import { createLocalRelay, type Relay } from './relay.ts'
import type { Session } from './session.ts'
import type { Held, Renewed } from './sessions.ts'
import { createSuccession, type Watched } from './succession.ts'
import { createTrade, discard, isOver, type TradeParts } from './trade.ts'

/** Renews the tokens of sessions: once, however many requests and processes want it. */
export interface Refresher {
  /** The session with a live token for the wish, renewed where it must be. A session that cannot be renewed is ended. */
  renew(held: Held, wish: RefreshWish): Promise<Renewed>
  /** What a session was renewed to in this process, where a request still comes with the cookie from before. */
  latest(held: Held): Renewed | undefined
  /** Changes a session but for its tokens, on top of what this process has made of it; `undefined` where it has ended. */
  change(held: Held, change: (session: Session) => Session): Promise<Renewed | undefined>
  /** Has a response that writes the session told when it is renewed, or ends, before the response is sent. */
  watch(held: Held, watched: Watched): void
  /** Whether the issuer has failed so lately that whoever has a live token should not ask it again. */
  rests(): boolean
  /** Forgets a session that has ended; what is still under way cannot bring it back. */
  drop(session: Session): void
  /** The same of one that a login has put another in the place of. */
  replace(session: Pick<Session, 'id'>): void
  hasEnded(session: Session): boolean
  wasReplaced(session: Session): boolean
}

export interface RefresherParts extends TradeParts {
  /** Across processes. */
  readonly relay: Relay | undefined
  /** Told of an outage while the token lives: whoever has it goes on, and nobody else would hear of it. */
  readonly failed: (outage: Outage) => void
}

interface Flight {
  readonly of: string
  readonly landing: Promise<Renewed>
}

// Milliseconds for which an issuer that failed is left in peace.
const rest = 5000

/** Makes a refresher for the sessions of one login. */
export function createRefresher(parts: RefresherParts): Refresher {
  const { now, keeper } = parts
  const relay = parts.relay ?? createLocalRelay(keeper)
  const trade = createTrade(parts)
  const flights = new Map<string, Flight>()
  const succession = createSuccession(now)
  let failedAt: number | undefined

  const serves = ({ session }: Held, wish: RefreshWish): boolean =>
    isFresh(tokenFor(session, wish), now())

  const latest = (held: Held): Renewed | undefined =>
    keeper.inBrowser ? succession.latest(held) : undefined

  const renewOnce = async (held: Held, wish: RefreshWish): Promise<Renewed> => {
    let traded = held.session
    const made = await relay(
      held,
      (found) => serves(found, wish),
      (newest) => {
        traded = newest.session
        return trade(newest, wish)
      },
    )
    const settled = await settle(held, made)
    // What another process had made of it is a state from before this renewal too.
    if (keeper.inBrowser && traded !== held.session) succession.changed(traded, settled)
    return settled
  }

  // Between two steps of a renewal others may end the session, or change its data.
  const settle = async (before: Held, made: Renewed): Promise<Renewed> => {
    if (succession.hasEnded(before.session.id)) {
      await discard(parts.client, made.held.session.refreshToken)
      throw gone()
    }
    const meanwhile = latest(before)
    if (meanwhile !== undefined) {
      const { data } = meanwhile.held.session
      const whole = await keeper.change(made.held, (renewed) => ({
        ...renewed,
        ...(data && { data }),
      }))
      return settle(meanwhile.held, whole ?? made)
    }
    if (keeper.inBrowser) succession.changed(before.session, made)
    return made
  }

  const change: Refresher['change'] = async (held, alter) => {
    // A request that comes with the cookie from before a renewal must not write its tokens back.
    const base = latest(held)?.held ?? held
    const made = await keeper.change(base, alter)
    if (made === undefined || !keeper.inBrowser) return made
    // Somebody was faster: once more, on top of what came of that.
    if (latest(base) !== undefined) return change(base, alter)
    succession.changed(base.session, made)
    return made
  }

  const end = async (held: Held): Promise<void> => {
    succession.end(held.session.id)
    // What the caller must hear is why the session ended, not that the store failed as well.
    await keeper.end(held).catch(() => undefined)
  }

  const fly = async (held: Held, wish: RefreshWish): Promise<Renewed> => {
    try {
      return await renewOnce(held, wish)
    } catch (error) {
      if (Outage.is(error)) {
        failedAt = now()
        if (isAlive(tokenFor(held.session, wish), now())) parts.failed(error)
      }
      if (isOver(error)) await end(held)
      throw error
    }
  }

  const launch = (held: Held, wish: RefreshWish): Promise<Renewed> => {
    const { id } = held.session
    const flight = { of: tokenName(wish), landing: fly(held, wish) }
    flights.set(id, flight)
    const land = () => {
      if (flights.get(id) === flight) flights.delete(id)
    }
    flight.landing.then(land, land)
    return flight.landing
  }

  return {
    latest,
    change,
    watch: ({ session }, watched) => succession.watch(session.id, watched),
    rests: () => failedAt !== undefined && lasts(now() - failedAt, rest),
    drop: ({ id }) => succession.end(id),
    replace: ({ id }) => succession.replace(id),
    hasEnded: ({ id }) => succession.hasEnded(id),
    wasReplaced: ({ id }) => succession.wasReplaced(id),
    renew: async (held, wish) => {
      const { id } = held.session
      let flight = flights.get(id)
      while (flight !== undefined) {
        if (flight.of === tokenName(wish)) return flight.landing
        // A refresh token that rotates can be used by one at a time.
        // oxlint-disable-next-line no-await-in-loop
        await flight.landing.catch(() => undefined)
        flight = flights.get(id)
      }
      if (succession.hasEnded(id)) throw gone()
      const lately = latest(held)
      if (lately !== undefined && serves(lately.held, wish)) return lately
      return launch(lately?.held ?? held, wish)
    },
  }
}

const gone = (): Refusal =>
  refuse('session_ended', 'The session was ended while its tokens were renewed.', {
    trail: { check: 'refresh' },
  })
