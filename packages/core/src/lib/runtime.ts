/** What the core takes from its surroundings: for tests and unusual hosts. */
export interface Runtime {
  /** Sends every request to the issuer: through a proxy, with a CA of your own, measured. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}
