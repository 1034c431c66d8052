import type { FactorKind } from '../options.ts'
import { createFactor, factorOf, useCode, type Factor, type Person } from '../people.ts'
import { notFound, readJson, type Answer, type Call } from '../wire.ts'
import { promptResult, startChallenge } from './challenge.ts'
import { personOf, require, textOf, type Challenge, type Desk, type Transaction } from './desk.ts'
import { invalidBody, wrongPasscode, wrongState } from './errors.ts'
import { kindOf } from './factors.ts'
import { advance } from './policy.ts'
import { show } from './render.ts'
import { challengeOf } from './verify.ts'

type Body = Readonly<Record<string, unknown>>

/** `POST /factors`: begins an enrollment, or makes it at once where there is nothing to prove. */
export function enrollFactor(desk: Desk, call: Call): Answer {
  const body = readJson(call)
  const transaction = require(desk, body, 'MFA_ENROLL')
  const person = personOf(transaction)
  const kind = kindOf(body['factorType'], body['provider'])
  if (kind === undefined || desk.settings.enrollment[kind] === undefined) {
    throw invalidBody('factorType: The field is not valid')
  }
  if (factorOf(person, kind) !== undefined) throw invalidBody('A factor of this type is set up.')
  const factor: Factor = { ...createFactor(kind, person.name), status: 'PENDING_ACTIVATION' }
  takeProfile(desk, person, factor, body)
  person.factors = [...others(person, kind), factor]
  if (isAtOnce(kind)) return enrolled(desk, transaction, factor)
  transaction.challenge = startChallenge(desk, person, factor, false)
  transaction.status = 'MFA_ENROLL_ACTIVATE'
  return show(desk, transaction)
}

const others = (person: Person, kind: FactorKind): readonly Factor[] =>
  person.factors.filter((factor) => factor.kind !== kind)

const atOnce: ReadonlySet<FactorKind> = new Set<FactorKind>([
  'question',
  'rsa',
  'symantec',
  'yubikey',
])

const isAtOnce = (kind: FactorKind): boolean => atOnce.has(kind)

function takeProfile({ org }: Desk, person: Person, factor: Factor, body: Body): void {
  const profile: Body = { ...Object(body['profile']) }
  const { kind } = factor
  if (kind === 'sms' || kind === 'voice') {
    person.phoneNumber = need(profile, 'phoneNumber')
  }
  if (kind === 'question') {
    // The emulator is the one who writes what a user may choose.
    Object.assign(person, {
      question: { text: need(profile, 'question'), answer: need(profile, 'answer') },
    })
  }
  if (isAtOnce(kind) && kind !== 'question') {
    const isRight = useCode(factor, need(body, 'passCode'), org.now()) === 'right'
    if (!isRight) throw wrongPasscode('passcode')
  }
}

function need(body: Body, name: string): string {
  const value = textOf(body, name)
  if (value === undefined) throw invalidBody(`${name}: The field cannot be left blank`)
  return value
}

function enrolled(desk: Desk, transaction: Transaction, factor: Factor): Answer {
  factor.status = 'ACTIVE'
  transaction.used.push(factor.kind)
  return advance(desk, transaction)
}

/** `POST /factors/{id}/lifecycle/activate`, and its `/poll`. */
export function activateFactor(desk: Desk, call: Call): Answer {
  const body = readJson(call)
  const { transaction, challenge } = pending(desk, body, call)
  const { factor, prompt, nonce, code } = challenge
  if (prompt !== undefined) {
    const isDone = promptResult(desk, challenge) === 'SUCCESS'
    return isDone ? enrolled(desk, transaction, factor) : show(desk, transaction)
  }
  if (nonce !== undefined) {
    if (challengeOf(need(body, 'clientData')) !== nonce || need(body, 'attestation').length < 4) {
      throw wrongPasscode('passcode')
    }
    return enrolled(desk, transaction, factor)
  }
  const given = need(body, 'passCode')
  const isRight =
    code === undefined ? useCode(factor, given, desk.org.now()) === 'right' : code === given
  if (!isRight) throw wrongPasscode('passcode')
  return enrolled(desk, transaction, factor)
}

/** `POST /factors/{id}/lifecycle/resend`. */
export function resendActivation(desk: Desk, call: Call): Answer {
  const { transaction, challenge } = pending(desk, readJson(call), call)
  if (challenge.code === undefined) throw wrongState()
  transaction.challenge = startChallenge(desk, personOf(transaction), challenge.factor, false)
  return show(desk, transaction)
}

function pending(
  desk: Desk,
  body: Body,
  call: Call,
): { readonly transaction: Transaction; readonly challenge: Challenge } {
  const transaction = require(desk, body, 'MFA_ENROLL_ACTIVATE')
  const { challenge } = transaction
  const id = call.path['id'] ?? ''
  if (challenge === undefined || challenge.factor.id !== id) throw notFound(id, 'UserFactor')
  return { transaction, challenge }
}

/** Forgets a factor that was not activated. */
export function abandon(transaction: Transaction): void {
  const { challenge, person } = transaction
  if (person === undefined || challenge?.factor.status !== 'PENDING_ACTIVATION') return
  person.factors = person.factors.filter((factor) => factor !== challenge.factor)
}
