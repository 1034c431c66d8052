import { isRegistered, type OktaApp } from './apps.ts'
import { asPage } from './authorize/refusals.ts'
import { endedCookie, sessionOf } from './cookies.ts'
import type { Org } from './org.ts'
import { donePage } from '../html-page.ts'
import { logoutPage } from './pages.ts'
import type { Server } from './servers.ts'
import type { Session } from './sessions.ts'
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
  const frames = session === undefined ? [] : endOf(org, app, session)
  endShared(org, sent.get('device_secret'))
  const answer = whereTo(target, sent.get('state'), frames)
  return { ...answer, headers: { ...answer.headers, ...endedCookie(org) } }
}

function endShared(org: Org, deviceSecret: string | null): void {
  const session = org.deviceSecrets.take(deviceSecret)
  if (session !== undefined) org.sessions.end(session)
}

// The frames of the session's other apps; the one that asked has ended its own.
function endOf(org: Org, asking: OktaApp, session: Session): readonly string[] {
  org.sessions.end(session)
  if (!org.settings.identityEngine) return []
  return [...session.clients].flatMap(([id, issuer]) => {
    const app = org.apps.get(id)
    if (app?.frontChannelLogout === undefined || app === asking) return []
    const { uri, sessionRequired = true } = app.frontChannelLogout
    const url = new URL(uri)
    if (sessionRequired) {
      url.searchParams.set('iss', issuer)
      url.searchParams.set('sid', session.id)
    }
    return [url.href]
  })
}

function whereTo(target: string | null, state: string | null, frames: readonly string[]): Answer {
  if (target === null && frames.length === 0) {
    return { status: 200, body: donePage('You have signed out.') }
  }
  if (target === null) return { status: 200, body: logoutPage(frames, undefined) }
  const url = new URL(target)
  if (state !== null) url.searchParams.set('state', state)
  if (frames.length > 0) return { status: 200, body: logoutPage(frames, url.href) }
  return { status: 302, headers: { Location: url.href } }
}
