import { createHash } from 'node:crypto'

/** Names of the application become part of a key as hashes: short, without braces, and telling nothing. */
export const hashed = (name: string): string =>
  createHash('sha256').update(name).digest('base64url')

/** Whole milliseconds, at least one: Redis takes no others. */
export const milliseconds = (seconds: number): string =>
  String(Math.max(1, Math.ceil(seconds * 1000)))
