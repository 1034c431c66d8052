import { checkAccess } from './dpop.ts'
import type { Org } from './org.ts'
import { claimsOf } from './profile.ts'
import type { Server } from './servers.ts'
import type { Authentication } from './sessions.ts'
import type { Issued } from './tokens.ts'
import { noStore, Refusal, type Answer, type Call } from './wire.ts'

/** `GET /v1/userinfo`. */
export async function userinfo(org: Org, server: Server, call: Call): Promise<Answer> {
  const { authentication, scopes } = await presented(org, server, call)
  const { person } = authentication
  return { status: 200, headers: noStore, body: { sub: person.id, ...claimsOf(person, scopes) } }
}

interface Presented {
  readonly authentication: Authentication
  readonly scopes: readonly string[]
}

async function presented(org: Org, server: Server, call: Call): Promise<Presented> {
  const [scheme = '', text = ''] = (call.headers.authorization ?? '').split(' ')
  const issued = org.tokens.live(text)
  const jkt = issued?.subject.jkt
  const usual = jkt === undefined ? 'bearer' : 'dpop'
  if (!isAccessOf(server, issued) || scheme.toLowerCase() !== usual) {
    throw refused(401, jkt, 'invalid_token', 'The access token is invalid')
  }
  if (jkt !== undefined) await checkAccess(org, call, text, jkt)
  const { authentication, scopes } = issued.subject
  if (authentication !== undefined && scopes.includes('openid')) return { authentication, scopes }
  throw refused(
    403,
    jkt,
    'insufficient_scope',
    'The access token must provide access to at least one of these scopes - profile, email, address or phone',
  )
}

const isAccessOf = (server: Server, issued: Issued | undefined): issued is Issued =>
  issued?.kind === 'access' && issued.subject.server.id === server.id

function refused(
  status: number,
  jkt: string | undefined,
  error: string,
  description: string,
): Refusal {
  const scheme = jkt === undefined ? 'Bearer' : 'DPoP'
  const challenge = `${scheme} error="${error}", error_description="${description}"`
  const expires = status === 403 ? { Expires: '0' } : {}
  return new Refusal({ status, headers: { 'WWW-Authenticate': challenge, ...expires } })
}
