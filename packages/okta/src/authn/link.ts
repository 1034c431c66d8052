import { recordOf, textOf, type Json } from './json.ts'

/** A way on that Okta has offered. */
export interface Link {
  readonly href: string
  readonly name: string | undefined
}

/** Reads a link; one that leads away from the org would carry the state token there. */
export function readLink(
  value: unknown,
  origin: string,
  nonsense: (why: string) => Error,
): Link | undefined {
  const link = recordOf(value)
  const href = textOf(link?.['href'])
  if (href === undefined) return undefined
  const url = URL.canParse(href) ? new URL(href) : undefined
  if (url?.origin !== origin || url.username + url.password !== '') {
    throw nonsense(`a link leads away from the org${url?.host ? `, to ${url.host}` : ''}`)
  }
  return { href: url.href, name: textOf(link?.['name']) }
}

/** A page for the browser, anywhere. */
export interface AuthnPage {
  readonly url: string
  /** What to call it, where Okta says so. */
  readonly title: string | undefined
}

/** Reads a link that is for the browser alone, away from the org: nothing is ever sent there. */
export function readPage(value: unknown, origin: string): AuthnPage | undefined {
  const link = recordOf(value)
  const href = textOf(link?.['href']) ?? ''
  if (!isForBrowser(link) || !URL.canParse(href)) return undefined
  const url = new URL(href)
  const isAddress = /^https?:$/.test(url.protocol) && url.username + url.password === ''
  if (!isAddress || url.origin === origin) return undefined
  return { url: url.href, title: textOf(link?.['title']) }
}

function isForBrowser(link: Json | undefined): boolean {
  const allowed: unknown = recordOf(link?.['hints'])?.['allow']
  return Array.isArray(allowed) && allowed.length === 1 && allowed[0] === 'GET'
}

/** One link, or a list of them. */
export const readLinks = (
  value: unknown,
  link: (value: unknown) => Link | undefined,
): readonly Link[] => (Array.isArray(value) ? value : [value]).flatMap((one) => link(one) ?? [])
