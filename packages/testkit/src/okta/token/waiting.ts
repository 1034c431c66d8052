import { evaluate } from '../access-policy.ts'
import type { Waiting } from '../org.ts'
import type { OktaState } from '../state.ts'
import { oauthError } from '../wire.ts'
import { isAssigned } from '../verify.ts'
import { notAssigned } from './people.ts'
import { invalidGrant } from './code.ts'
import { need, type GrantRequest, type TokenBody } from './grant.ts'
import { issue } from './issue.ts'

interface Texts {
  readonly pending: string
  readonly slow: string
  readonly expired: string
  readonly unknown: () => Error
}

/** §3.9.1: a device polls for its user. */
export const deviceGrant = (request: GrantRequest): Promise<TokenBody> =>
  poll(request, request.org.devices.get(need(request.form, 'device_code')), {
    pending: 'The device authorization is pending. Please try again later.',
    slow: 'Slow down the polling frequency. Please try again later.',
    expired: 'The device code has expired.',
    unknown: () => invalidGrant('The device code is invalid or has expired.'),
  })

const ciba = "The 'auth_req_id' is invalid or has expired. Make a new authentication request."

/** §3.9.5: a client polls for somebody at a phone. */
export const cibaGrant = (request: GrantRequest): Promise<TokenBody> =>
  poll(request, request.org.backchannel.get(need(request.form, 'auth_req_id')), {
    pending:
      "The authorization request is still pending as the user hasn't yet been authenticated.",
    slow: 'Slow down the polling frequency. Try again later.',
    expired: ciba,
    unknown: () => oauthError(400, 'expired_token', ciba),
  })

/** Half a second less than the interval is still in time. */
export const isTooFast = ({ now, settings }: OktaState, lastPoll: number): boolean =>
  now() - lastPoll < (settings.pollInterval - 0.5) * 1000

function poll(
  request: GrantRequest,
  waiting: Waiting | undefined,
  texts: Texts,
): Promise<TokenBody> {
  const { app, server, grantType, org } = request
  if (waiting === undefined || waiting.isUsed || waiting.app !== app) throw texts.unknown()
  if (waiting.server.id !== server.id) throw texts.unknown()
  if (waiting.expiresAt <= org.now()) throw oauthError(400, 'expired_token', texts.expired)
  const decision = waiting.decision()
  if (decision === undefined) throw pending(org, waiting, texts)
  waiting.isUsed = true
  if (decision === 'refused') {
    throw oauthError(
      403,
      'access_denied',
      'The resource owner or authorization server denied the request.',
    )
  }
  const { person } = decision
  if (!isAssigned(app, person)) throw notAssigned()
  const { scopes, acr } = waiting
  const rule = evaluate({ server, app, person, grantType, scopes })
  return issue(request, { subject: { scopes, authentication: decision, acr }, rule })
}

function pending(org: OktaState, waiting: Waiting, texts: Texts): Error {
  const tooFast = isTooFast(org, waiting.lastPoll)
  waiting.lastPoll = org.now()
  return tooFast
    ? oauthError(400, 'slow_down', texts.slow)
    : oauthError(400, 'authorization_pending', texts.pending)
}
