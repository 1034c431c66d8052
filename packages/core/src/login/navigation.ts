import type { HttpRequest } from '../http/request.ts'

/** What to do with somebody who is not signed in: `auto` tells a person from a script. */
export type Unauthenticated = 'auto' | 'redirect' | '401'

const purposes = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz']

/** Whether a browser asks before its user does: on hovering over a link, or for a page that a script names. */
export const isAhead = (request: HttpRequest): boolean =>
  purposes.some((name) => /prefetch|prerender|preview/i.test(request.header(name) ?? ''))

/**
 * Whether a person is on the way to a page. Frames, images, prefetches and scripts are not: a login that
 * they begin ends nowhere, and disturbs the one that a person has begun.
 */
export function isNavigation(request: HttpRequest): boolean {
  if (isAhead(request)) return false
  const [mode, destination] = [request.header('sec-fetch-mode'), request.header('sec-fetch-dest')]
  if (mode !== undefined && mode !== 'navigate') return false
  if (destination !== undefined && destination !== 'document') return false
  // No script can write these two; X-Requested-With is also what embedded browsers name themselves in.
  if (mode !== undefined && destination !== undefined) return true
  if (request.header('x-requested-with') !== undefined) return false
  if (mode !== undefined) return true
  // Over plain HTTP browsers do not say; then what they would like to be sent tells.
  return /\btext\/html\b|\bapplication\/xhtml\+xml\b/i.test(request.header('accept') ?? '')
}
