import type { TokenSet } from '../client/tokens.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import type { Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import type { Claims } from '../lib/claims.ts'
import { text } from '../lib/text.ts'
import { beginSession } from './begin-session.ts'
import { redirect } from './pages.ts'
import { safeReturn } from './return-to.ts'
import type { LoginParts } from './site.ts'

/** A user who is proven already, by a flow that needs no browser at the issuer. */
export interface ProvenUser {
  /** Of an ID token of the login's own issuer and client, checked, signature included. */
  readonly claims: Claims
  /** The session keeps of them what it keeps of those of any login. */
  readonly tokens: Partial<TokenSet>
  /** The scopes that were asked for. Default: those that were granted. */
  readonly scope?: string
  /** Within the application. Default: the root of the application. */
  readonly returnTo?: string | undefined
}

/** Begins the session of a user who is proven, and answers as the end of any login. */
export async function signInProven(
  parts: LoginParts,
  request: HttpRequest,
  { claims, tokens, scope = tokens.scope ?? '', returnTo }: ProvenUser,
): Promise<Reply> {
  const subject = checkedSubject(parts, claims)
  const site = parts.siteOf(request)
  const proof = { claims, subject, tokens }
  const begin = { proof, scope, returnTo: safeReturn(returnTo, site.base) }
  const { returnTo: place, headers } = await beginSession({ parts, site, request }, begin)
  return redirect(303, site.base.origin + place, headers)
}

// A session is renewed and ended by issuer and client: one of another client could be neither.
function checkedSubject({ client }: LoginParts, claims: Claims): string {
  const { iss, aud } = claims
  const subject = text(claims['sub'])
  const isOurs = iss === client.issuer.url && [aud].flat().includes(client.id)
  if (isOurs && subject !== undefined) return subject
  throw new ConfigurationError(
    "login.signIn must be given the claims of an ID token of the login's own issuer and client",
  )
}
