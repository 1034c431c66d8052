import type { FactorKind } from '../options.ts'
import { useCode, type Person } from '../people.ts'
import type { Org } from '../org.ts'
import { counted } from '../verify.ts'
import { need, type GrantRequest, type TokenBody } from '../token/grant.ts'
import { checkRate, hinted } from '../token/people.ts'
import { conclude } from './conclude.ts'
import { passMfa, requireMfa } from './mfa.ts'
import { notUsable, wrongCode } from './transactions.ts'

/** §4.5: the code of a generator as the first factor. */
export function otpGrant(request: GrantRequest): Promise<TokenBody> {
  const { org, form } = request
  const login = need(form, 'login_hint')
  const code = need(form, 'otp')
  checkRate(request, login)
  const person = hinted(request, login)
  // As for a wrong code, so that nobody learns who has an account.
  if (person === undefined) throw wrongCode()
  const kind = checkOtp(org, person, code)
  return conclude(request, { person, at: org.now(), factors: [kind] })
}

/** §4.8: the same as the second factor. */
export function mfaOtpGrant(request: GrantRequest): Promise<TokenBody> {
  const { org, form } = request
  const transaction = requireMfa(request)
  const code = need(form, 'otp')
  const { person } = transaction.authentication
  checkRate(request, person.login)
  return passMfa(request, transaction, checkOtp(org, person, code))
}

function checkOtp(org: Org, person: Person, code: string): FactorKind {
  const generators = (['totp', 'google_otp'] as const).flatMap((kind) => {
    const factor = org.usable(person, kind)
    return factor === undefined ? [] : [factor]
  })
  if (generators.length === 0) throw notUsable()
  const right = generators.find((factor) => useCode(factor, code, org.now()) === 'right')
  if (!counted(org, person, right !== undefined) || right === undefined) throw wrongCode()
  return right.kind
}
