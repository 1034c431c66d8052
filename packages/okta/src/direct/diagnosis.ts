import type { DirectFailureCode } from './failure.ts'

/** What was asked, and with what in hand: one error of Okta means another thing after another question. */
export type Step = 'start' | 'challenge' | 'password' | 'otp' | 'code' | 'poll' | 'webauthn'

/** An error answer, read from either envelope. */
export interface Complaint {
  readonly status: number
  /** `error` or `errorCode`. */
  readonly error: string
  readonly description: string
}

/** How an error is told apart. Code and status decide; Okta's words only make the answer more exact. */
interface Row {
  readonly words: RegExp
  readonly code: DirectFailureCode
}

const row = (words: RegExp, code: DirectFailureCode): Row => ({ words, code })

const denials: readonly Row[] = [
  row(/has expired|is expired/i, 'expired'),
  row(/not assigned/i, 'user_not_assigned'),
  row(/policy (?:wasn|was not|isn|is not)/i, 'policy_denied'),
  row(/unable to prompt/i, 'factor_unsuitable'),
  row(/authenticator cannot be used/i, 'factor_unavailable'),
  row(/not challenged for any/i, 'challenge_unneeded'),
  row(/no supported authenticators/i, 'factor_missing'),
  row(/not sufficient to satisfy/i, 'grants_insufficient'),
  row(/grant types required/i, 'grants_disabled'),
  row(/challenge_type/i, 'challenge_unsupported'),
  row(/no_matching_policy|policy evaluation failed/i, 'policy_unmatched'),
  row(/scopes/i, 'scope_refused'),
  row(/network zone/i, 'client_refused'),
  row(/feature/i, 'feature_disabled'),
]

const badGrants: readonly Row[] = [
  row(/uniquely identify/i, 'user_ambiguous'),
  row(/no pending webauthn/i, 'challenge_lost'),
  row(/webauthn authenticators/i, 'assertion_wrong'),
  row(/password has expired/i, 'password_expired'),
  row(/with mfa enabled/i, 'grants_disabled'),
  row(/denied by sign.?on policy/i, 'policy_denied'),
  row(/rejected out-of-band/i, 'rejected'),
  row(/'otp'/i, 'code_wrong'),
]

const badRequests: readonly Row[] = [
  row(/not associated with each other/i, 'state_mismatched'),
  row(/authorization server id/i, 'server_switched'),
  row(/acr_values.* do not match/i, 'acr_switched'),
  row(/webauthn requests|clientDataJSON/i, 'assertion_malformed'),
  row(/client authentication is required/i, 'client_refused'),
  row(/as a 'channel_hint'/i, 'channel_unsupported'),
  row(/as a 'challenge_type'/i, 'challenge_unsupported'),
  row(/as a 'challenge_hint'/i, 'hint_unsupported'),
  row(/as a 'grant_type'/i, 'grant_unsupported'),
  row(/missing|required/i, 'parameter_missing'),
  row(/multiple client credentials/i, 'client_refused'),
]

const byError: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ['access_denied', { rows: denials, otherwise: () => 'denied' }],
  ['no_matching_policy', { rows: [], otherwise: () => 'policy_unmatched' }],
  ['invalid_grant', { rows: badGrants, otherwise: (step) => wrong[step] }],
  ['invalid_request', { rows: badRequests, otherwise: () => 'request_refused' }],
  [
    'invalid_client',
    { rows: [row(/original request/i, 'client_switched')], otherwise: () => 'client_refused' },
  ],
  [
    'invalid_scope',
    { rows: [row(/original request/i, 'scope_switched')], otherwise: () => 'scope_refused' },
  ],
  ['unauthorized_client', { rows: [], otherwise: () => 'grant_unauthorized' }],
  ['unsupported_grant_type', { rows: [], otherwise: () => 'grant_unauthorized' }],
  ['consent_required', { rows: [], otherwise: () => 'consent_required' }],
  ['slow_down', { rows: [], otherwise: () => 'rate_limited' }],
  ['E0000007', { rows: [], otherwise: () => 'server_unknown' }],
  ['E0000015', { rows: [], otherwise: () => 'feature_disabled' }],
  // In no reference; Okta's SDK for Swift reads them.
  ['invalid_otp', { rows: [], otherwise: () => 'code_wrong' }],
  ['oob_rejected', { rows: [], otherwise: () => 'rejected' }],
  ['invalid_challenge_types_supported', { rows: [], otherwise: () => 'challenge_unsupported' }],
])

interface Entry {
  readonly rows: readonly Row[]
  readonly otherwise: (step: Step) => DirectFailureCode
}

/** No error code says what was wrong with a grant: what was sent does. */
const wrong: Readonly<Record<Step, DirectFailureCode>> = {
  start: 'denied',
  challenge: 'denied',
  password: 'credentials_wrong',
  otp: 'code_wrong',
  code: 'code_wrong',
  poll: 'rejected',
  webauthn: 'assertion_wrong',
}

const failedServer: readonly Row[] = [
  row(/out-of-band/i, 'delivery_failed'),
  row(/feature/i, 'feature_disabled'),
]

/** Whether an error is one of those that Okta's endpoints have. */
export const isKnown = (error: string): boolean =>
  byError.has(error) || others.has(error) || /^E\d{7}$/.test(error)

/** The user has not answered yet. Okta's SDK for Swift knows both names, the reference the first one. */
export const isPending = (error: string | undefined): boolean => pending.has(error)

const pending: ReadonlySet<unknown> = new Set([
  'authorization_pending',
  'direct_auth_authorization_pending',
])

const others: ReadonlySet<unknown> = new Set([
  ...pending,
  'server_error',
  'temporarily_unavailable',
])

/** What an error answer of Okta means; `undefined` where it is Okta's own trouble. */
export function diagnose(complaint: Complaint, step: Step): DirectFailureCode | undefined {
  const { status, error, description } = complaint
  if (status === 429) return 'rate_limited'
  const find = (rows: readonly Row[]) => rows.find(({ words }) => words.test(description))?.code
  if (status >= 500 || error === 'server_error') return find(failedServer)
  if (error === '' || error === 'temporarily_unavailable') return undefined
  if (error === 'access_denied' && status === 401) return 'policy_unmatched'
  const known = byError.get(error)
  return known === undefined ? 'request_refused' : (find(known.rows) ?? known.otherwise(step))
}
