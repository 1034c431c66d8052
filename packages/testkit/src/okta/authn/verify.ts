import { randomUUID } from 'node:crypto'
import { hasSigned } from '../direct/webauthn.ts'
import type { FactorKind } from '../options.ts'
import { useCode, type Factor, type Person } from '../people.ts'
import { counted } from '../verify.ts'
import { notFound, readJson, type Answer, type Call } from '../wire.ts'
import { promptResult, startChallenge } from './challenge.ts'
import { personOf, require, textOf, type Challenge, type Desk, type Transaction } from './desk.ts'
import { invalidBody, usedPasscode, userLocked, wrongPasscode, wrongState } from './errors.ts'
import { usableFactors } from './factors.ts'
import { advance } from './policy.ts'
import { show } from './render.ts'

type Body = Readonly<Record<string, unknown>>

/** What one call to verify is about. */
interface Proof {
  readonly desk: Desk
  readonly transaction: Transaction
  readonly person: Person
  readonly factor: Factor
  readonly body: Body
  readonly isForAll: boolean
}

/** `POST /factors/{id}/verify`, and `/factors/webauthn/verify` for any passkey. */
export function verifyFactor(desk: Desk, call: Call): Answer {
  const body = readJson(call)
  const transaction = require(desk, body, 'MFA_REQUIRED', 'MFA_CHALLENGE')
  const person = personOf(transaction)
  if (person.status === 'LOCKED_OUT') throw userLocked()
  const id = call.path['id'] ?? ''
  const factor = usableFactors(desk.org, person).find(
    (known) => known.id === id || (id === 'webauthn' && known.kind === id),
  )
  if (factor === undefined) throw notFound(id, 'UserFactor')
  const { challenge } = transaction
  if (challenge !== undefined && challenge.factor !== factor) throw wrongState()
  const isForAll = id === 'webauthn'
  const proof: Proof = { desk, transaction, person, factor, body, isForAll }
  const answer = ways[wayOf(factor.kind)](proof)
  if (answer !== undefined) return answer
  remember(proof, call)
  transaction.used.push(factor.kind)
  return advance(desk, transaction)
}

/** `undefined`: it is proven. */
type Way = (proof: Proof) => Answer | undefined

const wayOf = (kind: FactorKind): keyof typeof ways => {
  if (kind === 'question' || kind === 'webauthn') return kind
  if (kind === 'push' || kind === 'duo') return 'prompt'
  return kind === 'sms' || kind === 'voice' || kind === 'email' ? 'message' : 'generator'
}

const ways = {
  question: ({ desk, person, body }) => {
    const given = textOf(body, 'answer')
    if (given === undefined) throw invalidBody('answer: The field cannot be left blank')
    prove(desk, person, given.toLowerCase() === person.question.answer.toLowerCase(), 'answer')
    return undefined
  },
  generator: ({ desk, person, factor, body }) => {
    const code = textOf(body, 'passCode')
    if (code === undefined) throw invalidBody('passCode: The field cannot be left blank')
    const use = useCode(factor, code, desk.org.now())
    if (use === 'replayed') throw usedPasscode()
    prove(desk, person, use === 'right')
    return undefined
  },
  message: (proof) => {
    const code = textOf(proof.body, 'passCode')
    if (code === undefined) return startAgain(proof)
    prove(proof.desk, proof.person, proof.transaction.challenge?.code === code)
    return undefined
  },
  prompt: (proof) => {
    const { desk, transaction } = proof
    const { challenge } = transaction
    const result = challenge && promptResult(desk, challenge)
    if (result === 'SUCCESS') return undefined
    if (challenge === undefined || result !== 'WAITING') return startAgain(proof)
    transaction.challenge = { ...challenge, isPolled: true }
    return show(desk, transaction)
  },
  webauthn: (proof) => {
    const { body, factor, desk, person, transaction } = proof
    const assertion = assertionOf(body)
    if (assertion === undefined) return startAgain(proof)
    const isRight =
      challengeOf(assertion.clientDataJSON) === transaction.challenge?.nonce &&
      factor.credentials.some((credential) => hasSigned(credential, assertion))
    prove(desk, person, isRight)
    return undefined
  },
} satisfies Readonly<Record<string, Way>>

function startAgain({ desk, transaction, person, factor, isForAll }: Proof): Answer {
  // A poll tells of a refusal once; what is asked after that begins anew.
  const { challenge } = transaction
  if (challenge?.prompt !== undefined && !told.has(challenge)) {
    told.add(challenge)
    return show(desk, transaction)
  }
  transaction.challenge = { ...startChallenge(desk, person, factor, true), isForAll }
  transaction.status = 'MFA_CHALLENGE'
  return show(desk, transaction)
}

const told = new WeakSet<Challenge>()

function prove(
  desk: Desk,
  person: Person,
  isRight: boolean,
  what: 'passcode' | 'answer' = 'passcode',
): void {
  if (counted(desk.org, person, isRight)) return
  throw person.status === 'LOCKED_OUT' ? userLocked() : wrongPasscode(what)
}

function remember({ desk, person, transaction }: Proof, { url }: Call): void {
  const { deviceToken } = transaction.wishes
  const isWanted = url.searchParams.get('rememberDevice') === 'true'
  if (!isWanted || !desk.settings.rememberDevice) return
  desk.remembered.add(`${person.id} ${deviceToken ?? randomUUID()}`)
}

function assertionOf(body: Body) {
  const clientDataJSON = textOf(body, 'clientData')
  const authenticatorData = textOf(body, 'authenticatorData')
  const signature = textOf(body, 'signatureData')
  if (!clientDataJSON || !authenticatorData || !signature) return undefined
  return { clientDataJSON, authenticatorData, signature }
}

/** The challenge that a browser says it was given. */
export function challengeOf(clientData: string): string | undefined {
  try {
    // Node reads both alphabets of base64.
    const data: unknown = JSON.parse(Buffer.from(clientData, 'base64').toString())
    const { challenge }: { challenge?: unknown } = { ...Object(data) }
    return typeof challenge === 'string' ? challenge : undefined
  } catch {
    return undefined
  }
}

/** `POST /factors/{id}/verify/resend`. */
export function resendFactor(desk: Desk, call: Call): Answer {
  const transaction = require(desk, readJson(call), 'MFA_CHALLENGE')
  const { challenge } = transaction
  if (challenge?.code === undefined || challenge.factor.id !== call.path['id']) throw wrongState()
  transaction.challenge = startChallenge(desk, personOf(transaction), challenge.factor, true)
  return show(desk, transaction)
}

/** `POST …/duoCallback`: Duo's page tells that its user has agreed. */
export function duoCallback(desk: Desk, call: Call): Answer {
  const token = call.form.get('stateToken') ?? undefined
  const transaction = require(desk, { stateToken: token }, 'MFA_CHALLENGE', 'MFA_ENROLL_ACTIVATE')
  const prompt = transaction.challenge?.prompt
  const isSigned = (call.form.get('sig_response') ?? '').startsWith('AUTH|')
  if (prompt === undefined || transaction.challenge?.factor.id !== call.path['id'] || !isSigned) {
    throw wrongState()
  }
  prompt.answer = 'APPROVED'
  return { status: 200 }
}
