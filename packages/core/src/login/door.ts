import type { LoginClient } from '../client/client.ts'
import type { SignedReader } from '../client/signed.ts'
import type { HeaderField, Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import type { Session, SessionOwner } from '../session/session.ts'

/** One more address of a login, such as that of back-channel logout. */
export interface Door {
  /** Below the base URL, unless the login's `routes` say otherwise. */
  readonly path: string
  /** Whether it ends sessions from elsewhere; a login whose sessions cannot be ended so says it when it starts. */
  readonly endsSessions: boolean
  /** Whether it believes whoever knows a `sid`: then it ends only sessions that were begun here. */
  readonly believesAnybody?: boolean
  /** Opens it; called once. */
  open(parts: DoorParts): (request: HttpRequest) => Promise<Reply>
}

/** What a login lends its doors. */
export interface DoorParts {
  readonly client: LoginClient
  readonly readSigned: SignedReader
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Ends sessions wherever they are kept; rejects with an `Outage`. */
  readonly endSessions: (owner: SessionOwner) => Promise<void>
  /** The session of the browser that asks, where there is one. */
  readonly current: (request: HttpRequest) => Promise<Session | undefined>
  /** Takes the session's cookies away from the browser. */
  readonly forget: (request: HttpRequest) => readonly HeaderField[]
}
