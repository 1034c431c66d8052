import type { OktaApp } from '../apps.ts'
import type { Org } from '../org.ts'
import type { Server } from '../servers.ts'
import { oauthError, type Call } from '../wire.ts'

/** A request to the token endpoint of a client that is known. */
export interface GrantRequest {
  readonly org: Org
  readonly server: Server
  readonly app: OktaApp
  readonly call: Call
  readonly form: URLSearchParams
  readonly grantType: string
  /** Thumbprint of the DPoP key, for apps that have theirs bound. */
  readonly jkt: string | undefined
}

/** What the token endpoint answers when all is well. */
export type TokenBody = Readonly<Record<string, unknown>>

export type Grant = (request: GrantRequest) => TokenBody | Promise<TokenBody>

/** A parameter that must be there. */
export function need(form: URLSearchParams, name: string): string {
  const value = form.get(name)
  if (value !== null && value !== '') return value
  throw oauthError(400, 'invalid_request', `The required parameter '${name}' is missing.`)
}
