import { ConfigurationError } from '../errors/configuration.ts'
import { Outage } from '../errors/outage.ts'
import { expireCookie, readCookie, writeCookie } from '../http/cookies.ts'
import type { HeaderField } from '../http/reply.ts'
import { checkOptions, flag, fn } from '../lib/assert.ts'
import { createSealBox, digest } from '../lib/seal.ts'
import { asked } from './asked.ts'
import type { Session, SessionOwner } from './session.ts'
import type { CookieSettings, Held, Renewed, Sessions, Vault } from './sessions.ts'
import { sessionChecks, sessionSettings, type SessionOptions } from './settings.ts'
import type { SessionStore, StoredSession } from './store.ts'
import { createBodies, type Bodies } from './stored-body.ts'

/** How sessions are kept in a store. */
export interface StoredSessionOptions extends SessionOptions {
  /**
   * Whether the copy in the store is sealed, so that whoever reads the store learns nothing from it, and
   * whoever writes to it makes no sessions up. Default true.
   */
  readonly encrypt?: boolean
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/**
 * Keeps sessions in a store: the browser holds a random number, and the store knows only its hash. A
 * store that fails, or does not answer within 5 seconds, is an `Outage`.
 *
 * @example
 * createLogin({ ..., sessions: storedSessions(memorySessions(), { secrets: [secret] }) })
 */
export function storedSessions(store: SessionStore, options: StoredSessionOptions): Sessions {
  checkStore(store)
  checkOptions('storedSessions', options, { ...sessionChecks, encrypt: flag, now: fn })
  const { encrypt = true, now = () => Date.now(), ...rest } = options
  const settings = sessionSettings('storedSessions', rest)
  const bodies = createBodies(createSealBox(settings.secrets, 'stored session'), encrypt)
  return {
    kind: 'stored',
    settings,
    box: (purpose) => createSealBox(settings.secrets, purpose),
    open: (cookie) => openVault({ store, bodies, now }, cookie),
  }
}

interface Keeping {
  readonly store: SessionStore
  readonly bodies: Bodies
  readonly now: () => number
}

// 256 bits in base64url; nothing else is worth a question to the store.
const idShape = /^[\w-]{43}$/

function openVault({ store, bodies, now }: Keeping, cookie: CookieSettings): Vault {
  const idOf = (cookies: string): string | undefined => {
    const value = readCookie(cookies, cookie.name)
    return value !== undefined && idShape.test(value) ? value : undefined
  }
  const find = async (id: string): Promise<Held | undefined> => {
    const key = digest(id)
    const stored = await asked('read', () => store.read(key))
    return stored && bodies.open(stored, id, key)
  }
  const write = async (session: Session, seconds: number, expected: number): Promise<boolean> => {
    const key = digest(session.id)
    const stored = {
      body: bodies.write(session, key),
      version: expected + 1,
      expiresAt: now() + seconds * 1000,
      owner: ownerOf(session),
    }
    const isWritten = await asked('write', () => store.write(key, stored, expected))
    return isWritten || (expected === 0 && isThere(store, key, stored))
  }
  return {
    read: (cookies) => {
      const id = idOf(cookies)
      return id === undefined ? undefined : find(id)
    },
    create: async (session, seconds) => {
      if (!(await write(session, seconds, 0))) throw new Outage('store_failed', takenId)
      return [cookieOf(session, cookie, seconds)]
    },
    update: async (held, session, seconds): Promise<Renewed | undefined> => {
      if (!(await write(session, seconds, held.mark))) return undefined
      return {
        held: { session, mark: held.mark + 1 },
        headers: cookie.persistent ? [cookieOf(session, cookie, seconds)] : [],
      }
    },
    again: (held) => find(held.session.id),
    destroy: (held) => asked('destroy', () => store.destroy(digest(held.session.id))),
    destroyBy: (owner) => asked('destroyBy', () => store.destroyBy(owner)),
    forget: (cookies) =>
      readCookie(cookies, cookie.name) === undefined ? [] : [expireCookie(cookie.name, cookie)],
  }
}

const takenId = 'the store says that a new session is there already'

// A client that sends a command again after a lost connection hears "no" the second time, of its own doing.
async function isThere(store: SessionStore, key: string, sent: StoredSession): Promise<boolean> {
  const stored = await asked('read', () => store.read(key))
  return stored?.body === sent.body
}

const cookieOf = ({ id }: Session, cookie: CookieSettings, seconds: number): HeaderField =>
  writeCookie(cookie.name, id, { ...cookie, maxAge: cookie.persistent ? seconds : undefined })

function ownerOf({ issuer, claims: { sub, sid } }: Session): SessionOwner {
  return {
    issuer,
    ...(typeof sub === 'string' && { sub }),
    ...(typeof sid === 'string' && { sid }),
  }
}

const methods = ['read', 'write', 'destroy', 'destroyBy'] as const

function checkStore(store: SessionStore): void {
  const missing = methods.find((method) => typeof store?.[method] !== 'function')
  if (missing !== undefined) {
    throw new ConfigurationError(
      `storedSessions needs a store, for example memorySessions(): this one has no ${missing}()`,
    )
  }
}
