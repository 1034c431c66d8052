import { ConfigurationError } from '../errors/configuration.ts'
import { expireCookie, readCookies, writeCookie, type CookieAttributes } from '../http/cookies.ts'
import type { HeaderField } from '../http/reply.ts'

// RFC 6265 §6.1: what every browser keeps of a cookie, its name and attributes included.
const maxBytes = 4096
const maxChunks = 9

/**
 * The pieces of a text that a browser sent as the cookies `name`, `name.1`, `name.2` and so on, each
 * in its place. Whether they belong together only the opened seal can tell.
 */
export function findChunks(cookies: string, name: string): readonly (string | undefined)[] {
  const chunks: (string | undefined)[] = []
  for (const [found, value] of readCookies(cookies, name)) {
    const place = placeOf(found, name.length)
    if (place !== undefined) chunks[place] = value
  }
  return chunks
}

/**
 * Puts together as many pieces as the first one asks for: what a longer text has left in the browser
 * is not looked at. Where one is missing, what comes out does not open.
 */
export function joinChunks(chunks: readonly (string | undefined)[]): string | undefined {
  const [first] = chunks
  const count = digit(first, 0)
  if (first === undefined || count === undefined) return undefined
  const text = first.slice(1)
  return count === 1 ? text : text + chunks.slice(1, count).join('')
}

/** Writes a text as cookies of at most 4,096 bytes. */
export function writeChunks(
  name: string,
  text: string,
  attributes: CookieAttributes,
): readonly HeaderField[] {
  const [, empty] = writeCookie(chunkName(name, maxChunks - 1), '', attributes)
  const room = maxBytes - empty.length
  // The first character of all is the count.
  const count = Math.ceil((text.length + 1) / room)
  if (room < 1 || count > maxChunks) {
    throw new ConfigurationError(
      `a session of ${text.length} bytes does not fit into cookies: keep less in it, or use storedSessions`,
    )
  }
  const whole = `${count}${text}`
  return Array.from({ length: count }, (_, place) =>
    writeCookie(chunkName(name, place), whole.slice(place * room, (place + 1) * room), attributes),
  )
}

/** What a browser will send of them. */
export const sentBytes = (written: readonly HeaderField[]): number =>
  written.map(([, field]) => field.slice(0, field.indexOf(';'))).join('; ').length

/** Expires the pieces from one place up to another. */
export const expireRest = (
  name: string,
  attributes: CookieAttributes,
  from: number,
  to: number,
): readonly HeaderField[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) =>
    expireCookie(chunkName(name, from + index), attributes),
  )

/** Expires those pieces that a browser has. */
export const expireChunks = (
  name: string,
  attributes: CookieAttributes,
  chunks: readonly (string | undefined)[],
): readonly HeaderField[] =>
  chunks.flatMap((chunk, place) =>
    chunk === undefined ? [] : [expireCookie(chunkName(name, place), attributes)],
  )

const chunkName = (name: string, place: number): string => (place === 0 ? name : `${name}.${place}`)

function placeOf(found: string, length: number): number | undefined {
  if (found.length === length) return 0
  const place =
    found.length === length + 2 && found.charAt(length) === '.'
      ? digit(found, length + 1)
      : undefined
  return place === maxChunks ? undefined : place
}

function digit(text: string | undefined, at: number): number | undefined {
  const value = (text?.charCodeAt(at) ?? 0) - 0x30
  return value >= 1 && value <= maxChunks ? value : undefined
}
