import { LRUCache } from 'lru-cache'
import type { SessionOwner } from './session.ts'
import type { SessionStore, StoredSession } from './store.ts'
import { memoryOptions, type MemoryOptions } from './timed.ts'

/** How many sessions are kept in memory. */
export interface MemorySessionOptions {
  /** Sessions at most; when there are more, those that nobody has used for longest end. Default 10,000. */
  readonly entries?: number
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/** Keeps sessions in the memory of one process: for development, tests and a single server. */
export function memorySessions(options: MemorySessionOptions = {}): SessionStore {
  const { entries, now } = memoryOptions('memorySessions', options satisfies MemoryOptions, 10_000)
  const index = createOwnerIndex()
  const sessions = new LRUCache<string, StoredSession>({
    max: entries,
    // Also called for what is replaced, before the new one is listed.
    dispose: ({ owner }, id) => index.remove(id, owner),
  })
  const live = (id: string): StoredSession | undefined => {
    const stored = sessions.get(id)
    if (stored === undefined || stored.expiresAt > now()) return stored
    sessions.delete(id)
    return undefined
  }
  return {
    read: async (id) => live(id),
    write: async (id, { body, version, expiresAt, owner }, expected) => {
      if ((live(id)?.version ?? 0) !== expected) return false
      sessions.set(id, { body, version, expiresAt, owner: { ...owner } })
      index.add(id, owner)
      return true
    },
    destroy: async (id) => void sessions.delete(id),
    destroyBy: async (owner) => {
      for (const id of index.find(owner)) sessions.delete(id)
    },
  }
}

interface OwnerIndex {
  add(id: string, owner: SessionOwner): void
  remove(id: string, owner: SessionOwner): void
  find(owner: SessionOwner): readonly string[]
}

function createOwnerIndex(): OwnerIndex {
  const lists = new Map<string, Set<string>>()
  return {
    add: (id, owner) => {
      for (const name of namesOf(owner)) {
        const list = lists.get(name)
        if (list === undefined) lists.set(name, new Set([id]))
        else list.add(id)
      }
    },
    remove: (id, owner) => {
      for (const name of namesOf(owner)) {
        const list = lists.get(name)
        list?.delete(id)
        if (list?.size === 0) lists.delete(name)
      }
    },
    find: (owner) => {
      const { issuer, sub, sid } = owner
      const idsOf = (name: string): readonly string[] => [...(lists.get(name) ?? [])]
      if (sub === undefined) return sid === undefined ? [] : idsOf(sidName(issuer, sid))
      if (sid === undefined) return idsOf(subName(issuer, sub))
      const inSid = lists.get(sidName(issuer, sid))
      const both = idsOf(subName(issuer, sub)).filter((id) => inSid?.has(id))
      return [...both, ...idsOf(namelessName(issuer, sub))]
    },
  }
}

const subName = (issuer: string, sub: string): string => JSON.stringify(['sub', issuer, sub])
const sidName = (issuer: string, sid: string): string => JSON.stringify(['sid', issuer, sid])
const namelessName = (issuer: string, sub: string): string =>
  JSON.stringify(['nameless', issuer, sub])

/** The lists in which a session stands. */
const namesOf = ({ issuer, sub, sid }: SessionOwner): readonly string[] => [
  ...(sub === undefined ? [] : [subName(issuer, sub)]),
  ...(sid === undefined ? [] : [sidName(issuer, sid)]),
  ...(sub === undefined || sid !== undefined ? [] : [namelessName(issuer, sub)]),
]
