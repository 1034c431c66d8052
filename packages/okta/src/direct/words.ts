import { printable, withoutSecrets } from '@portcullis/core'

/** Words of somebody else, cut and in printable ASCII: they can steer no terminal and no log. */
export const printed = (words: string, most: number): string => printable(words.slice(0, most))

/** The same without what was sent, should it come back. */
export const cleaned = (words: string, secrets: readonly string[]): string =>
  printed(withoutSecrets(words, secrets), 300)
