import type { Claims } from '../lib/claims.ts'
import { isRecord, own } from '../lib/own.ts'
import { single, words, type ListOf } from '../lib/lists.ts'
import type { MaybePromise } from '../lib/maybe-promise.ts'
import type { IssuerHealth } from '../issuer/create.ts'
import type { Rule } from './rule.ts'

/** A token that was found genuine, in the words of the guard. */
export interface AccessToken<C = Claims> extends TokenFacts {
  readonly subject: string | undefined
  readonly client: string | undefined
  readonly scopes: readonly string[]
  readonly audience: readonly string[]
  /** Authentication context class, where the issuer says. */
  readonly acr: string | undefined
  /** Authentication methods, where the issuer says. */
  readonly amr: readonly string[]
  /** Epoch seconds of the user's authentication, where the issuer says. */
  readonly authenticatedAt: number | undefined
  readonly claims: C
  /** `cnf`: what the token is bound to; a guard refuses it unless a constraint proves it. */
  readonly confirmation: Claims | undefined
  /** Conditions that the issuer's own options add, asked before the guard's rules. */
  readonly rules: readonly Rule<C>[]
}

/**
 * Tells whether a token is genuine. Throws (or rejects with) a `Refusal` for a bad token and an
 * `Outage` where it cannot know. A synchronous answer saves the request a turn of the event loop.
 */
export interface TokenVerifier<C = Claims> {
  verify(token: string): MaybePromise<AccessToken<C>>
  /** Fetches what the first token would wait for. */
  prewarm?(): Promise<void>
  /** How the issuers behind it fare. Answers at once; may start a fetch that is due in the background. */
  health?(): readonly IssuerHealth[]
}

/** What a verifier knows of a token besides its claims. */
export interface TokenFacts {
  /** The trusted issuer that vouches for the token: exactly the configured string. */
  readonly issuer: string
  /** Epoch seconds. */
  readonly expiresAt: number
}

/** How texts become lists: one for all tokens that say the same, where a verifier remembers them. */
export interface Lists {
  readonly words: ListOf
  readonly single: ListOf
}

const plainLists: Lists = { words, single }

/**
 * Reads what the issuer wrote. Every look-up asks for own members, so that no polluted prototype can
 * grant anything. `claims` is what the application gets to see: the same, or what its schema made of it.
 */
export function readAccessToken<C>(
  written: Claims,
  claims: C,
  { issuer, expiresAt }: TokenFacts,
  rules: readonly Rule<C>[],
  lists: Lists = plainLists,
): AccessToken<C> {
  return {
    issuer,
    subject: text(own(written, 'sub', written['sub'])),
    client: issuedTo(written),
    scopes: readScopes(written, lists),
    audience: strings(own(written, 'aud', written['aud']), lists),
    acr: text(own(written, 'acr', written['acr'])),
    amr: strings(own(written, 'amr', written['amr']), lists),
    authenticatedAt: readNumber(own(written, 'auth_time', written['auth_time'])),
    expiresAt,
    claims,
    confirmation: readConfirmation(written),
    rules,
  }
}

/** To whom a token was issued, under the name that its issuer has for it. */
export const issuedTo = (written: Claims): string | undefined =>
  text(own(written, 'client_id', written['client_id'])) ??
  text(own(written, 'cid', written['cid'])) ??
  text(own(written, 'azp', written['azp'])) ??
  text(own(written, 'appid', written['appid']))

// Okta and Entra write `scp`, some as an array; the others `scope` (RFC 9068 §2.2.3).
function readScopes(claims: Claims, lists: Lists): readonly string[] {
  const scope = own(claims, 'scope', claims['scope']) ?? own(claims, 'scp', claims['scp'])
  return typeof scope === 'string' ? lists.words(scope) : strings(scope, lists)
}

const readConfirmation = (claims: Claims): Claims | undefined => {
  const confirmation = own(claims, 'cnf', claims['cnf'])
  return isRecord(confirmation) ? confirmation : undefined
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const readNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

// Frozen like the claims: the next request with the token gets the same list.
const strings = (value: unknown, { single: alone }: Lists): readonly string[] => {
  if (typeof value === 'string') return alone(value)
  if (!Array.isArray(value)) return none
  return value.every(isString) ? value : Object.freeze(value.filter(isString))
}

const isString = (value: unknown): value is string => typeof value === 'string'

const none: readonly string[] = Object.freeze([])
