import type { Principal } from '@portcullis/core'
import { unspeakable } from './refused.ts'

/** Scopes as one text. One that holds a blank would arrive as two (RFC 6749 §3.3), so it is refused. */
export function scopeText({ scopes, issuer }: Principal): string {
  for (const scope of scopes) {
    if (!/^[\x21-\x7e]*$/.test(scope))
      throw unspeakable('scope', issuer, 'a scope holds more than visible ASCII')
  }
  return scopes.filter((scope) => scope !== '').join(' ')
}

/** An own member: what a prototype holds is nobody's claim. */
export const ownMember = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? // An object that was just asked for this member.
      (value as Readonly<Record<string, unknown>>)[name]
    : undefined
