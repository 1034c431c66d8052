import type { Endpoint } from './endpoints.ts'

/** How often each endpoint was asked, faulty answers included. */
export interface RequestCounts<Door extends string = Endpoint> {
  readonly of: (endpoint: Door) => number
  readonly total: () => number
  readonly reset: () => void
}

export interface RequestCounter<Door extends string = Endpoint> extends RequestCounts<Door> {
  readonly add: (endpoint: Door) => void
}

export function createRequestCounter<Door extends string = Endpoint>(): RequestCounter<Door> {
  const counts = new Map<Door, number>()
  return {
    of: (endpoint) => counts.get(endpoint) ?? 0,
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    reset: () => counts.clear(),
    add: (endpoint) => counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1),
  }
}
