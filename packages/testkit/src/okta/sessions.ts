import type { FactorKind } from './options.ts'
import type { Person } from './people.ts'
import { randomText } from './wire.ts'

/** That somebody has proven who they are, and how. */
export interface Authentication {
  readonly person: Person
  /** Epoch milliseconds. */
  readonly at: number
  /** In the order of use, each one once. */
  readonly factors: readonly FactorKind[]
  /** The external identity provider that said so. Absent: Okta itself. */
  readonly idp?: string
}

/** A session of the org, as the browser's cookie and the Sessions API know it. */
export interface Session {
  readonly id: string
  /** The value of the `sid` and `idx` cookies. */
  readonly cookie: string
  readonly createdAt: number
  authentication: Authentication
  expiresAt: number
  /** Clients that have got tokens in it, and the issuer of those. */
  readonly clients: Map<string, string>
}

/** The sessions and the tokens that become sessions. */
export interface Sessions {
  readonly start: (authentication: Authentication) => Session
  /** By id or by cookie; `undefined` when it is over. */
  readonly find: (idOrCookie: string | undefined) => Session | undefined
  /** Puts the end off, as any use of a session does. */
  readonly refresh: (session: Session) => void
  readonly end: (session: Session) => void
  readonly endAll: (person: Person) => void
  /** A `sessionToken`: 5 minutes, one use. */
  readonly issueToken: (authentication: Authentication) => string
  /** Uses the token up. */
  readonly redeem: (sessionToken: string) => Authentication | undefined
}

const lifetime = 2 * 60 * 60_000
const tokenLifetime = 5 * 60_000

export function createSessions(now: () => number): Sessions {
  const sessions = new Set<Session>()
  const tokens = new Map<string, { expiresAt: number; authentication: Authentication }>()
  return {
    start: (authentication) => {
      const session = create(authentication, now())
      sessions.add(session)
      return session
    },
    find: (key) =>
      [...sessions].find(
        ({ id, cookie, expiresAt }) => (id === key || cookie === key) && expiresAt > now(),
      ),
    refresh: (session) => {
      session.expiresAt = now() + lifetime
    },
    end: (session) => void sessions.delete(session),
    endAll: (person) => {
      for (const session of sessions) {
        if (session.authentication.person === person) sessions.delete(session)
      }
    },
    issueToken: (authentication) => {
      const token = `20111${randomText(32)}`
      tokens.set(token, { expiresAt: now() + tokenLifetime, authentication })
      return token
    },
    redeem: (token) => {
      const found = tokens.get(token)
      tokens.delete(token)
      return found !== undefined && found.expiresAt > now() ? found.authentication : undefined
    },
  }
}

const create = (authentication: Authentication, now: number): Session => ({
  id: `102${randomText(19)}`,
  cookie: randomText(40),
  createdAt: now,
  authentication,
  expiresAt: now + lifetime,
  clients: new Map(),
})
