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
      const [first, second] = namesOf(owner).map((name) => lists.get(name))
      const both = [...(first ?? [])]
      return namesOf(owner).length < 2 ? both : both.filter((id) => second?.has(id))
    },
  }
}

const namesOf = ({ issuer, sub, sid }: SessionOwner): readonly string[] => [
  ...(sub === undefined ? [] : [JSON.stringify(['sub', issuer, sub])]),
  ...(sid === undefined ? [] : [JSON.stringify(['sid', issuer, sid])]),
]
