import { isRegistered } from './apps.ts'
import { asPage } from './authorize/refusals.ts'
import { endedCookie, sessionOf } from './cookies.ts'
import type { Org } from './org.ts'
import { donePage } from './pages.ts'
import type { Server } from './servers.ts'
import { oauthError, type Answer, type Call } from './wire.ts'

/** `GET` and `POST /v1/logout`: ends the session of the browser that comes with it. */
export function logout(org: Org, server: Server, call: Call): Answer {
  try {
    return leave(org, server, call)
  } catch (error) {
    return asPage(error)
  }
}

function leave(org: Org, server: Server, call: Call): Answer {
  const sent = call.method === 'POST' ? call.form : call.url.searchParams
  const hint = org.tokens.find(sent.get('id_token_hint') ?? '')
  if (hint?.kind !== 'id' || hint.subject.server.id !== server.id) {
    throw oauthError(400, 'invalid_request', "The 'id_token_hint' parameter is invalid.")
  }
  const { app, authentication } = hint.subject
  const target = sent.get('post_logout_redirect_uri')
  if (target !== null && !isRegistered(target, app.logoutUris)) {
    throw oauthError(
      400,
      'invalid_request',
      "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the client app settings.",
    )
  }
  const session = sessionOf(org, call)
  if (session !== undefined && session.authentication.person !== authentication?.person) {
    throw oauthError(
      400,
      'id_token_does_not_match_session',
      "The ID token subject does not match the current session's user.",
    )
  }
  if (session !== undefined) org.sessions.end(session)
  endShared(org, sent.get('device_secret'))
  const answer = whereTo(target, sent.get('state'))
  return { ...answer, headers: { ...answer.headers, ...endedCookie(org) } }
}

function endShared(org: Org, deviceSecret: string | null): void {
  const session = org.deviceSecrets.take(deviceSecret)
  if (session !== undefined) org.sessions.end(session)
}

function whereTo(target: string | null, state: string | null): Answer {
  if (target === null) return { status: 200, body: donePage('You have signed out.') }
  const url = new URL(target)
  if (state !== null) url.searchParams.set('state', state)
  return { status: 302, headers: { Location: url.href } }
}
