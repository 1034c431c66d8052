import type { Base } from './base.ts'

// All but visible ASCII, and the backslash: what a URL parser would drop or turn, and a person not see.
const strange = /[^!-~]|\\/

// It travels in a cookie, of which browsers drop what is over 4 kB.
const longest = 2000

/**
 * A place within the application to go back to: path and query only. Whatever could lead elsewhere, in
 * any spelling, becomes the root of the application.
 */
export function safeReturn(given: string | null | undefined, base: Base): string {
  const root = `${base.path}/`
  if (given === null || given === undefined || given.length > longest) return root
  if (strange.test(given) || !given.startsWith('/') || given.startsWith('//')) return root
  if (!URL.canParse(given, base.url)) return root
  const { origin, pathname, search, username, password } = new URL(given, base.url)
  if (origin !== base.origin || username + password !== '') return root
  const place = pathname + search
  // Resolved dots may have uncovered a path that begins with two slashes, and quotes grow when encoded.
  return place.startsWith('//') || place.length > longest ? root : place
}
