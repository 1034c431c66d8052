import { promptResult } from './challenge.ts'
import type { Challenge, Desk, Status, Transaction } from './desk.ts'
import { isRequired } from './requirements.ts'

type Named = Readonly<Record<string, unknown>>

/** A link that is to be followed by POST. */
export const allow = (href: string, name?: string): Named => ({
  ...(name !== undefined && { name }),
  href,
  hints: { allow: ['POST'] },
})

/** Where one can go from here. */
export function links(desk: Desk, transaction: Transaction): Named {
  const { origin } = desk.org
  const to = (path: string, name?: string) => allow(`${origin}/api/v1/authn${path}`, name)
  return { ...onward[transaction.status]?.(to, desk, transaction), cancel: to('/cancel') }
}

type To = (path: string, name?: string) => Named

const onward: Partial<
  Readonly<Record<Status, (to: To, desk: Desk, transaction: Transaction) => Named>>
> = {
  UNAUTHENTICATED: (to) => ({ next: to('', 'authenticate') }),
  PASSWORD_WARN: (to) => ({
    next: to('/credentials/change_password', 'changePassword'),
    skip: to('/skip', 'skip'),
  }),
  PASSWORD_EXPIRED: (to) => ({ next: to('/credentials/change_password', 'changePassword') }),
  PASSWORD_RESET: (to) => ({ next: to('/credentials/reset_password', 'resetPassword') }),
  RECOVERY: (to) => ({ next: to('/recovery/answer', 'answer') }),
  RECOVERY_CHALLENGE: (to, _desk, { challenge }) => {
    const path = `/recovery/factors/${challenge?.channel ?? 'SMS'}`
    return { next: to(`${path}/verify`, 'verify'), resend: [to(`${path}/resend`, 'resend')] }
  },
  MFA_ENROLL: (to, desk, transaction) =>
    isRequired(desk, transaction) ? {} : { skip: to('/skip', 'skip') },
  MFA_ENROLL_ACTIVATE: (to, desk, { challenge }) =>
    challenge === undefined ? {} : activation(to, desk, challenge),
  MFA_CHALLENGE: (to, desk, { challenge }) =>
    challenge === undefined ? {} : verification(to, desk, challenge),
}

function activation(to: To, desk: Desk, challenge: Challenge): Named {
  const path = `/factors/${challenge.factor.id}/lifecycle`
  const polls = isWaiting(desk, challenge)
  return {
    next: polls ? to(`${path}/activate/poll`, 'poll') : to(`${path}/activate`, 'activate'),
    prev: to('/previous'),
    ...(challenge.code !== undefined && {
      resend: [to(`${path}/resend`, challenge.factor.kind)],
    }),
  }
}

function verification(to: To, desk: Desk, challenge: Challenge): Named {
  const { factor, isForAll, code } = challenge
  const path = `/factors/${isForAll === true ? 'webauthn' : factor.id}/verify`
  return {
    next: to(path, isWaiting(desk, challenge) ? 'poll' : 'verify'),
    prev: to('/previous'),
    ...(code !== undefined && { resend: [to(`${path}/resend`, factor.kind)] }),
  }
}

const isWaiting = (desk: Desk, challenge: Challenge): boolean =>
  challenge.prompt !== undefined && promptResult(desk, challenge) === 'WAITING'
