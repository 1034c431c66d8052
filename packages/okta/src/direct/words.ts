import { printable } from '@portcullis/core'

/** Words of somebody else, cut and in printable ASCII: they can steer no terminal and no log. */
export const printed = (words: string, most: number): string => printable(words.slice(0, most))

const longest = 300

/** The same without what was sent, should it come back. */
export function withoutSecrets(words: string, secrets: readonly string[]): string {
  const clean = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret), formEncoded(secret)])
    .filter((secret) => secret !== '')
    // The longest first: a short one, such as a password of one letter, would leave the pieces of others.
    .toSorted((one, other) => other.length - one.length)
    .reduce((text, secret) => text.replaceAll(secret, '[removed]'), words)
  return printed(clean, longest)
}

const formEncoded = (secret: string): string =>
  new URLSearchParams({ s: secret }).toString().slice(2)
