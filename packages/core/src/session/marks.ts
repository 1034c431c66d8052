import { digest } from '../lib/seal.ts'
import { text } from '../lib/text.ts'
import type { Session, SessionOwner } from './session.ts'

// Names under which sessions are revoked. Hashed: a store learns neither ids nor subjects.
const mark = (...parts: readonly string[]): string => digest(JSON.stringify(parts))

/** The mark of one session of ours. */
export const sessionMark = (id: string): string => mark('session', id)

/** The mark of whatever an owner has: of one session at the issuer where it is named, otherwise of the subject. */
export const ownerMark = ({ issuer, sub, sid }: SessionOwner): string =>
  sid === undefined ? mark('sub', issuer, sub ?? '') : mark('sid', issuer, sid, sub ?? '')

/** Every mark that ends a session. */
export function marksOf({ id, issuer, claims }: Session): readonly string[] {
  const [sub, sid] = [text(claims['sub']), text(claims['sid'])]
  const subject = sub === undefined ? [] : [ownerMark({ issuer, sub })]
  if (sid === undefined) return [sessionMark(id), ...subject]
  const both = sub === undefined ? [] : [ownerMark({ issuer, sub, sid })]
  return [sessionMark(id), ...subject, ownerMark({ issuer, sid }), ...both]
}
