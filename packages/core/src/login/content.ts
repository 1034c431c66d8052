import type { Claims } from '../lib/claims.ts'
import { heldToken } from '../session/held-token.ts'
import type { SessionContent } from '../session/session.ts'
import type { Proof } from './proof.ts'
import type { LoginParts } from './site.ts'
import type { Transaction } from './transaction.ts'

// They protect the ID token and its way here, and say nothing about the user.
const protection = new Set([
  'iss',
  'aud',
  'azp',
  'exp',
  'iat',
  'nbf',
  'jti',
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
  'ver',
])
// Without these a session could not be ended from elsewhere, nor stepped up.
const always = new Set(['sub', 'sid', 'acr', 'amr', 'auth_time'])

/** The claims that a session keeps of an ID token. */
export function keptClaims(claims: Claims, wanted: readonly string[] | undefined): Claims {
  const keeps = (name: string): boolean =>
    wanted === undefined ? !protection.has(name) : always.has(name) || wanted.includes(name)
  return Object.fromEntries(Object.entries(claims).filter(([name]) => keeps(name)))
}

// OpenID Connect Core §5.1: what a user is called does not end because a refreshed ID token does not repeat it.
const profile =
  'name given_name family_name middle_name nickname preferred_username profile picture website gender ' +
  'birthdate zoneinfo locale updated_at email email_verified phone_number phone_number_verified address'
const lasting = new Set([...always, ...profile.split(' ')])

/**
 * The claims of a session after a refresh. Who the user is and how they signed in stays where the new ID
 * token does not say it; anything else is gone with it, groups above all: some issuers leave out a claim
 * of which nothing is left.
 */
export const refreshedClaims = (
  before: Claims,
  refreshed: Claims,
  wanted: readonly string[] | undefined,
): Claims => ({
  ...Object.fromEntries(Object.entries(before).filter(([name]) => lasting.has(name))),
  ...keptClaims(refreshed, wanted),
})

/** What a session keeps of a login. */
export function contentOf(
  { client, keeps, options, now }: LoginParts,
  transaction: Pick<Transaction, 'scope'>,
  { claims, tokens }: Proof,
  data: SessionContent['data'],
): SessionContent {
  const { accessToken, expiresIn, refreshToken, idToken } = tokens
  // RFC 6749 §5.1: left out where it is what was asked for; without a token nothing was granted.
  const { scope = accessToken === undefined ? '' : transaction.scope } = tokens
  const { claims: wanted } = options.sessions.settings
  const canRefresh = refreshToken !== undefined && keeps.has('refreshToken')
  const holds = accessToken !== undefined && (keeps.has('accessToken') || canRefresh)
  return {
    issuer: client.issuer.url,
    client: client.id,
    claims: keptClaims(claims, wanted),
    scope,
    tokens: holds ? [heldToken({ accessToken, expiresIn, scope }, '', now(), scope)] : [],
    ...(canRefresh && { refreshToken }),
    ...(idToken !== undefined && keeps.has('idToken') && { idToken }),
    ...(data !== undefined && { data }),
  }
}
