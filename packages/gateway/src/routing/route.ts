import type { Guard } from '@portcullis/core'

/** One entry of the table, ready for use. */
export interface Route {
  /** For logs and metrics. */
  readonly id: string
  /** Absent where anything may pass. */
  readonly guard: Guard | undefined
  /** The audience of the internal token; absent where none is made. */
  readonly upstream: string | undefined
  /** The methods that it is for; absent where it is for any. */
  readonly methods?: readonly string[]
  /** Whether what it decided on a token may be remembered by a gateway. Default false. */
  readonly lasting?: boolean
}

/** Finds the entry that decides on a request. */
export interface RouteTable {
  readonly routes: readonly Route[]
  /** `host` in lower case without port, `path` in its one canonical form. */
  find(method: string, host: string, path: string): Route | undefined
  /**
   * Whether an entry before the one that fits would fit but for upper and lower case, which many a
   * framework (Express, Koa's router, ASP.NET) does not tell apart.
   */
  slipsPast(method: string, host: string, path: string): boolean
}
