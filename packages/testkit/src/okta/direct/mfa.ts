import type { FactorKind } from '../options.ts'
import { oauthError } from '../wire.ts'
import { need, type GrantRequest, type TokenBody } from '../token/grant.ts'
import { conclude } from './conclude.ts'
import {
  checkOrigin,
  checkSame,
  hasExpired,
  lifetimes,
  type MfaTransaction,
} from './transactions.ts'

/** The transaction of the request's `mfa_token`, with everything that must not have changed. */
export function requireMfa(request: GrantRequest): MfaTransaction {
  const { org, form } = request
  const transaction = org.mfa.get(need(form, 'mfa_token'))
  if (transaction === undefined) throw hasExpired('mfa_token')
  checkOrigin(transaction, request)
  checkSame('scope', form.get('scope') ?? '', transaction.scope)
  checkSame('acr_values', form.get('acr_values') ?? '', transaction.acr)
  return transaction
}

/** Adds the factor, and ends the transaction unless the policy says no. */
export async function passMfa(
  request: GrantRequest,
  transaction: MfaTransaction,
  kind: FactorKind,
): Promise<TokenBody> {
  const { authentication, token } = transaction
  request.org.mfa.take(token)
  const factors = [...new Set([...authentication.factors, kind])]
  try {
    return await conclude(request, { ...authentication, factors })
  } catch (error) {
    // A code of the same factor once more is no second factor; the user may go on with another.
    if (authentication.factors.includes(kind)) {
      request.org.mfa.put(token, transaction, lifetimes.mfa)
    }
    throw error
  }
}

export const notAssociated = (): Error =>
  oauthError(
    400,
    'invalid_request',
    "The 'oob_code' and the 'mfa_token' provided are not associated with each other. Review the values and try again.",
  )
