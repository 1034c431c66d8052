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
  /** The id of the session of the browser, where the answer will come without its cookie. */
  readonly before?: string
  /** Nobody asked to sign in: whatever comes of it, the browser goes on to `returnTo`. */
  readonly silent?: true
  /** It has led to a session: whoever comes again goes on. */
  readonly done?: true
  /** Its code was traded in vain, and no code may be used twice: whoever comes again begins anew. */
  readonly spent?: true
}

/** Keeps the transactions of a login in its browser, each in a cookie of its own. */
export interface Transactions {
  /**
   * Keeps a new one, without its way back where it would be too large; of more than five, or of more than
   * a proxy takes, the oldest go. `cookies` are those of the request that begins it.
   */
  begin(transaction: Transaction, cookies: string): readonly HeaderField[]
  /** The transaction of an answer, or why there is none. */
  find(state: string, cookies: string): Transaction | Missing
  /** Remembers that it has led to a session. */
  finish(transaction: Transaction, cookies: string): readonly HeaderField[]
  /** Remembers that its code is used up, and what it was for. */
  spend(transaction: Transaction): readonly HeaderField[]
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
// They all come to the callback in one field, of which nginx by default reads 8 kB: two with the longest
// ways back fit into it.
const mostBytes = 7500
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
  // login is marked by one. Every request carries the mark, so that the next login can count them, and
  // what it says is how large they are.
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
  const expire = ([key]: readonly [key: string, ...unknown[]]): readonly HeaderField[] => [
    expireCookie(stem + key, attributes),
    expireCookie(mark + key, marking),
  ]
  const secondsLeft = ({ begunAt }: Transaction): number =>
    Math.ceil((begunAt + lifetime * 1000 - now()) / 1000)
  const keep = (transaction: Transaction): HeaderField =>
    write(transaction, Math.min(lifetime, Math.max(1, secondsLeft(transaction))))
  // A clock that was set back must not make a login last for ever; nor may a small step end one.
  const isLive = (seconds: number): boolean => seconds > 0 && seconds <= 2 * lifetime

  return {
    begin: (transaction, cookies) => {
      const own = keyOf(transaction.state)
      const field = writeNew(transaction)
      const size = field[1].indexOf(';')
      // Browsers send the oldest first (RFC 6265 §5.4).
      const before = marksIn(cookies, mark)
      return [
        field,
        writeCookie(mark + own, String(size), { ...marking, maxAge: lifetime }),
        ...oldest(before, staying(before, mostBytes - size)).flatMap(expire),
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
      const others = marksIn(cookies, mark).filter(([key]) => key !== own)
      const done: Transaction = { ...emptied, state, returnTo, begunAt, done: true }
      return [keep(done), ...oldest(others, most - 1).flatMap(expire)]
    },
    spend: (transaction) => [keep({ ...transaction, ...emptied, spent: true })],
    drop: (state) => expire([keyOf(state)]),
  }
}

const emptied = { nonce: '', verifier: '', redirectUri: '', scope: '' } as const

const keyOf = (state: string): string => digest(state).slice(0, 16)

type Mark = readonly [key: string, bytes: string]

/** The marks of attempts. */
const marksIn = (cookies: string, start: string): readonly Mark[] =>
  readCookies(cookies, start)
    .map(([name, value]): Mark => [name.slice(start.length), value])
    .filter(([key]) => /^[\w-]{16}$/.test(key))

/** How many of the newest attempts may stay, by the bytes that their marks tell. */
function staying(marks: readonly Mark[], room: number): number {
  let left = room
  const newest = marks.toReversed().slice(0, most - 1)
  const over = newest.findIndex(([, bytes]) => (left -= Number(bytes)) < 0)
  return over === -1 ? newest.length : over
}

/** All but the newest; not too many at once, which would not fit into the head of a response. */
const oldest = (marks: readonly Mark[], stay: number): readonly Mark[] =>
  marks.slice(0, Math.max(0, marks.length - stay)).slice(-most)

// Nobody but us can have sealed it, and every member was written by `begin` or `finish`.
const read = (plain: Buffer | undefined): Transaction | undefined =>
  plain === undefined ? undefined : (parseObject(plain.toString()) as Transaction | undefined)
