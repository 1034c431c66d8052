import { createHash } from 'node:crypto'

/** An id of 20 characters as Okta makes them, always the same for a name. */
export function stableId(prefix: string, name: string): string {
  const digest = createHash('sha512').update(`${prefix}:${name}`).digest('base64')
  return `${prefix}${digest.replace(/[^A-Za-z0-9]/g, '').slice(0, 20 - prefix.length)}`
}
