import { counted } from '../verify.ts'
import { oauthError } from '../wire.ts'
import { invalidGrant } from '../token/code.ts'
import { need, type GrantRequest, type TokenBody } from '../token/grant.ts'
import { checkRate } from '../token/people.ts'
import { isTooFast } from '../token/waiting.ts'
import { conclude } from './conclude.ts'
import { notAssociated, passMfa, requireMfa } from './mfa.ts'
import {
  channelFactors,
  checkOrigin,
  checkSame,
  hasExpired,
  wrongCode,
  type OobTransaction,
} from './transactions.ts'

/** §4.6: a push or a code that was sent, as the first factor. */
export function oobGrant(request: GrantRequest): Promise<TokenBody> {
  const { org, form } = request
  const transaction = find(request)
  if (transaction.mfa !== undefined) throw notAssociated()
  const scope = form.get('scope') ?? ''
  transaction.scope ??= scope
  checkSame('scope', scope, transaction.scope)
  checkSame('acr_values', form.get('acr_values') ?? '', transaction.acr)
  prove(request, transaction)
  const { person, channel } = transaction
  if (person === undefined) throw wrongCode()
  return conclude(request, { person, at: org.now(), factors: [channelFactors[channel]] })
}

/** §4.8: the same as the second factor. */
export function mfaOobGrant(request: GrantRequest): Promise<TokenBody> {
  const { form } = request
  const transaction = find(request)
  const { mfa } = transaction
  if (mfa === undefined) throw notAssociated()
  // One of Okta's own samples leaves the token out.
  const began = form.has('mfa_token') ? requireMfa(request) : mfa
  if (began !== mfa) throw notAssociated()
  if (mfa.oobCode !== transaction.code) throw hasExpired('oob_code')
  checkSame('scope', form.get('scope') ?? '', mfa.scope)
  prove(request, transaction)
  return passMfa(request, mfa, channelFactors[transaction.channel])
}

function find(request: GrantRequest): OobTransaction {
  const transaction = request.org.oob.get(need(request.form, 'oob_code'))
  if (transaction === undefined) throw hasExpired('oob_code')
  checkOrigin(transaction, request)
  return transaction
}

/** Returns when the user has answered well, which uses the code up. */
function prove(request: GrantRequest, transaction: OobTransaction): void {
  if (transaction.channel === 'push') checkPrompt(request, transaction)
  else checkCode(request, transaction)
  request.org.oob.take(transaction.code)
}

function checkPrompt({ org }: GrantRequest, transaction: OobTransaction): void {
  const { person, prompt, lastPoll, code } = transaction
  transaction.lastPoll = org.now()
  if (prompt?.answer === 'APPROVED' && person && counted(org, person, true)) return
  if (prompt?.answer === 'REJECTED') {
    org.oob.take(code)
    throw invalidGrant('User rejected out-of-band authentication prompt.')
  }
  if (isTooFast(org, lastPoll)) {
    throw oauthError(400, 'slow_down', 'Slow down the polling frequency. Please try again later.')
  }
  throw oauthError(
    400,
    'authorization_pending',
    'No user response received on the out-of-band authenticator yet. Continue polling to wait for a response.',
  )
}

function checkCode(request: GrantRequest, { person, expected }: OobTransaction): void {
  const code = need(request.form, 'binding_code')
  if (person === undefined) throw wrongCode()
  checkRate(request, person.login)
  if (!counted(request.org, person, code === expected)) throw wrongCode()
}
