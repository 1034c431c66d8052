import { checkPassword } from '../verify.ts'
import { readJson, type Answer, type Call } from '../wire.ts'
import {
  begin,
  require,
  textOf,
  type Desk,
  type Status,
  type Transaction,
  type Wishes,
} from './desk.ts'
import { abandon } from './enroll.ts'
import {
  authenticationFailed,
  invalidBody,
  invalidToken,
  rateLimited,
  wrongState,
} from './errors.ts'
import { allow } from './links.ts'
import { advance } from './policy.ts'
import { ok, show, userOf } from './render.ts'
import { isRequired } from './requirements.ts'
import { isTrustedCaller } from './trust.ts'

type Body = Readonly<Record<string, unknown>>

/** `POST /api/v1/authn`: user name and password, an activation token, or a state token. */
export function primary(desk: Desk, call: Call): Answer {
  const body = readJson(call)
  const isTrusted = isTrustedCaller(desk.org, call)
  if (textOf(body, 'token') !== undefined) return activateUser(desk, body)
  const hasName = textOf(body, 'username') !== undefined
  if (body['stateToken'] !== undefined && !hasName) return show(desk, require(desk, body))
  const { username, password } = credentials(body)
  if (!desk.org.limits.takeUser(username)) throw rateLimited()
  // A step-up began elsewhere; this proves who it is.
  const begun =
    body['stateToken'] === undefined ? undefined : require(desk, body, 'UNAUTHENTICATED')
  const locked = lockedOut(desk, username)
  if (locked !== undefined) return locked
  const person = checkPassword(desk.org, username, password)
  if (person === undefined) throw authenticationFailed()
  const wishes = wishesOf(body, isTrusted)
  const transaction = begun ?? begin(desk, { purpose: 'sign-in', person, wishes })
  transaction.person = person
  transaction.used.push('password')
  return advance(desk, transaction)
}

function credentials(body: Body): { readonly username: string; readonly password: string } {
  const username = textOf(body, 'username')
  const password = textOf(body, 'password')
  if (username === undefined) throw invalidBody('username: The field cannot be left blank')
  if (password === undefined) throw invalidBody('password: The field cannot be left blank')
  return { username, password }
}

function wishesOf(body: Body, isTrusted: boolean): Wishes {
  const options: Body = { ...Object(body['options']) }
  const context: Body = { ...Object(body['context']) }
  const deviceToken = textOf(context, 'deviceToken')
  if (deviceToken !== undefined && deviceToken.length > 32) {
    throw invalidBody('deviceToken: The field is too long')
  }
  return {
    warns: options['warnBeforePasswordExpired'] === true,
    enrollsMore: options['multiOptionalFactorEnroll'] === true,
    relayState: textOf(body, 'relayState'),
    deviceToken: isTrusted ? deviceToken : undefined,
  }
}

function lockedOut(desk: Desk, username: string): Answer | undefined {
  const person = desk.org.findPerson(username)
  if (person?.status !== 'LOCKED_OUT' || !desk.settings.showLockOuts) return undefined
  const next = allow(`${desk.org.origin}/api/v1/authn/recovery/unlock`, 'unlock')
  return ok({
    status: 'LOCKED_OUT',
    _embedded: { user: userOf(person, 'LOCKED_OUT') },
    _links: { next },
  })
}

function activateUser(desk: Desk, body: Body): Answer {
  const link = desk.links.take(textOf(body, 'token'))
  if (link?.purpose !== 'ACTIVATION') throw invalidToken()
  const { person, relayState } = link
  const transaction = begin(desk, { purpose: 'sign-in', person, wishes: { relayState } })
  transaction.status = 'PASSWORD_RESET'
  return show(desk, transaction)
}

const before: Partial<Readonly<Record<Status, Status>>> = {
  MFA_CHALLENGE: 'MFA_REQUIRED',
  MFA_ENROLL_ACTIVATE: 'MFA_ENROLL',
}

/** `POST /previous`. */
export function previous(desk: Desk, call: Call): Answer {
  const transaction = require(desk, readJson(call))
  const status = before[transaction.status]
  if (status === undefined) throw wrongState()
  abandon(transaction)
  transaction.challenge = undefined
  transaction.status = status
  return show(desk, transaction)
}

/** `POST /skip`. */
export function skip(desk: Desk, call: Call): Answer {
  const transaction = require(desk, readJson(call), 'PASSWORD_WARN', 'MFA_ENROLL')
  if (transaction.status === 'MFA_ENROLL' && isRequired(desk, transaction)) throw wrongState()
  transaction.skipped.add(transaction.status)
  return advance(desk, transaction)
}

/** `POST /cancel`: the state token is worth nothing afterwards. */
export function cancel(desk: Desk, call: Call): Answer {
  const transaction: Transaction = require(desk, readJson(call))
  abandon(transaction)
  desk.transactions.take(transaction.token)
  const { relayState } = transaction.wishes
  return ok(relayState === undefined ? {} : { relayState })
}
