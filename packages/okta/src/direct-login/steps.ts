import type { DirectAnswer } from '../direct/answer.ts'
import type { DirectAuthentication } from '../direct/create.ts'
import { failed } from '../direct/failure.ts'
import type { CallOptions } from '../direct/options.ts'
import type { DirectState } from '../direct/state.ts'
import { channels, type Channel } from '../direct/wire.ts'
import type { Posted } from './input.ts'
import type { Progress } from './progress.ts'

/** What a step works with. */
export interface Doing {
  readonly direct: DirectAuthentication
  readonly progress: Progress
  readonly posted: Posted
  readonly call: CallOptions
}

type Act = (doing: Doing) => Promise<DirectAnswer>

// A sign-in that the browser no longer has, or that has had its time.
const lost = (): Promise<DirectAnswer> => Promise.resolve(failed('expired'))
const refused = (field: string, state?: DirectState): Promise<DirectAnswer> =>
  Promise.resolve(failed('input_refused', { field, state }))

const channelOf = (factor: string | undefined): Channel | undefined =>
  channels.find((channel) => channel === factor)

/** Begins, with a password unless `factor` names something else. */
export const start: Act = ({ direct, posted, call }) => {
  const username = posted.text('username')
  const factor = posted.text('factor') ?? 'password'
  if (factor === 'webauthn')
    return direct.webAuthn(username === undefined ? {} : { username }, call)
  const named = { username: username ?? '' }
  if (factor === 'password') {
    return direct.password({ ...named, password: posted.needed('password') }, call)
  }
  if (factor === 'otp') return direct.otp({ ...named, otp: posted.needed('code') }, call)
  const channel = channelOf(factor)
  return channel === undefined ? refused('factor') : direct.oob({ ...named, channel }, call)
}

/** Asks for one of the second factors. */
export const challenge: Act = ({ direct, progress: { state }, posted, call }) => {
  if (state?.isSecond !== true) return lost()
  const factor = posted.text('factor')
  if (factor === 'webauthn') return direct.mfaWebAuthn(state, call)
  const channel = channelOf(factor)
  return channel === undefined ? refused('factor', state) : direct.mfaOob(state, { channel }, call)
}

/** Hands in what the user typed, or what the passkey signed. */
export const verify: Act = ({ direct, progress: { state, isChoosing }, posted, call }) => {
  if (state?.kind === 'webauthn') return direct.verifyWebAuthn(state, posted.assertion(), call)
  const code = posted.needed('code')
  if (state?.kind === 'oob' && state.binding === 'prompt' && !isChoosing) {
    return direct.verify(state, { code }, call)
  }
  return state?.isSecond === true ? direct.mfaOtp(state, { otp: code }, call) : lost()
}

/** Whether there is a push to ask about. */
export const isWaiting = ({ state, isChoosing }: Progress): boolean =>
  state?.kind === 'oob' && state.binding !== 'prompt' && !isChoosing

/** Asks once whether a push was answered. */
export const poll: Act = ({ direct, progress: { state }, call }) =>
  state?.kind === 'oob' ? direct.check(state, call) : lost()

/** Sends the prompt or the code once more. */
export const resend: Act = ({ direct, progress: { state }, call }) =>
  state?.kind === 'oob' ? direct.resend(state, call) : lost()
