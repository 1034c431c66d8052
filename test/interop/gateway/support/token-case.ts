import type { WireRequest } from './wire.ts'

/** A request with a credential of some kind, and what everybody must make of it. */
export interface TokenCase {
  readonly name: string
  readonly request: Omit<WireRequest, 'port'>
  readonly status: 200 | 400 | 401 | 403
  /** `error` of the challenge; absent where RFC 6750 wants none. */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope'
  /** What the upstream must be told, where it differs from `user-1`. */
  readonly subject?: string
}

/** The usual way (RFC 6750 §2.1). */
export const bearer = (token: string): Omit<WireRequest, 'port'> => ({
  fields: [['Authorization', `Bearer ${token}`]],
})

/** A token that nobody may accept. */
export const refusedToken = (name: string, token: string): TokenCase => ({
  name,
  request: bearer(token),
  status: 401,
  error: 'invalid_token',
})
