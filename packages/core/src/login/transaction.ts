import { ConfigurationError } from '../errors/configuration.ts'
import {
  expireCookie,
  readCookie,
  readCookies,
  writeCookie,
  type CookieAttributes,
} from '../http/cookies.ts'
import type { HeaderField } from '../http/reply.ts'
import { parseObject } from '../lib/json.ts'
import { digest, type SealBox } from '../lib/seal.ts'
import type { AuthorizationParameters } from './parameters.ts'

/** What one attempt to sign in must remember until its answer comes. */
export interface Transaction {
  readonly state: string
  readonly nonce: string
  /** Of PKCE (RFC 7636). */
  readonly verifier: string
  readonly redirectUri: string
  readonly returnTo: string
  /** Epoch milliseconds. */
  readonly begunAt: number
  readonly maxAge?: number
  readonly acr?: readonly string[]
  /** The scopes that were asked for. */
  readonly scope: string
  /** What was asked for beyond the defaults, for when it must be asked for again. */
  readonly wish?: AuthorizationParameters
  /** Nobody asked to sign in: whatever comes of it, the browser goes on to `returnTo`. */
  readonly silent?: true
  /** It has led to a session: whoever comes again goes on. */
  readonly done?: true
}

/** Keeps the transactions of a login in its browser, each in a cookie of its own. */
export interface Transactions {
  /**
   * Keeps a new one, without its way back where it would be too large; of more than five the oldest goes.
   * `cookies` are those of the request that begins it.
   */
  begin(transaction: Transaction, cookies: string): readonly HeaderField[]
  /** The transaction of an answer, or why there is none. */
  find(state: string, cookies: string): Transaction | Missing
  /** Remembers that it has led to a session. */
  finish(transaction: Transaction, cookies: string): readonly HeaderField[]
  /** Forgets one that has failed. */
  drop(state: string): readonly HeaderField[]
}

/** Why an answer has no transaction. */
export type Missing = 'no cookies' | 'no such cookie' | 'expired' | 'unreadable' | 'not begun here'

export interface TransactionCookies {
  readonly name: string
  /** Below which logins begin. */
  readonly rootPath: string
  /** Of the address that the answer comes to. */
  readonly callbackPath: string
  readonly secure: boolean
  /** Whether the answer is posted from another site. */
  readonly crossSite: boolean
}

const most = 5
// RFC 6265 §6.1: browsers drop a larger cookie without a word.
const maxBytes = 4096
/** Seconds that an attempt may take. */
export const lifetime = 600

/** Makes the keeper of a login's transactions. */
export function createTransactions(
  box: SealBox,
  { name, rootPath, callbackPath, secure, crossSite }: TransactionCookies,
  now: () => number,
): Transactions {
  const prefix = secure ? '__Secure-' : ''
  const stem = `${prefix}${name}-login-`
  const attributes: CookieAttributes = {
    path: callbackPath,
    secure,
    sameSite: crossSite ? 'None' : 'Lax',
  }
  // A neighbour of our domain can plant the cookie above, but none that is `__Host-`: whoever begins a
  // login is marked by one. Every request carries the mark, so that the next login can count them.
  const mark = `${secure ? '__Host-' : ''}${name}-attempt-`
  const marking: CookieAttributes = { ...attributes, path: secure ? '/' : rootPath }
  const nameOf = (state: string): string => stem + keyOf(state)
  const write = (transaction: Transaction, seconds: number): HeaderField =>
    writeCookie(nameOf(transaction.state), box.seal(Buffer.from(JSON.stringify(transaction))), {
      ...attributes,
      maxAge: seconds,
    })
  // Better to arrive at the root than not at all.
  const writeNew = (transaction: Transaction): HeaderField => {
    const whole = write(transaction, lifetime)
    if (whole[1].length <= maxBytes) return whole
    const short = write({ ...transaction, returnTo: rootPath }, lifetime)
    if (short[1].length <= maxBytes) return short
    throw new ConfigurationError(
      `a login with so many parameters (a cookie of ${short[1].length} bytes) does not fit into a cookie: ask for less`,
    )
  }
  const expire = (key: string): readonly HeaderField[] => [
    expireCookie(stem + key, attributes),
    expireCookie(mark + key, marking),
  ]
  const secondsLeft = ({ begunAt }: Transaction): number =>
    Math.ceil((begunAt + lifetime * 1000 - now()) / 1000)
  // A clock that was set back must not make a login last for ever; nor may a small step end one.
  const isLive = (seconds: number): boolean => seconds > 0 && seconds <= 2 * lifetime

  return {
    begin: (transaction, cookies) => {
      const own = keyOf(transaction.state)
      // Browsers send the oldest first (RFC 6265 §5.4).
      const before = keysIn(cookies, mark)
      return [
        writeNew(transaction),
        writeCookie(mark + own, '1', { ...marking, maxAge: lifetime }),
        ...before
          .slice(0, 1 - most)
          .slice(-most)
          .flatMap(expire),
      ]
    },
    find: (state, cookies) => {
      const sealed = readCookie(cookies, nameOf(state))
      if (sealed === undefined) return cookies === '' ? 'no cookies' : 'no such cookie'
      if (readCookie(cookies, mark + keyOf(state)) === undefined) return 'not begun here'
      const transaction = read(box.open(sealed))
      if (transaction?.state !== state) return 'unreadable'
      return isLive(secondsLeft(transaction)) ? transaction : 'expired'
    },
    finish: (transaction, cookies) => {
      const { state, returnTo, begunAt } = transaction
      const own = keyOf(state)
      // Logins that began at the same moment may have overlooked each other.
      const surplus = keysIn(cookies, stem)
        .filter((other) => other !== own)
        .slice(most - 1)
      const done: Transaction = { ...emptied, state, returnTo, begunAt, done: true }
      return [
        write(done, Math.min(lifetime, Math.max(1, secondsLeft(transaction)))),
        ...surplus.flatMap(expire),
      ]
    },
    drop: (state) => expire(keyOf(state)),
  }
}

const emptied = { nonce: '', verifier: '', redirectUri: '', scope: '' } as const

const keyOf = (state: string): string => digest(state).slice(0, 16)

/** The keys that cookies of a kind are named by. */
const keysIn = (cookies: string, start: string): readonly string[] =>
  readCookies(cookies, start)
    .map(([name]) => name.slice(start.length))
    .filter((key) => /^[\w-]{16}$/.test(key))

// Nobody but us can have sealed it, and every member was written by `begin` or `finish`.
const read = (plain: Buffer | undefined): Transaction | undefined =>
  plain === undefined ? undefined : (parseObject(plain.toString()) as Transaction | undefined)
