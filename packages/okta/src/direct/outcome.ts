import { Outage } from '@portcullis/core'
import type { DirectAnswer, DirectMfa } from './answer.ts'
import { diagnose, isKnown, type Complaint, type Step } from './diagnosis.ts'
import { failed, failures, type DirectFailureCode } from './failure.ts'
import type { DirectParts } from './parts.ts'
import type { Posted } from './post.ts'
import type { DirectState, Hidden } from './state.ts'
import { readTokens } from './tokens.ts'
import { grantOf } from './wire.ts'

/** An answer, and Okta's name for the request. */
export interface Outcome {
  readonly answer: DirectAnswer
  readonly requestId: string | undefined
}

/** What was asked of an endpoint, on whose behalf. */
export interface Asked {
  readonly step: Step
  readonly url: string
  readonly fields: Readonly<Record<string, string | undefined>>
  readonly username: string | undefined
  readonly hidden: Hidden
  /** Where it was asked from. */
  readonly state?: DirectState
  readonly signal?: AbortSignal | undefined
}

/** What of a call is the same for the whole sign-in, for its first step. */
export const freshHidden = ({ scope, acrValues }: DirectParts): Hidden => ({
  scope,
  acrValues,
  mfaToken: undefined,
  oobCode: undefined,
})

/** Trades something at the token endpoint; what else may follow is in the answer. */
export async function trade(parts: DirectParts, asked: Asked): Promise<Outcome> {
  const { acrValues, scope } = asked.hidden
  const posted = await parts.post(
    asked.url,
    {
      scope,
      acr_values: acrValues,
      grant_types_supported: parts.grantTypes,
      ...asked.fields,
    },
    asked.signal,
  )
  const { requestId } = posted
  if (posted.status === 200) {
    const { checkIdToken } = parts
    const answer = await readTokens(posted, { url: asked.url, scope, acrValues, checkIdToken })
    return { answer, requestId }
  }
  return { answer: mfaOf(parts, asked, posted) ?? failureOf(asked, posted), requestId }
}

// Nobody documents how long an mfa_token lives: Okta says when it has had its time, and so do we after this.
const mfaSeconds = 900

function mfaOf(parts: DirectParts, asked: Asked, { body }: Posted): DirectMfa | undefined {
  const mfaToken = body['mfa_token']
  if (body['error'] !== 'mfa_required' || typeof mfaToken !== 'string') return undefined
  const { scope, acrValues } = asked.hidden
  const supported = body['supported_challenge_types']
  const types = typeof supported === 'string' ? supported.split(' ') : undefined
  const state = parts.vault.keep(
    {
      kind: 'mfa',
      isSecond: true,
      username: asked.username,
      expiresAt: parts.now() + mfaSeconds * 1000,
    },
    { scope, acrValues, mfaToken, oobCode: undefined },
  )
  const next = parts.factors.filter((factor) => types?.includes(grantOf(factor)) ?? true)
  return { status: 'mfa_required', state, next }
}

// Seconds after which it is worth trying again, where Okta does not say: it allows one message in 30
// seconds, and RFC 8628 §3.5 wants 5 more after `slow_down`.
const pauses: Partial<Readonly<Record<DirectFailureCode, number>>> = {
  delivery_failed: 30,
  rate_limited: 5,
}

/** What an error answer is. Rejects with an `Outage` where it is Okta's own trouble. */
export function failureOf({ step, url, state }: Asked, posted: Posted): DirectAnswer {
  const { requestId, clean } = posted
  const complaint = readComplaint(posted)
  const code = diagnose(complaint, step)
  const { status, error } = complaint
  const description = clean(complaint.description)
  if (code === undefined) {
    const said = `it answered ${status} ${error}: ${description}`
    throw new Outage('endpoint_failed', said, { url, phase: 'status' })
  }
  return failed(code, {
    retryAfter: posted.retryAfter ?? pauses[code],
    state: goesOn(code, state) ? state : undefined,
    httpStatus: status,
    error,
    description,
    requestId,
  })
}

const goesOn = (code: DirectFailureCode, state: DirectState | undefined): boolean => {
  const retry = failures[code]
  return retry === 'input' || retry === 'later' || (retry === 'factor' && state?.isSecond === true)
}

/** Either envelope. */
function readComplaint({ status, body, clean }: Posted): Complaint {
  const error = text(body['error']) ?? text(body['errorCode']) ?? ''
  const description = text(body['error_description']) ?? text(body['errorSummary']) ?? ''
  // A code that Okta has is no secret, even where a short one happens to stand in it.
  return { status, error: isKnown(error) ? error : clean(error), description }
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
