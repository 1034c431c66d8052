import { Outage, Refusal, tell } from '@portcullis/core'
import type { DirectAnswer } from './answer.ts'
import type { Permission } from './attempts.ts'
import { failed } from './failure.ts'
import type { DirectEvent } from './observe.ts'
import type { Outcome } from './outcome.ts'
import type { DirectParts } from './parts.ts'
import type { DirectState } from './state.ts'
import type { Factor } from './wire.ts'

/** What is about to be done, for limiter and log. */
export interface Act {
  readonly factor: Factor
  readonly isSecond: boolean
  readonly act: 'start' | 'verify'
  /** How it is limited. A poll is not: it guesses nothing. */
  readonly kind: 'guess' | 'prompt' | 'poll'
  readonly username: string | undefined
  readonly address: string | undefined
  /** Where another try would go on. */
  readonly state?: DirectState
}

/** Does something that counts: limited before, told after, whatever becomes of it. */
export async function attempt(
  parts: DirectParts,
  act: Act,
  send: () => Promise<Outcome>,
): Promise<DirectAnswer> {
  const permission = await noted(parts, act, () => permit(parts, act))
  if (!permission.allowed) {
    const refused = failed('attempts_exhausted', {
      retryAfter: permission.retryAfter,
      field: permission.by,
      state: act.state,
    })
    note(parts, act, refused.code)
    return refused
  }
  const { answer, requestId } = await noted(parts, act, send)
  // A prompt that is out is not told twice: each poll that brings nothing new would be an event.
  if (act.kind !== 'poll' || answer.status !== 'pending') {
    note(parts, act, answer.status === 'failed' ? answer.code : answer.status, requestId)
  }
  // A store that fails now will say so at the next attempt; what Okta has given is not lost with it.
  await settle(parts, act, answer, permission).catch(() => undefined)
  return answer
}

/** Tells of a sign-in that has had its time: nothing is sent any more. */
export function tooLate(parts: DirectParts, act: Omit<Act, 'kind'>): DirectAnswer {
  note(parts, { ...act, kind: 'guess' }, 'expired')
  return failed('expired')
}

/** Tells of an input that was refused before anything was sent. */
export function refuseInput(
  parts: DirectParts,
  act: Omit<Act, 'kind'>,
  field: string,
  state?: DirectState,
): DirectAnswer {
  note(parts, { ...act, kind: 'guess' }, 'input_refused')
  return failed('input_refused', { field, state })
}

const permit = ({ limiter }: DirectParts, { kind, username, address }: Act): Promise<Permission> =>
  kind === 'poll' ? Promise.resolve(free) : limiter.take({ kind, username, address })

const free: Permission = { allowed: true, giveBack: () => Promise.resolve() }

/** Tells of what was not answered, too. */
async function noted<T>(parts: DirectParts, act: Act, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    note(parts, act, Outage.is(error) ? 'outage' : endOf(error))
    throw error
  }
}

const endOf = (error: unknown): 'id_token_refused' | 'aborted' =>
  Refusal.is(error) ? 'id_token_refused' : 'aborted'

async function settle(
  { limiter }: DirectParts,
  { kind, username }: Act,
  answer: DirectAnswer,
  permission: Permission,
): Promise<void> {
  const { status } = answer
  const isSignedIn = status === 'tokens' || status === 'attested'
  const isRight = kind === 'guess' && (isSignedIn || status === 'mfa_required')
  // What a limit of Okta's turned away was neither tried nor sent to anybody.
  const isUntried = status === 'failed' && answer.code === 'rate_limited'
  if ((isRight || isUntried) && permission.allowed) await permission.giveBack()
  // Not after a first factor alone: whoever knows the password could guess the second one for ever.
  if (isSignedIn && username !== undefined) await limiter.signedIn(username)
}

function note(
  { observe, now, server, clientId }: DirectParts,
  { factor, isSecond, act, username, address }: Act,
  outcome: DirectEvent['outcome'],
  requestId?: string,
): void {
  tell(observe, {
    type: 'attempt',
    at: now(),
    issuer: server.issuer,
    client: clientId,
    factor,
    step: isSecond ? 'second' : 'first',
    act,
    username,
    address,
    outcome,
    requestId,
  })
}
