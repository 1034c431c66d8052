import { endedCookie, sessionOf, startSession } from '../cookies.ts'
import { isTrusted } from '../origins.ts'
import { errorPage } from '../pages.ts'
import type { Session } from '../sessions.ts'
import type { Org } from '../org.ts'
import type { OktaState } from '../state.ts'
import { noStore, notFound, readJson, type Answer, type Call } from '../wire.ts'
import { textOf } from './desk.ts'
import { authenticationFailed, invalidBody, invalidToken } from './errors.ts'
import { sessionBody } from './session-answer.ts'
import { isTrustedCaller } from './trust.ts'

/** `POST /api/v1/sessions`: a session token becomes a session, without a cookie. */
export function createSession(org: OktaState, call: Call): Answer {
  const token = textOf(readJson(call), 'sessionToken')
  if (token === undefined) throw invalidBody('sessionToken: The field cannot be left blank')
  const authentication = org.sessions.redeem(token)
  if (authentication === undefined) throw authenticationFailed()
  return shown(org, org.sessions.start(authentication))
}

const shown = (org: OktaState, session: Session): Answer => ({
  status: 200,
  headers: noStore,
  body: sessionBody(org, session),
})

/** `GET /api/v1/sessions/{id}` or `/me`. */
export const getSession = (org: OktaState, call: Call): Answer => shown(org, find(org, call))

/** `POST …/lifecycle/refresh`. */
export function refreshSession(org: OktaState, call: Call): Answer {
  const session = find(org, call)
  org.sessions.refresh(session)
  return shown(org, session)
}

/** `DELETE /api/v1/sessions/{id}` or `/me`. */
export function closeSession(org: OktaState, call: Call): Answer {
  org.sessions.end(find(org, call))
  return { status: 204, headers: isMine(call) ? endedCookie(org) : {} }
}

const isMine = ({ path }: Call): boolean => path['id'] === 'me'

/** By the browser's cookie, or by id for callers with an API token. */
function find(org: OktaState, call: Call): Session {
  const id = call.path['id'] ?? ''
  if (!isMine(call) && !isTrustedCaller(org, call)) throw invalidToken()
  const session = isMine(call) ? sessionOf(org, call) : org.sessions.find(id)
  if (session === undefined || (!isMine(call) && session.id !== id)) throw notFound(id, 'Session')
  return session
}

/** `DELETE /api/v1/users/{id}/sessions`. */
export function closeAllSessions(org: Org, call: Call): Answer {
  if (!isTrustedCaller(org, call)) throw invalidToken()
  const id = call.path['id'] ?? ''
  const person = org.findPerson(id)
  if (person === undefined) throw notFound(id, 'User')
  org.sessions.endAll(person)
  if (call.url.searchParams.get('oauthTokens') === 'true') org.endTokens(person)
  return { status: 204 }
}

/** `GET` and `POST /login/sessionCookieRedirect`: the token becomes a cookie on the way to somewhere else. */
export function cookieRedirect(org: OktaState, call: Call): Answer {
  const sent = call.method === 'POST' ? call.form : call.url.searchParams
  const target = sent.get('redirectUrl') ?? ''
  if (!URL.canParse(target) || !isTrusted(org, new URL(target).origin)) {
    return refused('The redirectUrl is not a trusted origin.')
  }
  // The Classic Engine pays no heed to the token of a browser that has a session.
  const mine = org.settings.identityEngine ? undefined : sessionOf(org, call)
  if (mine !== undefined) return { status: 302, headers: { ...noStore, Location: target } }
  const authentication = org.sessions.redeem(sent.get('token') ?? '')
  if (authentication === undefined) return refused('The session token is not valid.')
  const { headers } = startSession(org, authentication)
  return { status: 302, headers: { ...noStore, ...headers, Location: target } }
}

const refused = (why: string): Answer => ({
  status: 400,
  headers: noStore,
  body: errorPage('invalid_request', why),
})
