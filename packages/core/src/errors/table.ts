/** The `error` codes of RFC 6750 §3.1 and RFC 9470 §3. */
export type BearerError =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'insufficient_user_authentication'

export interface RefusalEntry {
  readonly status: 400 | 401 | 403
  /** What the challenge names; absent where RFC 6750 wants no error code, or no challenge at all. */
  readonly error?: BearerError
  /** One sentence, for a log and for the page of an error: it names no secret and no person. */
  readonly sentence: string
}

const entry = (
  status: RefusalEntry['status'],
  error: BearerError | undefined,
  sentence: string,
): RefusalEntry => (error === undefined ? { status, sentence } : { status, error, sentence })

const request = (sentence: string): RefusalEntry => entry(400, 'invalid_request', sentence)
const token = (sentence: string): RefusalEntry => entry(401, 'invalid_token', sentence)

/** Every reason a request can be refused for: the only place. `docs/errors.md` is made from it. */
export const refusals: Readonly<Record<RefusalCode, RefusalEntry>> = {
  no_credential: entry(401, undefined, 'The request carries no credential.'),
  scheme_unsupported: entry(
    401,
    undefined,
    'The Authorization header uses a scheme that this guard does not accept.',
  ),
  malformed_credential: request('The Authorization header or the form field cannot be read.'),
  credential_repeated: request('The request carries more than one credential.'),
  token_too_large: token('The token is longer than the guard accepts.'),
  token_malformed: token('The token is not a well-formed signed JWT.'),
  token_header_refused: token('The token header holds something that this guard never follows.'),
  token_type_refused: token('The token is of another kind: an ID token, a logout token, a proof.'),
  token_algorithm_refused: token('The signature algorithm is not among the accepted ones.'),
  token_issuer_unknown: token('The token comes from an issuer that this guard does not trust.'),
  token_audience_refused: token('The token was issued for another audience.'),
  token_expired: token('The token has expired.'),
  token_not_yet_valid: token('The token is not valid yet, or was issued in the future.'),
  token_too_old: token('The token was issued longer ago than `maxTokenAge` allows.'),
  token_claim_missing: token('The token lacks a claim that the guard or the profile demands.'),
  token_claim_invalid: token('A claim of the token has the wrong type or value.'),
  token_key_unknown: token('No key of the issuer fits the token.'),
  token_key_ambiguous: token('The token names no key, and more than one key of the issuer fits.'),
  token_signature_invalid: token('The signature does not verify with the key of the issuer.'),
  token_encrypted: token('The token is encrypted, and the guard has no key to decrypt it.'),
  token_decryption_failed: token('The token cannot be decrypted with the configured keys.'),
  token_unverifiable: token(
    'The token comes from the Okta org authorization server, whose tokens only Okta may validate.',
  ),
  token_revoked: token(
    'The `revoked` hook, or the issuer when it was asked, answered that the token is no longer good.',
  ),
  token_unbound: token('The token is bound to a client key that no enabled constraint proves.'),
  scope_missing: entry(
    403,
    'insufficient_scope',
    'The token lacks a scope that the route demands.',
  ),
  step_up_required: entry(
    401,
    'insufficient_user_authentication',
    'The user was not authenticated as strongly or as lately as the route demands.',
  ),
  claim_refused: entry(403, undefined, 'A claim of the token does not satisfy the route.'),
  forbidden: entry(403, undefined, 'A rule of the route refused the request.'),
  session_ended: entry(
    401,
    undefined,
    'The session has expired, was ended by a logout, or its refresh token is no longer good.',
  ),
  cross_site: entry(
    403,
    undefined,
    'A request that changes something came with a session cookie from another site.',
  ),
  grant_refused: entry(
    400,
    undefined,
    'The issuer refused what was to be traded for tokens: a code, an assertion or a token that is used, wrong or too old.',
  ),
  login_host_unknown: entry(
    400,
    undefined,
    'The request came under a host that is not among the base URLs of the login.',
  ),
  login_unknown: entry(
    400,
    undefined,
    'The answer of the issuer belongs to no login that this browser has begun.',
  ),
  login_answer_invalid: entry(
    400,
    undefined,
    'The answer of the issuer is malformed, came in another way than was asked for, or from another issuer.',
  ),
  login_denied: entry(400, undefined, 'The user, or the issuer for the user, said no.'),
  login_interaction_needed: entry(
    400,
    undefined,
    'The issuer cannot sign the user in without showing a page.',
  ),
  login_unmet: entry(
    400,
    undefined,
    'The user was not authenticated as strongly or as lately as the login demands.',
  ),
  login_request_refused: entry(
    400,
    undefined,
    'The issuer refused the authorization request itself: see its error code in the trail.',
  ),
  id_token_refused: entry(400, undefined, 'The ID token of the issuer does not hold.'),
  logout_refused: entry(
    403,
    undefined,
    'The logout was asked for by another site, or by a link without the token of the session.',
  ),
  logout_token_refused: entry(
    400,
    undefined,
    'The logout token of a back-channel logout does not hold, or was used before.',
  ),
}

/** A stable reason for a refusal; the list is in `docs/errors.md`. */
export type RefusalCode =
  | 'no_credential'
  | 'scheme_unsupported'
  | 'malformed_credential'
  | 'credential_repeated'
  | 'token_too_large'
  | 'token_malformed'
  | 'token_header_refused'
  | 'token_type_refused'
  | 'token_algorithm_refused'
  | 'token_issuer_unknown'
  | 'token_audience_refused'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_too_old'
  | 'token_claim_missing'
  | 'token_claim_invalid'
  | 'token_key_unknown'
  | 'token_key_ambiguous'
  | 'token_signature_invalid'
  | 'token_encrypted'
  | 'token_decryption_failed'
  | 'token_unverifiable'
  | 'token_revoked'
  | 'token_unbound'
  | 'scope_missing'
  | 'step_up_required'
  | 'claim_refused'
  | 'forbidden'
  | 'session_ended'
  | 'cross_site'
  | 'grant_refused'
  | 'login_host_unknown'
  | 'login_unknown'
  | 'login_answer_invalid'
  | 'login_denied'
  | 'login_interaction_needed'
  | 'login_unmet'
  | 'login_request_refused'
  | 'id_token_refused'
  | 'logout_refused'
  | 'logout_token_refused'

/** Every way in which somebody else can fail us: always a 503, never a 401. */
export const outages: Readonly<Record<OutageCode, string>> = {
  issuer_unreachable: 'The metadata of the issuer cannot be fetched.',
  issuer_invalid: 'The metadata of the issuer cannot be used.',
  keys_unreachable: 'The keys of the issuer cannot be fetched.',
  keys_invalid: 'The key set of the issuer cannot be used.',
  revocation_unknown: 'The `revoked` hook failed, so nobody knows whether the token is still good.',
  resolver_failed: 'The issuer resolver failed, so nobody knows whether the issuer is trusted.',
  endpoint_failed: 'The endpoint of the issuer cannot be reached, failed, or answered nonsense.',
  store_failed: 'The store of sessions, locks or marks failed or did not answer in time.',
}

/** A stable name for an outage; the list is in `docs/errors.md`. */
export type OutageCode =
  | 'issuer_unreachable'
  | 'issuer_invalid'
  | 'keys_unreachable'
  | 'keys_invalid'
  | 'revocation_unknown'
  | 'resolver_failed'
  | 'endpoint_failed'
  | 'store_failed'

/** What the wire says: nothing that helps an attacker tell one bad token from another. */
export const wireText = (status: number, error: BearerError | undefined): string => {
  if (error === 'invalid_token') return 'The access token is not accepted.'
  if (error === 'insufficient_user_authentication') {
    return 'A stronger or more recent authentication is required.'
  }
  if (status === 400) return 'The request is malformed.'
  if (status === 401) return 'Authentication is required.'
  return 'Access is denied.'
}
