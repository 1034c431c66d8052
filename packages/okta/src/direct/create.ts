import { ConfigurationError } from '@portcullis/core'
import type { DirectAnswer } from './answer.ts'
import { attempt, refuseInput, tooLate } from './attempt.ts'
import { readOtp, readPassword, readUsername } from './input.ts'
import { checkPush, sendOob, verifyCode } from './oob.ts'
import type {
  CallOptions,
  DirectAuthenticationOptions,
  OobInput,
  OtpInput,
  PasswordInput,
  PollOptions,
  WebAuthnAssertion,
} from './options.ts'
import { freshHidden, trade } from './outcome.ts'
import { createDirectParts, type DirectParts } from './parts.ts'
import { pollPush } from './poll.ts'
import type { DirectState, OobState, WebAuthnState } from './state.ts'
import { challengePasskey, verifyPasskey } from './webauthn.ts'
import { channels, grants, type Channel, type Factor } from './wire.ts'

/**
 * Signs users in without a browser: each method is one step and may come after any other. They resolve
 * with an answer, failures included; they reject with an `Outage`, with a `Refusal` where the ID token
 * does not hold, or with the reason of the signal.
 */
export interface DirectAuthentication {
  /** Starts with a password. */
  password(input: PasswordInput, call?: CallOptions): Promise<DirectAnswer>
  /** Starts with a one-time password. */
  otp(input: OtpInput, call?: CallOptions): Promise<DirectAnswer>
  /** Starts with a push, or with a code by SMS, call or mail. */
  oob(input: OobInput, call?: CallOptions): Promise<DirectAnswer>
  /** Starts with a passkey; without a name, the passkey says who it is. */
  webAuthn(input?: { readonly username?: string }, call?: CallOptions): Promise<DirectAnswer>
  /** Goes on with a one-time password. */
  mfaOtp(
    state: DirectState,
    input: { readonly otp: string },
    call?: CallOptions,
  ): Promise<DirectAnswer>
  /** Goes on with a push, or with a code by SMS, call or mail. */
  mfaOob(
    state: DirectState,
    input: { readonly channel: Channel },
    call?: CallOptions,
  ): Promise<DirectAnswer>
  /** Goes on with a passkey. */
  mfaWebAuthn(state: DirectState, call?: CallOptions): Promise<DirectAnswer>
  /** Hands in the code that the user typed. */
  verify(
    state: OobState,
    input: { readonly code: string },
    call?: CallOptions,
  ): Promise<DirectAnswer>
  /** Hands in what the passkey signed. */
  verifyWebAuthn(
    state: WebAuthnState,
    assertion: WebAuthnAssertion,
    call?: CallOptions,
  ): Promise<DirectAnswer>
  /** Asks once whether a push was answered; where it is too early, without asking Okta. */
  check(state: OobState, call?: CallOptions): Promise<DirectAnswer>
  /** Waits until a push was answered, refused or has had its time. */
  poll(state: OobState, options?: PollOptions): Promise<DirectAnswer>
  /** Sends the prompt or the code once more; the state of the answer takes the place of the old one. */
  resend(state: OobState, call?: CallOptions): Promise<DirectAnswer>
  /** Seals a state, and what is hidden behind it, for a cookie or a form field. Needs `secrets`. */
  sealState(state: DirectState): string
  /** What `sealState` sealed; `undefined` for anything else, and for what has had its time. */
  openState(sealed: string): DirectState | undefined
}

/**
 * Makes a client for Okta's direct authentication: password, one-time password, push, SMS, call, mail and
 * passkey, in any order.
 *
 * @example
 * const direct = createDirectAuthentication({ server, client: { id, secret }, scope: 'openid profile' })
 * const answer = await direct.password({ username, password })
 * if (answer.status === 'mfa_required') await direct.mfaOob(answer.state, { channel: 'push' })
 */
export function createDirectAuthentication(
  options: DirectAuthenticationOptions,
): DirectAuthentication {
  const parts = createDirectParts(options)
  const { vault } = parts
  return {
    password: (input, call = {}) => password(parts, input, call),
    otp: (input, call = {}) => otp(parts, input, call),
    oob: async ({ username, channel }, call = {}) => {
      const name = readUsername(username)
      const { address } = call
      if (!channels.includes(channel)) throw notAChannel()
      const act = {
        factor: channel,
        isSecond: false,
        act: 'start',
        username: name,
        address,
      } as const
      if (name === undefined) return refuseInput(parts, act, 'username')
      return sendOob(parts, { username: name, channel, hidden: freshHidden(parts) }, call)
    },
    webAuthn: async ({ username } = {}, call = {}) => {
      const name = readUsername(username)
      const act = { ...first('webauthn', name, call), act: 'start' } as const
      if (username !== undefined && name === undefined) return refuseInput(parts, act, 'username')
      return challengePasskey(parts, { username: name, hidden: freshHidden(parts) }, call)
    },
    mfaOtp: (state, input, call = {}) => mfaOtp(parts, state, input.otp, call),
    mfaOob: async (state, { channel }, call = {}) => {
      const { hidden, username } = secondOf(parts, state)
      if (!channels.includes(channel)) throw notAChannel()
      return sendOob(parts, { username, channel, hidden, state }, call)
    },
    mfaWebAuthn: async (state, call = {}) => challengePasskey(parts, secondOf(parts, state), call),
    verify: (state, { code }, call = {}) => verifyCode(parts, state, code, call),
    verifyWebAuthn: (state, assertion, call = {}) => verifyPasskey(parts, state, assertion, call),
    check: (state, call = {}) => checkPush(parts, state, call),
    poll: (state, wanted = {}) => pollPush(parts, state, wanted),
    resend: async (state, call = {}) => {
      const { username, channel } = state
      return sendOob(parts, { username, channel, hidden: vault.hiddenOf(state), state }, call)
    },
    sealState: (state) => vault.seal(state),
    openState: (sealed) => vault.open(sealed),
  }
}

const notAChannel = (): ConfigurationError =>
  new ConfigurationError(`the channel must be one of ${channels.join(', ')}`)

const first = (factor: Factor, username: string | undefined, { address }: CallOptions) =>
  ({ factor, isSecond: false, act: 'verify', username, address }) as const

async function password(
  parts: DirectParts,
  input: PasswordInput,
  call: CallOptions,
): Promise<DirectAnswer> {
  const [username, secret] = [readUsername(input.username), readPassword(input.password)]
  const act = first('password', username, call)
  if (username === undefined) return refuseInput(parts, act, 'username')
  if (secret === undefined) return refuseInput(parts, act, 'password')
  return attempt(parts, { ...act, kind: 'guess' }, () =>
    trade(parts, {
      step: 'password',
      url: parts.server.endpoints.token,
      fields: { grant_type: grants.password, username, password: secret },
      username,
      hidden: freshHidden(parts),
      signal: call.signal,
    }),
  )
}

async function otp(parts: DirectParts, input: OtpInput, call: CallOptions): Promise<DirectAnswer> {
  const [username, code] = [readUsername(input.username), readOtp(input.otp)]
  const act = first('otp', username, call)
  if (username === undefined) return refuseInput(parts, act, 'username')
  if (code === undefined) return refuseInput(parts, act, 'otp')
  return attempt(parts, { ...act, kind: 'guess' }, () =>
    trade(parts, {
      step: 'otp',
      url: parts.server.endpoints.token,
      fields: { grant_type: grants.otp, login_hint: username, otp: code },
      username,
      hidden: freshHidden(parts),
      signal: call.signal,
    }),
  )
}

async function mfaOtp(
  parts: DirectParts,
  state: DirectState,
  given: string,
  { address, signal }: CallOptions,
): Promise<DirectAnswer> {
  const { hidden, username } = secondOf(parts, state)
  const code = readOtp(given)
  const act = { factor: 'otp', isSecond: true, act: 'verify', username, address, state } as const
  if (code === undefined) return refuseInput(parts, act, 'otp', state)
  if (parts.now() >= state.expiresAt) return tooLate(parts, act)
  return attempt(parts, { ...act, kind: 'guess' }, () =>
    trade(parts, {
      step: 'otp',
      url: parts.server.endpoints.token,
      fields: { grant_type: grants.mfaOtp, mfa_token: hidden.mfaToken, otp: code },
      username,
      hidden,
      state,
      signal,
    }),
  )
}

function secondOf({ vault }: DirectParts, state: DirectState) {
  const hidden = vault.hiddenOf(state)
  if (hidden.mfaToken !== undefined) return { hidden, username: state.username, state }
  throw new ConfigurationError('a second factor can come only where the first one is proven')
}
