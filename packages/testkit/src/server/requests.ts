import type { Endpoint } from './endpoints.ts'

/** How often each endpoint was asked, faulty answers included. */
export interface RequestCounts {
  readonly of: (endpoint: Endpoint) => number
  readonly total: () => number
  readonly reset: () => void
}

export interface RequestCounter extends RequestCounts {
  readonly add: (endpoint: Endpoint) => void
}

export function createRequestCounter(): RequestCounter {
  const counts = new Map<Endpoint, number>()
  return {
    of: (endpoint) => counts.get(endpoint) ?? 0,
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    reset: () => counts.clear(),
    add: (endpoint) => counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1),
  }
}
