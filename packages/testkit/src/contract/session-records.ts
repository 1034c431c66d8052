import type { SessionOwner, SessionStore, StoredSession } from '@portcullis/core'
import type { Trial } from './stores.ts'

export const issuer = 'https://id.example.com'
export const alice: SessionOwner = { issuer, sub: 'alice', sid: 'laptop' }

export type Keep = (id: string, owner?: SessionOwner, seconds?: number) => Promise<boolean>

export const record = (now: number, changes: Partial<StoredSession> = {}): StoredSession => ({
  body: 'body',
  version: 1,
  expiresAt: now + 60_000,
  owner: alice,
  ...changes,
})

/** Makes sessions that are good for a minute. */
export const keeper =
  ({ subject, now }: Trial<SessionStore>): Keep =>
  (id, owner = alice, seconds = 60) =>
    subject.write(id, record(now(), { owner, expiresAt: now() + seconds * 1000 }), 0)

/** Which of some ids are there. */
export async function found(
  subject: SessionStore,
  ...ids: readonly string[]
): Promise<readonly string[]> {
  const sessions = await Promise.all(ids.map((id) => subject.read(id)))
  return ids.filter((_, index) => sessions[index] !== undefined)
}
