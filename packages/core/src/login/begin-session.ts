import type { HeaderField } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { contentOf } from './content.ts'
import { report } from './observe.ts'
import type { Proof } from './proof.ts'
import { safeReturn } from './return-to.ts'
import { forgetAttempt } from './silence.ts'
import type { LoginParts, Site } from './site.ts'

/** Who signs in where. */
export interface Entry {
  readonly parts: LoginParts
  readonly site: Site
  readonly request: HttpRequest
}

/** What a session is begun for. */
export interface Begin {
  readonly proof: Proof
  /** The scopes that were asked for. */
  readonly scope: string
  /** Where to go to, unless `onSignIn` says otherwise. */
  readonly returnTo: string
  /** The id of the session that it takes the place of, where the request cannot show it. */
  readonly before?: string | undefined
}

/** A session that has begun. */
export interface Begun {
  readonly returnTo: string
  readonly headers: readonly HeaderField[]
}

/** Begins the session of whoever is proven, by whichever way. */
export async function beginSession(
  { parts, site, request }: Entry,
  { proof, scope, returnTo, before: earlier }: Begin,
): Promise<Begun> {
  const { claims, subject } = proof
  const made = await parts.options.onSignIn?.({ claims, returnTo, request })
  const content = contentOf(parts, { scope }, proof, made?.data)
  const { headers, before } = await site.keeper.begin(request, content, earlier)
  if (before !== undefined) site.refresher.replace(before)
  report(parts.options.observe, { type: 'signed-in', subject, request })
  return {
    returnTo: made?.returnTo === undefined ? returnTo : safeReturn(made.returnTo, site.base),
    headers: [...headers, ...forgetAttempt(site, request.header('cookie') ?? '')],
  }
}
