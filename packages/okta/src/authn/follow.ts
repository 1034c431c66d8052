import { Outage } from '@portcullis/core'
import type { Permission } from '../direct/attempts.ts'
import { failureOf } from './diagnosis.ts'
import { failed, type AuthnFailure, type AuthnFailureCode } from './failure.ts'
import { recordOf, textOf, type Json } from './json.ts'
import { tell, type AuthnAct, type AuthnEvent } from './observe.ts'
import type { AuthnCall } from './options.ts'
import type { AuthnParts } from './parts.ts'
import type { Sent } from './send.ts'
import type { AuthnCancelled, AuthnStep } from './steps.ts'

/** One call, for the org, the limiter and the log. */
export interface Move {
  readonly act: AuthnAct
  readonly url: string
  readonly body: Json
  /** How it is limited. A poll is not: it guesses nothing. */
  readonly counts: 'guess' | 'prompt' | 'nothing'
  readonly factor: string | undefined
  readonly username: string | undefined
  /** Where another try would go on. */
  readonly step: AuthnStep | undefined
  readonly call: AuthnCall
}

type Outcome = AuthnStep | AuthnCancelled

/** Asks the org: limited before, told after, whatever becomes of it. */
export async function follow<Made extends Outcome>(
  parts: AuthnParts,
  move: Move,
  read: (body: Json) => Made,
): Promise<Made | AuthnFailure> {
  const permission = await noted(parts, move, () => permit(parts, move))
  if (!permission.allowed) {
    const { by: field, retryAfter } = permission
    note(parts, move, 'attempts_exhausted')
    return failed('attempts_exhausted', { retryAfter, field, step: move.step })
  }
  const { answer, requestId } = await noted(parts, move, () => ask(parts, move, read))
  if (!isOldNews(move, answer)) {
    note(parts, move, answer.status === 'failed' ? answer.code : answer.status, requestId)
  }
  // A store that fails now will say so at the next attempt; what Okta has given is not lost with it.
  await settle(parts, move, answer, permission).catch(() => undefined)
  return answer
}

/** Tells of an input that was refused before anything was sent. */
export function refuseInput(
  parts: AuthnParts,
  move: Pick<Move, 'act' | 'factor' | 'username' | 'call' | 'step'>,
  field: string,
): AuthnFailure {
  note(parts, move, 'input_refused')
  return failed('input_refused', { field, step: move.step })
}

const permit = (
  { limiter }: AuthnParts,
  { counts, username, call: { address } }: Move,
): Promise<Permission> =>
  counts === 'nothing'
    ? Promise.resolve({ allowed: true, giveBack: () => Promise.resolve() })
    : limiter.take({ kind: counts, username, address })

async function ask<Made extends Outcome>(
  parts: AuthnParts,
  move: Move,
  read: (body: Json) => Made,
): Promise<{ readonly answer: Made | AuthnFailure; readonly requestId: string | undefined }> {
  const { url, body, call, step } = move
  const sent = await parts.send({
    method: 'POST',
    url,
    body,
    headers: parts.headersOf(call),
    secrets: [...parts.secrets, ...secretsOf(body)],
    signal: call.signal,
  })
  const { requestId } = sent
  if (sent.status === 200) return { answer: read(sent.body ?? {}), requestId }
  const isByApiToken = parts.isTrusted && !carriesState(body)
  if (sent.status !== 429) putOff(parts, step)
  return { answer: failureOf(sent, { url, step, isByApiToken }), requestId }
}

/** A wrong answer puts the end off as well: the step opens, sealed from now on, for as long as Okta knows it. */
function putOff({ kept, now }: AuthnParts, step: AuthnStep | undefined): void {
  const found = step && kept.get(step)
  if (step === undefined || found?.reading.lifetime === undefined) return
  const expiresAt = now() + found.reading.lifetime
  kept.set(step, { ...found, reading: { ...found.reading, expiresAt } })
}

/** Tells of what was not answered, too. */
async function noted<T>(parts: AuthnParts, move: Move, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    note(parts, move, Outage.is(error) ? 'outage' : 'aborted')
    throw error
  }
}

const carriesState = (body: Json): boolean =>
  ['stateToken', 'recoveryToken', 'token'].some((name) => body[name] !== undefined)

const open = new Set(['username', 'factorType', 'provider', 'relayState'])

/** Everything of a body that could be secret, wherever it stands. */
const secretsOf = (body: Json): readonly string[] =>
  Object.entries(body).flatMap(([name, value]) => {
    const text = textOf(value)
    if (text !== undefined) return open.has(name) ? [] : [text]
    return secretsOf(recordOf(value) ?? {})
  })

// A prompt that waits is not told of twice: each poll that brings nothing new would be an event.
const isOldNews = ({ act }: Move, answer: Outcome | AuthnFailure): boolean =>
  act === 'poll' && 'isWaiting' in answer && answer.isWaiting

const wrongs: ReadonlySet<AuthnFailureCode> = new Set<AuthnFailureCode>([
  'credentials_wrong',
  'code_wrong',
  'code_reused',
  'answer_wrong',
  'password_refused',
  'locked_out',
])

// Who is locked out learns it in one of two ways, by the policy of the org.
const isWrong = (answer: Outcome | AuthnFailure): boolean =>
  answer.status === 'LOCKED_OUT' || (answer.status === 'failed' && wrongs.has(answer.code))

/** Whether a limit of Okta's kept a message or a prompt from its user. */
const isUnsent = (answer: Outcome | AuthnFailure): boolean =>
  answer.status === 'failed' && (answer.code === 'rate_limited' || answer.code === 'sent_recently')

async function settle(
  { limiter }: AuthnParts,
  { counts, username }: Move,
  answer: Outcome | AuthnFailure,
  permission: Permission,
): Promise<void> {
  const counted = counts === 'guess' ? isWrong(answer) : !isUnsent(answer)
  if (!counted && permission.allowed) await permission.giveBack()
  // Not after a password alone: whoever knows it could guess the second factor for ever.
  const isSignedIn = answer.status === 'SUCCESS' && answer.hasSessionToken
  if (isSignedIn && username !== undefined) await limiter.signedIn(username)
}

function note(
  { observe, now, origin }: AuthnParts,
  { act, factor, username, call }: Pick<Move, 'act' | 'factor' | 'username' | 'call'>,
  outcome: AuthnEvent['outcome'],
  requestId?: Sent['requestId'],
): void {
  const { address } = call
  const at = now()
  tell(observe, {
    type: 'authn',
    at,
    org: origin,
    act,
    factor,
    username,
    address,
    outcome,
    requestId,
  })
}
