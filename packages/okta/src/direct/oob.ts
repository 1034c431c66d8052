import { ConfigurationError, Outage } from '@portcullis/core'
import type { DirectAnswer, DirectPending } from './answer.ts'
import { attempt, refuseInput, tooLate, type Act } from './attempt.ts'
import { isPending } from './diagnosis.ts'
import { readCode } from './input.ts'
import type { CallOptions } from './options.ts'
import { failureOf, trade, type Asked, type Outcome } from './outcome.ts'
import type { DirectParts } from './parts.ts'
import type { Posted } from './post.ts'
import type { DirectState, Hidden, OobState } from './state.ts'
import { bindings, grants, type Channel } from './wire.ts'

/** On whose behalf something is sent to the user, and where. */
export interface OobTarget {
  /** Absent where a passkey said who it is: then the next factor is asked for. */
  readonly username: string | undefined
  readonly channel: Channel
  readonly hidden: Hidden
  /** Where the next factor was asked for. */
  readonly state?: DirectState
}

/** Sends a prompt or a code: the first factor, or with an `mfa_token` the next one. */
export function sendOob(
  parts: DirectParts,
  target: OobTarget,
  { address, signal }: CallOptions,
): Promise<DirectAnswer> {
  const { username, channel, hidden, state } = target
  const isSecond = hidden.mfaToken !== undefined
  const at = state && { state }
  const act: Act = {
    factor: channel,
    isSecond,
    act: 'start',
    kind: 'prompt',
    username,
    address,
    ...at,
  }
  return attempt(parts, act, async () => {
    const { url, fields } = isSecond ? nextChallenge(parts, target) : firstPrompt(parts, target)
    const posted = await parts.post(url, fields, signal)
    const { status, requestId } = posted
    const step = isSecond ? 'challenge' : 'start'
    const asked: Asked = { step, url, fields, username, hidden, ...at }
    if (status !== 200) return { answer: failureOf(asked, posted), requestId }
    return { answer: readOob(parts, posted, { url, ...target }), requestId }
  })
}

const firstPrompt = (
  { server, acrValues }: DirectParts,
  { username, channel }: OobTarget,
): Pick<Asked, 'url' | 'fields'> => ({
  url: server.endpoints.primaryAuthenticate,
  fields: {
    login_hint: username,
    channel_hint: channel,
    challenge_hint: grants.oob,
    acr_values: acrValues,
  },
})

const nextChallenge = (
  { server }: DirectParts,
  { channel, hidden }: OobTarget,
): Pick<Asked, 'url' | 'fields'> => ({
  url: server.endpoints.challenge,
  fields: {
    mfa_token: hidden.mfaToken,
    challenge_types_supported: grants.mfaOob,
    channel_hint: channel,
  },
})

const oobSeconds = 300
const pollSeconds = 5

function readOob(
  { now, vault }: DirectParts,
  { body, status }: Posted,
  { url, username, channel, hidden }: OobTarget & { readonly url: string },
): DirectPending {
  const oobCode = body['oob_code']
  const binding = bindings.find((known) => known === body['binding_method'])
  const said = body['binding_code']
  const number = typeof said === 'string' || typeof said === 'number' ? String(said) : undefined
  const isNumber = number !== undefined && /^[\w-]{1,20}$/.test(number)
  if (
    typeof oobCode !== 'string' ||
    binding === undefined ||
    (binding === 'transfer' && !isNumber)
  ) {
    const why = binding === 'transfer' ? 'there is no number' : 'there is no code or no binding'
    throw new Outage('endpoint_failed', `it answered ${status}: ${why}`, { url, phase: 'content' })
  }
  const interval = binding === 'prompt' ? undefined : positive(body['interval'], pollSeconds)
  const state = vault.keep<OobState>(
    {
      kind: 'oob',
      username,
      isSecond: hidden.mfaToken !== undefined,
      expiresAt: now() + positive(body['expires_in'], oobSeconds) * 1000,
      channel,
      binding,
      number: binding === 'transfer' ? number : undefined,
      interval,
      nextPollAt: interval === undefined ? undefined : now() + interval * 1000,
    },
    { ...hidden, oobCode },
  )
  return pendingOf(state)
}

const positive = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && value > 0 && value < 86_400 ? value : otherwise

const pendingOf = (state: OobState): DirectPending => {
  const { channel, binding, number } = state
  return { status: 'pending', state, channel, binding, number }
}

/** Proves the code of a message. */
export async function verifyCode(
  parts: DirectParts,
  state: OobState,
  code: unknown,
  { address, signal }: CallOptions,
): Promise<DirectAnswer> {
  if (state.binding !== 'prompt') {
    throw new ConfigurationError(
      'verify() is for codes that the user types: a push is waited for, and its number is never sent',
    )
  }
  const hidden = parts.vault.hiddenOf(state)
  const { channel: factor, isSecond, username } = state
  const act = { factor, isSecond, act: 'verify', username, address, state } as const
  const bindingCode = readCode(code)
  if (bindingCode === undefined) return refuseInput(parts, act, 'code', state)
  if (parts.now() >= state.expiresAt) return tooLate(parts, act)
  return attempt(parts, { ...act, kind: 'guess' }, () =>
    tradeOob(parts, state, hidden, { signal, bindingCode }),
  )
}

/** Asks once whether the user has answered; too early, it asks nobody. */
export async function checkPush(
  parts: DirectParts,
  state: OobState,
  { address, signal }: CallOptions,
): Promise<DirectAnswer> {
  if (state.binding === 'prompt') {
    throw new ConfigurationError('check() and poll() are for a push: hand the code to verify()')
  }
  const hidden = parts.vault.hiddenOf(state)
  const { channel: factor, isSecond, username } = state
  const act: Act = { factor, isSecond, act: 'verify', kind: 'poll', username, address }
  if (parts.now() >= state.expiresAt) return tooLate(parts, act)
  if (isTooEarly(state, parts.now())) return pendingOf(state)
  return attempt(parts, act, () => tradeOob(parts, state, hidden, { signal }))
}

// Further away than an interval it can only be where the clock was put back: then nobody would ever ask.
const isTooEarly = ({ nextPollAt = 0, interval = pollSeconds }: OobState, now: number): boolean =>
  now < nextPollAt && nextPollAt - now < interval * 1000 + 1

async function tradeOob(
  parts: DirectParts,
  state: OobState,
  hidden: Hidden,
  { signal, bindingCode }: { signal: AbortSignal | undefined; bindingCode?: string },
): Promise<Outcome> {
  const { mfaToken, oobCode } = hidden
  const outcome = await trade(parts, {
    step: bindingCode === undefined ? 'poll' : 'code',
    url: parts.server.endpoints.token,
    fields: {
      grant_type: mfaToken === undefined ? grants.oob : grants.mfaOob,
      mfa_token: mfaToken,
      oob_code: oobCode,
      binding_code: bindingCode,
    },
    username: state.username,
    hidden,
    state,
    signal,
  })
  const { answer, requestId } = outcome
  const isPoll = bindingCode === undefined && answer.status === 'failed'
  const pause = isPoll ? pauseOf(answer.error, state.interval) : undefined
  if (pause === undefined) return outcome
  return { answer: postponed(parts, { ...state, interval: pause }, pause, hidden), requestId }
}

/** The same prompt, to be asked about after a pause of some seconds. */
export function postponed(
  { vault, now }: DirectParts,
  state: OobState,
  pause: number,
  hidden: Hidden = vault.hiddenOf(state),
): DirectPending {
  return pendingOf(vault.keep({ ...state, nextPollAt: now() + pause * 1000 }, hidden))
}

/** Seconds to the next poll, where there is one (RFC 8628 §3.5). */
function pauseOf(error: string | undefined, interval = pollSeconds): number | undefined {
  if (isPending(error)) return interval
  return error === 'slow_down' ? interval + 5 : undefined
}
