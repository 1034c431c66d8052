import type { HeaderField } from '../http/reply.ts'

// RFC 9111 §7.3: a cookie in a response keeps no shared cache from storing it, and from giving it to others.
const field: HeaderField = ['Cache-Control', 'private, no-cache']

/** Fields that tell a browser of its session, with one that keeps the response out of shared caches. */
export const unshared = (fields: readonly HeaderField[]): readonly HeaderField[] =>
  fields.length === 0 ? fields : [...fields, field]
