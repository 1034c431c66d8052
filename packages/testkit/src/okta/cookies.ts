import type { OktaState } from './state.ts'
import type { Authentication, Session } from './sessions.ts'
import type { Call } from './wire.ts'

/** The session of a browser. */
export const sessionOf = (state: OktaState, { cookies }: Call): Session | undefined =>
  state.sessions.find(cookies.get('idx') ?? cookies.get('sid'))

/** Starts a session, with the cookie of the org's engine. */
export function startSession(
  state: OktaState,
  authentication: Authentication,
): { readonly session: Session; readonly headers: { readonly 'Set-Cookie': string } } {
  const session = state.sessions.start(authentication)
  return {
    session,
    headers: { 'Set-Cookie': `${nameOf(state)}=${session.cookie}; Path=/; HttpOnly` },
  }
}

export const endedCookie = (state: OktaState): { readonly 'Set-Cookie': string } => ({
  'Set-Cookie': `${nameOf(state)}=; Path=/; Max-Age=0; HttpOnly`,
})

const nameOf = ({ settings }: OktaState): string => (settings.identityEngine ? 'idx' : 'sid')
