import { digest } from '../lib/seal.ts'
import { text } from '../lib/text.ts'
import type { Session, SessionOwner } from './session.ts'

// Names under which sessions are revoked. Hashed: a store learns neither ids nor subjects.
const mark = (...parts: readonly string[]): string => digest(JSON.stringify(parts))

/** The mark of one session of ours. */
export const sessionMark = (id: string): string => mark('session', id)

// Of a session of the issuer, whoever's it is, or of a subject in it.
const sidMark = (issuer: string, sid: string, sub = ''): string => mark('sid', issuer, sid, sub)
const subMark = (issuer: string, sub = ''): string => mark('sub', issuer, sub)
// Of a subject's sessions that carry no sid.
const namelessMark = (issuer: string, sub: string): string => mark('nameless', issuer, sub)

/**
 * The marks of whatever an owner has: of one session at the issuer where it is named, otherwise of the
 * subject. Where both are named a session of the subject without a `sid` may be meant as well.
 */
export function ownerMarks({ issuer, sub, sid }: SessionOwner): readonly string[] {
  if (sid === undefined) return [subMark(issuer, sub)]
  if (sub === undefined) return [sidMark(issuer, sid)]
  return [sidMark(issuer, sid, sub), namelessMark(issuer, sub)]
}

/** Notes that a session with a `sid` was begun here; it ends nothing. */
export const begunMark = ({ issuer, sid }: SessionOwner): string => mark('begun', issuer, sid ?? '')

/** Every mark that ends a session. */
export function marksOf({ id, issuer, claims }: Session): readonly string[] {
  const [sub, sid] = [text(claims['sub']), text(claims['sid'])]
  return [
    sessionMark(id),
    ...marksOfToken({
      issuer,
      ...(sub !== undefined && { sub }),
      ...(sid !== undefined && { sid }),
    }),
  ]
}

/** Every mark that ends what belongs to an owner: a session, or a token that was issued to it. */
export function marksOfToken({ issuer, sub, sid }: SessionOwner): readonly string[] {
  const own = sid === undefined ? [] : [sidMark(issuer, sid)]
  if (sub === undefined) return own
  const second = sid === undefined ? namelessMark(issuer, sub) : sidMark(issuer, sid, sub)
  return [...own, subMark(issuer, sub), second]
}
