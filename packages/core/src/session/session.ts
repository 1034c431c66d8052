import type { Claims } from '../lib/claims.ts'

/** An access token that a session holds. */
export interface HeldToken {
  readonly value: string
  /** What it was asked for, such as `audience=orders`, or `''` for the one that came with the login. */
  readonly name: string
  /** The scopes that were granted, separated by spaces. */
  readonly scope: string
  /** Epoch seconds; `undefined` where the issuer did not say. */
  readonly expiresAt: number | undefined
  /** Seconds that it was good for when it came. */
  readonly lifetime: number | undefined
}

/** What is kept of a login. Plain JSON. */
export interface SessionContent {
  readonly issuer: string
  readonly client: string
  /** Of the ID token, as far as they are kept. */
  readonly claims: Claims
  /** The scopes that were granted at the login. */
  readonly scope: string
  readonly tokens: readonly HeldToken[]
  readonly refreshToken?: string
  readonly idToken?: string
  /** What the application itself keeps with the session. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** A logged-in browser. */
export interface Session extends SessionContent {
  /** 256 random bits; another one after every login. */
  readonly id: string
  /** Epoch milliseconds of the login. */
  readonly createdAt: number
  /** Epoch milliseconds when the browser was last noted; not at every request. */
  readonly seenAt: number
}

/** Whose session it is, for ending it from elsewhere. */
export interface SessionOwner {
  readonly issuer: string
  readonly sub?: string
  readonly sid?: string
}
