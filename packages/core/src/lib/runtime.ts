/** What the core takes from its surroundings: for tests and unusual hosts. */
export interface Runtime {
  /** Fetches metadata and keys: a proxy, a custom CA, instrumentation. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}
