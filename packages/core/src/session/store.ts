import type { SessionOwner } from './session.ts'

/** Where stored sessions are: memory, Redis, a table. Ids are hashes; whoever reads the store learns none that a browser holds. */
export interface SessionStore {
  read(id: string): Promise<StoredSession | undefined>
  /**
   * Writes, only where the version that is there is `expected` (0: nothing is there), and answers
   * whether it did. In one step: of two writers who read the same version, one must lose.
   */
  write(id: string, stored: StoredSession, expected: number): Promise<boolean>
  /** Removes; it is no error where nothing is there. */
  destroy(id: string): Promise<void>
  /**
   * Removes all sessions of an issuer's session (`sid`), or of a subject (`sub`); with both, those that
   * match both, and those of the subject that have no `sid`.
   */
  destroyBy(owner: SessionOwner): Promise<void>
}

/** What a store keeps of a session. */
export interface StoredSession {
  /** Text; sealed unless the sessions were told otherwise. */
  readonly body: string
  /** 1 for a new session, one more at each write. */
  readonly version: number
  /** Epoch milliseconds after which nobody asks for it again. */
  readonly expiresAt: number
  /** What `destroyBy` finds it by. */
  readonly owner: SessionOwner
}
