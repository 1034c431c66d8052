import type { Base } from './base.ts'

// All but visible ASCII, and the backslash: what a URL parser would drop or turn, and a person not see.
const strange = /[^!-~]|\\/

/**
 * A place within the application to go back to: path and query only. Whatever could lead elsewhere, in
 * any spelling, becomes the root of the application.
 */
export function safeReturn(given: string | null | undefined, base: Base): string {
  const root = `${base.path}/`
  if (given === null || given === undefined || given === '' || given.length > 2000) return root
  if (strange.test(given) || !given.startsWith('/') || given.startsWith('//')) return root
  if (!URL.canParse(given, base.url)) return root
  const { origin, pathname, search, username, password } = new URL(given, base.url)
  if (origin !== base.origin || username + password !== '') return root
  // Resolved dots may have uncovered a path that begins with two slashes.
  return pathname.startsWith('//') ? root : pathname + search
}
