import type { Adapter, AdapterPayload } from 'oidc-provider'

/** What the server remembers: outlives every instance of oidc-provider, so that keys can rotate. */
export interface Storage {
  readonly adapter: (model: string) => Adapter
  readonly put: (model: string, id: string, payload: AdapterPayload) => void
}

interface Entry {
  readonly payload: AdapterPayload
  readonly expiresAt: number
}

type Shelf = Map<string, Entry>

export function createStorage(): Storage {
  const shelves = new Map<string, Shelf>()
  const shelfOf = (model: string): Shelf => {
    const shelf = shelves.get(model) ?? new Map<string, Entry>()
    shelves.set(model, shelf)
    return shelf
  }
  return {
    adapter: (model) => createAdapter(shelfOf(model)),
    put: (model, id, payload) => {
      shelfOf(model).set(id, { payload, expiresAt: Infinity })
    },
  }
}

function createAdapter(shelf: Shelf): Adapter {
  const find = (matches: (payload: AdapterPayload) => boolean) =>
    [...shelf.values()].map(alive).find((payload) => payload !== undefined && matches(payload))
  return {
    upsert: async (id, payload, expiresIn) => {
      const expiresAt = expiresIn === undefined ? Infinity : Date.now() + expiresIn * 1000
      shelf.set(id, { payload, expiresAt })
    },
    find: async (id) => alive(shelf.get(id)),
    findByUid: async (uid) => find((payload) => payload.uid === uid),
    findByUserCode: async (code) => find((payload) => payload.userCode === code),
    consume: async (id) => {
      const entry = shelf.get(id)
      if (entry) entry.payload.consumed = Math.floor(Date.now() / 1000)
    },
    destroy: async (id) => {
      shelf.delete(id)
    },
    revokeByGrantId: async (grantId) => {
      for (const [id, { payload }] of shelf) if (payload.grantId === grantId) shelf.delete(id)
    },
  }
}

// A minute of grace: whether something has just expired is for oidc-provider to say.
const alive = (entry: Entry | undefined): AdapterPayload | undefined =>
  entry !== undefined && entry.expiresAt + 60_000 > Date.now() ? entry.payload : undefined
