import type { HeaderField } from '../http/reply.ts'
import type { MaybePromise } from '../lib/maybe-promise.ts'
import type { SealBox } from '../lib/seal.ts'
import type { Session, SessionOwner } from './session.ts'
import type { SessionSettings } from './settings.ts'

/** How sessions are kept: what `sealedSessions` and `storedSessions` make, and `createLogin` takes. */
export interface Sessions {
  /** Whether the browser holds the session itself, or only its number. */
  readonly kind: 'sealed' | 'stored'
  readonly settings: SessionSettings
  /** Seals what else a login gives a browser to keep. */
  box(purpose: string): SealBox
  /** The sessions of one login, under its cookie. */
  open(cookie: CookieSettings, report: VaultReport): Vault
}

/** The cookie of a login, with every default in place. */
export interface CookieSettings {
  readonly name: string
  readonly path: string
  readonly domain: string | undefined
  readonly secure: boolean
  readonly sameSite: 'Lax' | 'Strict' | 'None'
  /** Whether the cookie outlives the browser's window. */
  readonly persistent: boolean
}

/** What a vault has to tell the operator. */
export interface VaultReport {
  /** A cookie has grown past a size that proxies and servers are known to refuse. */
  readonly large: (bytes: number) => void
}

/** Where the sessions of one login are. Failures of a store are `Outage`s. */
export interface Vault {
  /** Finds the session of the cookies that a request carries. Lifetimes are not looked at. */
  read(cookies: string): MaybePromise<Held | undefined>
  /** Begins to keep a new session, valid for some seconds. The cookies of an older one are replaced. */
  create(session: Session, seconds: number, cookies: string): MaybePromise<readonly HeaderField[]>
  /** Keeps it from now on as it is given; `undefined` where somebody else was faster, or has ended it. */
  update(held: Held, session: Session, seconds: number): MaybePromise<Renewed | undefined>
  /** What others have made of it in the meantime; the same where nobody else can. */
  again(held: Held): MaybePromise<Held | undefined>
  /** Forgets it. */
  destroy(held: Named): MaybePromise<void>
  /** Ends all sessions of a subject, or of a session of the issuer; absent where nobody but the browser keeps them. */
  destroyBy?(owner: SessionOwner): Promise<void>
  /** Takes the cookies away from the browser. */
  forget(cookies: string): readonly HeaderField[]
}

/** A session of which no more than the id need be known. */
export interface Named {
  readonly session: Pick<Session, 'id'>
}

/** A session as a vault found it. */
export interface Held {
  readonly session: Session
  /** The vault's own. */
  readonly mark: number
}

/** A session as it is kept from now on, and what the browser is told of it. */
export interface Renewed {
  readonly held: Held
  /** `Set-Cookie`, where the browser must be told. */
  readonly headers: readonly HeaderField[]
}
