import { checkOptions, flag, oneOf, record, text, type Check } from '../lib/assert.ts'
import type { Entrance } from './invite.ts'
import type { Unauthenticated } from './navigation.ts'
import { checkParameters, mergeParameters, type AuthorizationParameters } from './parameters.ts'
import type { LoginWish } from './start.ts'

/** How guards meet those who are not signed in. */
export interface EntranceOptions {
  /** Whom to redirect to the login, and whom to answer 401. */
  readonly unauthenticated?: Unauthenticated
  /** On optional routes: tries once to sign in without showing a page. */
  readonly attemptSilentLogin?: boolean
  /** For logins that begin here, beside what all logins ask for. */
  readonly parameters?: AuthorizationParameters
}

export const unauthenticated: Check = oneOf('auto', 'redirect', '401')

/** The same entrance with some of it replaced. */
export function otherEntrance(entrance: Entrance, given: EntranceOptions): Entrance {
  checkOptions('login.with', given, {
    unauthenticated,
    attemptSilentLogin: flag,
    parameters: record,
  })
  checkParameters('login.with.parameters', given.parameters ?? {})
  return {
    unauthenticated: given.unauthenticated ?? entrance.unauthenticated,
    attemptSilentLogin: given.attemptSilentLogin ?? entrance.attemptSilentLogin,
    parameters: mergeParameters(entrance.parameters, given.parameters),
  }
}

/** What a login that begins at an address of its own wants. */
export function wishAt({ parameters }: Entrance, given: LoginWish): LoginWish {
  checkOptions('login.begin', given, { parameters: record, returnTo: text })
  checkParameters('login.begin.parameters', given.parameters ?? {})
  const merged = mergeParameters(parameters, given.parameters)
  return { ...given, ...(merged && { parameters: merged }) }
}
