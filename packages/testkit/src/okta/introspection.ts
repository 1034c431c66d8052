import type { OktaApp } from './apps.ts'
import { identify } from './client-authentication.ts'
import type { Org } from './org.ts'
import type { Family } from './refresh-tokens.ts'
import type { Server } from './servers.ts'
import type { Issued } from './tokens.ts'
import { noStore, oauthError, type Answer, type Call } from './wire.ts'

/** `POST /v1/introspect`. */
export async function introspect(org: Org, server: Server, call: Call): Promise<Answer> {
  const app = await identify(org, call, true)
  const body = describe(org, server, app, tokenOf(call))
  return { status: 200, headers: noStore, body: body ?? { active: false } }
}

function tokenOf({ form }: Call): string {
  const text = form.get('token')
  if (text !== null && text !== '') return text
  throw oauthError(400, 'invalid_request', "The 'token' parameter is required.")
}

function describe(org: Org, server: Server, app: OktaApp, text: string): object | undefined {
  const issued = org.tokens.live(text)
  if (issued !== undefined) return describeIssued(server, app, issued)
  const family = org.refreshTokens.find(text)
  if (family !== undefined) return describeRefresh(org, server, app, family)
  const session = org.sessions.find(org.deviceSecrets.get(text)?.id)
  if (session === undefined) return undefined
  return {
    active: true,
    sid: session.id,
    token_type: 'urn:x-oath:params:oauth:token-type:device-secret',
    exp: Math.floor(session.expiresAt / 1000),
  }
}

function describeIssued(server: Server, app: OktaApp, issued: Issued): object | undefined {
  const { subject, claims, kind } = issued
  if (subject.server.id !== server.id) return undefined
  if (kind === 'id') return subject.app === app ? { active: true, ...claims } : undefined
  // An access token may be asked about by whoever it was shown to; that of the org only by its owner.
  if (server.isOrg && subject.app !== app) return undefined
  const { cid, scp, ver: _ver, auth_time: _time, acr: _acr, ...others } = claims
  return {
    active: true,
    token_type: subject.jkt === undefined ? 'Bearer' : 'DPoP',
    ...(scp !== undefined && { scope: subject.scopes.join(' ') }),
    client_id: cid,
    ...userOf(issued.subject),
    ...others,
  }
}

const userOf = ({ authentication }: Issued['subject']): object =>
  authentication === undefined ? {} : { username: authentication.person.login }

function describeRefresh(
  org: Org,
  server: Server,
  app: OktaApp,
  family: Family,
): object | undefined {
  const { subject, usedAt, window, endsAt } = family
  if (subject.server.id !== server.id || subject.app !== app) return undefined
  if (!org.refreshTokens.isLive(family)) return undefined
  return {
    active: true,
    token_type: 'Bearer',
    scope: subject.scopes.join(' '),
    client_id: app.clientId,
    ...userOf(subject),
    exp: Math.floor(Math.min(usedAt + window, endsAt) / 1000),
    sub: subject.authentication?.person.login,
  }
}

/** `POST /v1/revoke`. */
export async function revoke(org: Org, server: Server, call: Call): Promise<Answer> {
  const app = await identify(org, call, true)
  const text = tokenOf(call)
  const family = org.refreshTokens.find(text)
  if (family?.subject.app === app && family.subject.server.id === server.id) {
    org.refreshTokens.revoke(family)
  }
  const issued = org.tokens.find(text)
  if (issued?.subject.app === app && issued.subject.server.id === server.id) {
    org.tokens.revoke(text)
  }
  return { status: 200, headers: noStore, body: '' }
}
