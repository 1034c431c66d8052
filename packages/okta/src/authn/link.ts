import { recordOf, textOf } from './json.ts'

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
    throw nonsense('a link leads away from the org')
  }
  return { href: url.href, name: textOf(link?.['name']) }
}

/** One link, or a list of them. */
export const readLinks = (
  value: unknown,
  link: (value: unknown) => Link | undefined,
): readonly Link[] => (Array.isArray(value) ? value : [value]).flatMap((one) => link(one) ?? [])
