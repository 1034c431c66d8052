import { createFactor, factorOf, type Person } from '../people.ts'
import { randomText, readJson, type Answer, type Call } from '../wire.ts'
import { checkPause } from './challenge.ts'
import {
  begin,
  personOf,
  require,
  textOf,
  type Challenge,
  type Desk,
  type Recovery,
  type Transaction,
} from './desk.ts'
import {
  accountLocked,
  invalidBody,
  invalidToken,
  noPermission,
  rateLimited,
  unknownUser,
  usedLink,
  wrongAnswer,
  wrongPasscode,
} from './errors.ts'
import { allow } from './links.ts'
import { advance } from './policy.ts'
import { expiry, ok, show, userOf } from './render.ts'
import { isTrustedCaller } from './trust.ts'

/** Seconds that a mailed link lives. */
const linkLifetime = 3600

const channels = { SMS: 'sms', CALL: 'voice' } as const

/** `POST /recovery/password` and `/recovery/unlock`: the public answer is the same for everybody. */
export function recover(desk: Desk, call: Call, purpose: Recovery): Answer {
  const body = readJson(call)
  const username = textOf(body, 'username')
  if (username === undefined) throw invalidBody('username: The field cannot be left blank')
  const factorType = textOf(body, 'factorType')
  const isTrusted = isTrustedCaller(desk.org, call)
  if (!desk.org.limits.takeUser(username)) throw rateLimited()
  const found = desk.org.findPerson(username)
  const relayState = textOf(body, 'relayState')
  if (factorType === undefined) {
    if (!isTrusted) throw noPermission()
    return entrust(desk, found, purpose, relayState)
  }
  const person = found && canRecover(found, purpose) ? found : undefined
  if (factorType === 'EMAIL') return mail(desk, person, purpose, relayState)
  if (factorType === 'SMS' || (factorType === 'CALL' && purpose === 'PASSWORD')) {
    const transaction = begin(desk, { purpose, person, wishes: { relayState } })
    transaction.status = 'RECOVERY_CHALLENGE'
    transaction.challenge = dispatch(desk, person, factorType)
    return show(desk, transaction)
  }
  throw invalidBody('factorType: The field is not valid')
}

const canRecover = ({ status }: Person, purpose: Recovery): boolean =>
  purpose === 'UNLOCK' ? status === 'LOCKED_OUT' : /^(?:ACTIVE|PASSWORD_)/.test(status)

function entrust(
  desk: Desk,
  person: Person | undefined,
  purpose: Recovery,
  relayState: string | undefined,
): Answer {
  if (person === undefined) throw unknownUser()
  if (person.status === 'LOCKED_OUT' && purpose === 'PASSWORD') throw accountLocked()
  const next = allow(`${desk.org.origin}/api/v1/authn/recovery/token`, 'recovery')
  return ok({
    recoveryToken: createLink(desk, person, purpose, relayState),
    expiresAt: expiry(desk),
    status: 'RECOVERY',
    recoveryType: purpose,
    ...(relayState !== undefined && { relayState }),
    _embedded: { user: userOf(person, 'RECOVERY') },
    _links: { next },
  })
}

function createLink(
  desk: Desk,
  person: Person,
  purpose: Recovery,
  relayState: string | undefined,
): string {
  const token = randomText(20)
  desk.links.put(token, { person, purpose, relayState }, linkLifetime)
  return token
}

function mail(
  desk: Desk,
  person: Person | undefined,
  recoveryType: Recovery,
  relayState: string | undefined,
): Answer {
  if (person !== undefined) {
    desk.org.reach(person).send('email', createLink(desk, person, recoveryType, relayState))
  }
  return ok({
    status: 'RECOVERY_CHALLENGE',
    factorResult: 'WAITING',
    factorType: 'EMAIL',
    recoveryType,
    ...(relayState !== undefined && { relayState }),
  })
}

function dispatch(desk: Desk, person: Person | undefined, channel: 'SMS' | 'CALL'): Challenge {
  const way = channels[channel]
  const factor = (person && factorOf(person, way)) ?? createFactor(way, 'nobody')
  const at = desk.org.now()
  // What nobody was sent, nobody can know.
  if (person === undefined) return { factor, channel, at, code: randomText(20) }
  checkPause(desk, person, way)
  return { factor, channel, at, code: desk.org.reach(person).send(way).code }
}

/** `POST /recovery/factors/{SMS|CALL}/verify`. */
export function verifyRecovery(desk: Desk, call: Call): Answer {
  const body = readJson(call)
  const transaction = challengeAt(desk, body, call)
  const passCode = textOf(body, 'passCode')
  if (passCode === undefined) throw invalidBody('passCode: The field cannot be left blank')
  if (transaction.challenge?.code !== passCode) throw missed(desk, transaction, wrongPasscode)
  return proven(desk, transaction)
}

/** `POST /recovery/factors/{SMS|CALL}/resend`. */
export function resendRecovery(desk: Desk, call: Call): Answer {
  const transaction = challengeAt(desk, readJson(call), call)
  const { person, challenge } = transaction
  transaction.challenge = dispatch(desk, person, challenge?.channel ?? 'SMS')
  return show(desk, transaction)
}

function challengeAt(desk: Desk, body: Readonly<Record<string, unknown>>, call: Call): Transaction {
  const transaction = require(desk, body, 'RECOVERY_CHALLENGE')
  if (transaction.challenge?.channel !== call.path['channel']) throw invalidToken()
  return transaction
}

/** `POST /recovery/token`: the token of a mailed link. */
export function recoveryToken(desk: Desk, call: Call): Answer {
  const token = textOf(readJson(call), 'recoveryToken') ?? ''
  if (desk.usedLinks.has(token)) throw usedLink()
  const link = desk.links.get(token)
  if (link === undefined || link.purpose === 'ACTIVATION') throw invalidToken()
  desk.usedLinks.add(token)
  const { person, purpose, relayState } = link
  return proven(desk, begin(desk, { purpose, person, wishes: { relayState } }))
}

function proven(desk: Desk, transaction: Transaction): Answer {
  transaction.challenge = undefined
  transaction.tries = 0
  if (desk.org.usable(personOf(transaction), 'question') === undefined) {
    return recovered(desk, transaction)
  }
  transaction.status = 'RECOVERY'
  return show(desk, transaction)
}

/** `POST /recovery/answer`. */
export function recoveryAnswer(desk: Desk, call: Call): Answer {
  const body = readJson(call)
  const transaction = require(desk, body, 'RECOVERY')
  const { question } = personOf(transaction)
  const isRight = textOf(body, 'answer')?.toLowerCase() === question.answer.toLowerCase()
  if (!isRight) throw missed(desk, transaction, wrongAnswer)
  return recovered(desk, transaction)
}

function recovered(desk: Desk, transaction: Transaction): Answer {
  if (transaction.purpose === 'UNLOCK') {
    Object.assign(personOf(transaction), { status: 'ACTIVE', failures: 0 })
    return advance(desk, transaction)
  }
  transaction.status = 'PASSWORD_RESET'
  return show(desk, transaction)
}

const mostTries = 5

function missed(desk: Desk, transaction: Transaction, wrong: (what: 'passcode') => Error): Error {
  transaction.tries++
  if (transaction.tries >= mostTries) desk.transactions.take(transaction.token)
  return wrong('passcode')
}
