import { readPassword, readUsername } from '../direct/input.ts'
import { refuseInput } from './follow.ts'
import { makeStep } from './make.ts'
import type { AuthnAct } from './observe.ts'
import type { AuthnCall, AuthnOptions } from './options.ts'
import { createAuthnParts, type AuthnParts } from './parts.ts'
import { enter } from './place.ts'
import { openKept, sealStep } from './seal.ts'
import { createOktaSessions, type OktaSessions } from './sessions.ts'
import type { AuthnAnswer, AuthnStep } from './steps.ts'

/** A name and a password. */
export interface SignInInput {
  readonly username: string
  readonly password: string
  /** Comes back in every step. */
  readonly relayState?: string
  /** At most 32 characters; heard from trusted applications only. */
  readonly deviceToken?: string
}

/** Whose account, and how to reach them. */
export interface RecoverInput {
  readonly username: string
  /** Left out, by trusted applications only: no message; the application brings the token to the user. */
  readonly channel?: 'EMAIL' | 'SMS' | 'CALL'
  readonly relayState?: string
}

/**
 * Signs users in by Okta's Authentication API. Each call resolves with a step, whose methods are the ways
 * on, or with a failure; it rejects with an `Outage`, or with the reason of the signal.
 */
export interface Authn {
  /** Begins with user name and password. */
  signIn(input: SignInInput, call?: AuthnCall): Promise<AuthnAnswer>
  /** Begins with the token of an activation mail. */
  activate(input: { readonly activationToken: string }, call?: AuthnCall): Promise<AuthnAnswer>
  /** Goes on with a state token that Okta gave to the browser: a step-up. */
  resume(input: { readonly stateToken: string }, call?: AuthnCall): Promise<AuthnAnswer>
  /** Begins to recover a forgotten password. The answer is the same for users that there are not. */
  recoverPassword(input: RecoverInput, call?: AuthnCall): Promise<AuthnAnswer>
  /** Begins to unlock an account. */
  unlockAccount(
    input: Omit<RecoverInput, 'channel'> & { readonly channel?: 'EMAIL' | 'SMS' },
    call?: AuthnCall,
  ): Promise<AuthnAnswer>
  /** Goes on with the token of a recovery mail. */
  useRecoveryToken(
    input: { readonly recoveryToken: string },
    call?: AuthnCall,
  ): Promise<AuthnAnswer>
  /** Seals a step, and what is hidden behind it, for the time between two requests. Needs `secrets`. */
  sealStep(step: AuthnStep): string
  /** What `sealStep` sealed; `undefined` for anything else, and for what has had its time. */
  openStep(sealed: string): AuthnStep | undefined
  /** The org's sessions. */
  readonly sessions: OktaSessions
}

/**
 * Makes a client for the Authentication API of an Okta org. Where the org is an Identity Engine org,
 * `createDirectAuthentication` is the newer way.
 *
 * @example
 * const authn = createAuthn({ domain: 'acme.okta.com' })
 * const answer = await authn.signIn({ username, password })
 * if (answer.status === 'SUCCESS') res.redirect(answer.authorizeUrl(request))
 */
export function createAuthn(options: AuthnOptions): Authn {
  const parts = createAuthnParts(options, {
    createSession: (token, call) => sessions.create(token, call),
    make: makeStep,
  })
  const sessions = createOktaSessions(sessionOptionsOf(options, parts))
  const url = `${parts.origin}/api/v1/authn`
  const start = (call: AuthnCall, given: Start): Promise<AuthnAnswer> =>
    enter(parts, { factor: undefined, step: undefined, username: undefined, call, ...given })
  return {
    signIn: (input, call = {}) => signIn(parts, url, input, call),
    activate: ({ activationToken: token }, call = {}) =>
      isToken(token)
        ? start(call, { act: 'sign-in', url, body: { token }, counts: 'guess' })
        : wrong(parts, call, 'sign-in', 'activationToken'),
    resume: ({ stateToken }, call = {}) =>
      isToken(stateToken)
        ? start(call, { act: 'resume', url, body: { stateToken }, counts: 'nothing' })
        : wrong(parts, call, 'resume', 'stateToken'),
    recoverPassword: (input, call = {}) =>
      recover(parts, `${url}/recovery/password`, { ...input, act: 'recover' }, call),
    unlockAccount: (input, call = {}) =>
      recover(parts, `${url}/recovery/unlock`, { ...input, act: 'unlock' }, call),
    useRecoveryToken: ({ recoveryToken }, call = {}) =>
      isToken(recoveryToken)
        ? start(call, {
            act: 'recover',
            url: `${url}/recovery/token`,
            body: { recoveryToken },
            counts: 'guess',
          })
        : wrong(parts, call, 'recover', 'recoveryToken'),
    sealStep: (step) => sealStep(parts, step),
    openStep: (sealed) => {
      const kept = openKept(parts, sealed)
      return kept === undefined ? undefined : parts.make(kept)
    },
    sessions,
  }
}

interface Start {
  readonly act: AuthnAct
  readonly url: string
  readonly body: Readonly<Record<string, unknown>>
  readonly counts: 'guess' | 'nothing'
}

const isToken = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w.~-]{1,500}$/.test(value)

const wrong = async (
  parts: AuthnParts,
  call: AuthnCall,
  act: AuthnAct,
  field: string,
): Promise<AuthnAnswer> =>
  refuseInput(parts, { act, call, factor: undefined, username: undefined, step: undefined }, field)

async function signIn(
  parts: AuthnParts,
  url: string,
  input: SignInInput,
  call: AuthnCall,
): Promise<AuthnAnswer> {
  const { relayState, deviceToken } = input
  const [username, password] = [readUsername(input.username), readPassword(input.password)]
  const move = { act: 'sign-in', factor: undefined, username, step: undefined, call } as const
  if (username === undefined) return refuseInput(parts, move, 'username')
  if (password === undefined) return refuseInput(parts, move, 'password')
  if (deviceToken !== undefined && !/^[\w-]{1,32}$/.test(deviceToken)) {
    return refuseInput(parts, move, 'deviceToken')
  }
  const body = {
    username,
    password,
    options: parts.wishes,
    ...(relayState !== undefined && { relayState }),
    ...(deviceToken !== undefined && { context: { deviceToken } }),
  }
  return enter(parts, { ...move, url, body, counts: 'guess' })
}

async function recover(
  parts: AuthnParts,
  url: string,
  input: RecoverInput & { readonly act: 'recover' | 'unlock' },
  call: AuthnCall,
): Promise<AuthnAnswer> {
  const { act, channel, relayState } = input
  const username = readUsername(input.username)
  const move = { act, factor: channel, username, step: undefined, call } as const
  if (username === undefined) return refuseInput(parts, move, 'username')
  if (channel === undefined && !parts.isTrusted) return refuseInput(parts, move, 'channel')
  const body = {
    username,
    ...(channel !== undefined && { factorType: channel }),
    ...(relayState !== undefined && { relayState }),
  }
  return enter(parts, { ...move, url, body, counts: 'prompt' })
}

const sessionOptionsOf = (
  { apiToken, fetch: ownFetch, timeout }: AuthnOptions,
  { origin, now }: AuthnParts,
) => ({
  domain: origin,
  now,
  ...(apiToken !== undefined && { apiToken }),
  ...(ownFetch !== undefined && { fetch: ownFetch }),
  ...(timeout !== undefined && { timeout }),
})
