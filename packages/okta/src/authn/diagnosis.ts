import { Outage } from '@portcullis/core'
import { failed, failures, type AuthnFailure, type AuthnFailureCode } from './failure.ts'
import { recordOf, textOf, type Json } from './json.ts'
import type { Sent } from './send.ts'
import type { AuthnStep } from './steps.ts'

const codes: ReadonlyMap<string, AuthnFailureCode> = new Map([
  ['E0000001', 'request_refused'],
  ['E0000003', 'request_refused'],
  ['E0000004', 'credentials_wrong'],
  ['E0000006', 'not_permitted'],
  ['E0000007', 'not_found'],
  ['E0000011', 'expired'],
  ['E0000014', 'password_refused'],
  ['E0000015', 'not_permitted'],
  ['E0000034', 'not_permitted'],
  ['E0000038', 'not_permitted'],
  ['E0000047', 'rate_limited'],
  ['E0000068', 'code_wrong'],
  ['E0000069', 'locked_out'],
  ['E0000079', 'state_wrong'],
  ['E0000080', 'password_weak'],
  ['E0000082', 'code_reused'],
  ['E0000083', 'code_wrong'],
  ['E0000087', 'answer_wrong'],
  ['E0000095', 'user_unknown'],
  ['E0000098', 'phone_refused'],
  ['E0000099', 'phone_refused'],
  ['E0000105', 'expired'],
  ['E0000109', 'sent_recently'],
  ['E0000118', 'sent_recently'],
  ['E0000119', 'locked_out'],
  ['E0000121', 'phone_refused'],
  ['E0000133', 'sent_recently'],
])

// Okta allows one message and one call in 30 seconds, and a mail in 5; the reset of the answer is that of
// another limit.
const pauseAfter = (error: string): number => (error === 'E0000118' ? 5 : 30)

/** Where a call came from. */
export interface Origin {
  readonly url: string
  /** Where another try would go on. */
  readonly step: AuthnStep | undefined
  /** Whether the call rested on nothing but our API token. */
  readonly isByApiToken: boolean
}

/** What an error answer means, in either envelope. Throws an `Outage` where it is Okta's own trouble. */
export function failureOf(sent: Sent, { url, step, isByApiToken }: Origin): AuthnFailure {
  const { status, clean, requestId } = sent
  const body = sent.body ?? {}
  const error = textOf(body['errorCode']) ?? textOf(body['error']) ?? ''
  const words = textOf(body['errorSummary']) ?? textOf(body['error_description']) ?? ''
  const description = clean(words)
  const known = status === 429 ? limitOf(error) : codeOf(error, isByApiToken)
  if (known === undefined && isTheirs(status, error)) {
    const said = `it answered ${status} ${clean(error)}: ${description}`
    throw new Outage('endpoint_failed', said, { url, phase: 'status' })
  }
  const code = known ?? 'request_refused'
  return failed(code, {
    retryAfter: code === 'sent_recently' ? pauseAfter(error) : sent.retryAfter,
    step: goesOn(code) ? step : undefined,
    httpStatus: status,
    error: clean(error),
    description,
    causes: causesOf(body).map((cause) => clean(cause)),
    errorId: optional(clean, body['errorId']),
    requestId,
  })
}

const limitOf = (error: string): AuthnFailureCode =>
  codes.get(error) === 'sent_recently' ? 'sent_recently' : 'rate_limited'

// A wrong API token has the error code of a wrong state token.
const codeOf = (error: string, isByApiToken: boolean): AuthnFailureCode | undefined =>
  error === 'E0000011' && isByApiToken ? 'api_token_refused' : codes.get(error)

const isTheirs = (status: number, error: string): boolean =>
  status >= 500 || status < 400 || error === 'server_error' || error === 'temporarily_unavailable'

const goesOn = (code: AuthnFailureCode): boolean => /^(?:input|factor|later)$/.test(failures[code])

const mostCauses = 10

const causesOf = (body: Json): readonly string[] => {
  const causes: unknown = body['errorCauses']
  if (!Array.isArray(causes)) return []
  return causes
    .slice(0, mostCauses)
    .flatMap((cause: unknown) => textOf(recordOf(cause)?.['errorSummary']) ?? [])
}

const optional = (clean: Sent['clean'], value: unknown): string | undefined => {
  const text = textOf(value)
  return text === undefined ? undefined : clean(text)
}
