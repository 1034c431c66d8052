import type { RequestListener } from 'node:http'
import type { Guard, Handler, Principal, Rule } from '@portcullis/core'

/** What a host may be unable to do by its nature; the properties that need it are left out. */
export type Capability =
  /** Applications can be mounted below a path. */
  | 'mounting'
  /** The host can be told to believe `X-Forwarded-*`. */
  | 'proxy'
  /** The host parses bodies before the guard is asked. */
  | 'parsedBody'
  /** The response can begin before the guard is asked. */
  | 'sendFirst'
  /** Errors go through a handler of the application. */
  | 'errorHandler'
  /** The application answers requests of `node:http2`. */
  | 'http2'

/** How a route reads who is calling: the adapter's own two functions, bound to the request. */
export interface Reading {
  readonly principal: () => Principal
  readonly optionalPrincipal: () => Principal | undefined
}

/**
 * The application that the suite wants. It answers any method on two paths, each with the JSON of
 * `answer(...)`: `${mount}/guarded` behind `protect(guard, ...rules)`, and `/unguarded` behind nothing.
 */
export interface Setup {
  readonly guard: Guard
  readonly rules: readonly Rule[]
  readonly answer: (reading: Reading) => unknown
  /** Where the router with the guarded route is mounted: `''` or a path. */
  readonly mount: string
  /** Mounted with `routes` before everything else. */
  readonly handler?: Handler
  /** Believe `X-Forwarded-*`. */
  readonly proxy: boolean
  /** Parse form bodies first. */
  readonly parsedBody: boolean
  /** Parse JSON bodies first, and no others: what a parser puts in their place must hide no form. */
  readonly parsedJson?: boolean
  /** Write `early` into the response before the guard is asked. */
  readonly sendFirst: boolean
  /** Where present: the application's own error handler, which sends the status that this returns. */
  readonly onError?: (error: unknown) => number
}

/** An adapter to be proven. */
export interface AdapterUnderTest {
  /** Of the adapter and the host, for example `Express 5`. */
  readonly name: string
  /** Makes the application; nothing is listening yet. */
  readonly createApp: (setup: Setup) => RequestListener
  readonly lacks?: readonly Capability[]
}

/** The two functions of Vitest, Jest or `node:test` that the suite needs. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, body: () => Promise<void>) => unknown
}
