import type { Person } from '../people.ts'
import { noStore, type Answer } from '../wire.ts'
import { promptResult } from './challenge.ts'
import { lifetime, personOf, type Desk, type Status, type Transaction } from './desk.ts'
import { activationOf, factorList, offerList, shownFactor } from './render-factors.ts'
import { links } from './links.ts'

/** The state of a transaction as the wire has it. */
export function show(desk: Desk, transaction: Transaction): Answer {
  const { status, token, wishes, purpose } = transaction
  const isRecovery = purpose === 'PASSWORD' || purpose === 'UNLOCK'
  return ok({
    stateToken: token,
    expiresAt: expiry(desk),
    status,
    ...(wishes.relayState !== undefined && { relayState: wishes.relayState }),
    ...(isRecovery && { recoveryType: purpose }),
    ...challengeMembers(desk, transaction),
    _embedded: embedded(desk, transaction),
    _links: links(desk, transaction),
  })
}

export const expiry = ({ org }: Desk): string => new Date(org.now() + lifetime * 1000).toISOString()

export const ok = (body: object): Answer => ({ status: 200, headers: noStore, body })

function challengeMembers(desk: Desk, { status, challenge }: Transaction): object {
  if (challenge === undefined) return {}
  if (status === 'RECOVERY_CHALLENGE') return { factorType: challenge.channel }
  const type = challenge.isForAll === true ? 'FACTOR_TYPE' : 'FACTOR'
  if (status === 'MFA_CHALLENGE' && challenge.nonce !== undefined) {
    return { factorResult: 'CHALLENGE', challengeType: type }
  }
  return challenge.prompt === undefined
    ? {}
    : { factorResult: promptResult(desk, challenge), challengeType: type }
}

function embedded(desk: Desk, transaction: Transaction): object {
  const { person, status } = transaction
  return {
    ...(person !== undefined && shownTo(transaction) && { user: userOf(person, status) }),
    ...details[status]?.(desk, transaction),
  }
}

// A recovery says nothing about the user before the code was right.
const shownTo = ({ status }: Transaction): boolean => status !== 'RECOVERY_CHALLENGE'

const details: Partial<Readonly<Record<Status, (desk: Desk, transaction: Transaction) => object>>> =
  {
    MFA_REQUIRED: (desk, transaction) => ({
      factors: factorList(desk, personOf(transaction)),
      policy: rememberPolicy(desk),
    }),
    MFA_CHALLENGE: (desk, transaction) => ({
      ...challenged(desk, transaction),
      policy: rememberPolicy(desk),
    }),
    MFA_ENROLL: (desk, transaction) => ({ factors: offerList(desk, personOf(transaction)) }),
    MFA_ENROLL_ACTIVATE: (desk, transaction) => ({ factor: activationOf(desk, transaction) }),
    PASSWORD_WARN: () => ({
      policy: { expiration: { passwordExpireDays: 5 }, complexity: { minLength: 8 } },
    }),
    PASSWORD_EXPIRED: () => ({ policy: { complexity: { minLength: 8 } } }),
    PASSWORD_RESET: () => ({ policy: { complexity: { minLength: 8 } } }),
  }

function challenged(desk: Desk, transaction: Transaction): object {
  const { challenge } = transaction
  if (challenge?.isForAll !== true) return { factor: shownFactor(desk, transaction) }
  return {
    factors: [shownFactor(desk, transaction)],
    challenge: { challenge: challenge.nonce, userVerification: 'preferred', extensions: {} },
  }
}

const rememberPolicy = ({ settings }: Desk): object => ({
  allowRememberDevice: settings.rememberDevice,
  rememberDeviceLifetimeInMinutes: 5,
  rememberDeviceByDefault: false,
})

export const userOf = (person: Person, status: Status): object => ({
  id: person.id,
  passwordChanged: new Date(person.passwordChanged).toISOString(),
  profile: {
    login: person.login,
    firstName: person.firstName,
    lastName: person.lastName,
    locale: 'en_US',
    timeZone: 'America/Los_Angeles',
  },
  ...(status === 'RECOVERY' && { recovery_question: { question: person.question.text } }),
})
