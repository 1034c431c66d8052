import { Outage } from '../errors/outage.ts'
import { Refusal } from '../errors/refusal.ts'
import { refusals } from '../errors/table.ts'
import type { HeaderField, Reply } from '../http/reply.ts'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text made harmless inside an HTML page. */
export const html = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => escapes[character] ?? '')

/** What every answer of a login says: it is for this browser, and this time, alone. */
export const noStore: HeaderField = ['Cache-Control', 'no-store']

// The address of a callback holds a code.
const kept: readonly HeaderField[] = [['Referrer-Policy', 'no-referrer'], noStore]

const pageFields: readonly HeaderField[] = [
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"],
  ['X-Content-Type-Options', 'nosniff'],
  ...kept,
]

/** The fields of a page of the application's own, which must not give away its address either. */
export const withPrivacyFields = (headers: readonly HeaderField[]): readonly HeaderField[] => {
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  return [...headers, ...kept.filter(([name]) => !given.has(name.toLowerCase()))]
}

/**
 * The page for a login that did not work. It is made of sentences of our own: nothing that the issuer or
 * the request said stands on it, but for the path to go back to, inside the link.
 */
export function errorPage(error: unknown, again: string, leaving = false): Reply {
  if (Outage.is(error)) {
    const sentence = leaving
      ? 'Signing out could not be completed at the moment.'
      : 'Signing in is not possible at the moment.'
    return page(503, sentence, again, Object.entries(error.headers))
  }
  if (!Refusal.is(error)) throw error
  return page(error.status, refusals[error.code].sentence, again)
}

const page = (
  status: number,
  sentence: string,
  again: string,
  more: readonly HeaderField[] = [],
): Reply => ({
  status,
  headers: [...pageFields, ...more],
  body: document(
    '',
    `<h1>That did not work</h1><p>${html(sentence)}</p><p><a href="${html(again)}">Try again</a></p>`,
  ),
})

/** Goes on by itself, as a redirect does, but so that the browser takes the next request for one of ours. */
export const onward = (location: string, headers: readonly HeaderField[]): Reply => ({
  status: 200,
  headers: [...pageFields, ...headers],
  body: document(
    `<meta http-equiv="refresh" content="0;url=${html(location)}">`,
    `<p><a href="${html(location)}">Go on</a></p>`,
  ),
})

const document = (head: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign-in</title>${head}</head><body>${body}</body></html>`

/** Sends a browser elsewhere. */
export const redirect = (
  status: 302 | 303,
  location: string,
  headers: readonly HeaderField[] = [],
): Reply => ({ status, headers: [['Location', location], noStore, ...headers] })
