import { signRaw } from '../raw-token.ts'
import type { OktaApp } from './apps.ts'
import type { Org } from './org.ts'
import type { Person } from './people.ts'
import { randomText } from './wire.ts'

/** A call that tells an application to sign somebody out everywhere. */
export interface UniversalLogout {
  /** URL of the application's own endpoint. */
  readonly endpoint: string
  readonly user: string
  /** By name or client id. Default `web`. */
  readonly app?: string
  /** How the user is named. Default `iss_sub`. */
  readonly format?: 'iss_sub' | 'email'
  /** Claims to change, for calls that must be refused. Default none. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** Makes Okta's own call: signed by the org server, answered by the application. */
export async function callEndpoint(
  org: Org,
  { endpoint, format = 'iss_sub', claims }: UniversalLogout,
  { person, app }: { readonly person: Person; readonly app: OktaApp },
): Promise<number> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${tokenFor(org, app, endpoint, claims)}`,
    },
    body: JSON.stringify({ sub_id: subjectOf(org, person, format) }),
  })
  await response.arrayBuffer()
  return response.status
}

function tokenFor(org: Org, app: OktaApp, endpoint: string, claims: object | undefined): string {
  const key = org.org.ring.active()
  const now = Math.floor(org.now() / 1000)
  const times = { iat: now, nbf: now - 300, exp: now + 300 }
  const names = { iss: org.org.issuer, sub: app.clientId, aud: endpoint, jti: randomText(20) }
  const header = { typ: 'global-token-revocation+jwt', alg: 'RS256', kid: key.kid }
  return signRaw(header, { ...names, ...times, ...claims }, key)
}

const subjectOf = (org: Org, { email, id }: Person, format: 'iss_sub' | 'email'): object =>
  format === 'email' ? { format, email } : { format, iss: org.org.issuer, sub: id }
