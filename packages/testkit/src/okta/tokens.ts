import { createHash } from 'node:crypto'
import { signRaw } from '../raw-token.ts'
import type { OktaApp } from './apps.ts'
import type { Person } from './people.ts'
import type { Server } from './servers.ts'
import { randomText } from './wire.ts'
import { amrOf } from './verify.ts'
import type { Authentication, Session } from './sessions.ts'
import { narrowClaims } from './profile.ts'
import { encryptedFor } from './encrypted.ts'

/** What a set of tokens is made for. */
export interface Subject {
  readonly server: Server
  readonly app: OktaApp
  readonly scopes: readonly string[]
  /** Absent where no user is. */
  readonly authentication?: Authentication | undefined
  readonly acr?: string | undefined
  readonly nonce?: string | undefined
  readonly session?: Session | undefined
  /** Thumbprint of the DPoP key. */
  readonly jkt?: string | undefined
  /** Seconds. Default 3600. */
  readonly lifetime?: number | undefined
}

/** An access or ID token that was issued, by its text. */
export interface Issued {
  readonly kind: 'access' | 'id'
  readonly subject: Subject
  readonly claims: Readonly<Record<string, unknown>>
  readonly expiresAt: number
  isRevoked: boolean
}

/** Makes tokens and remembers them. */
export interface Tokens {
  readonly access: (subject: Subject) => Promise<string>
  readonly id: (subject: Subject, beside: Beside) => Promise<string>
  /** Still good or not; `undefined` for what was never issued. */
  readonly find: (token: string) => Issued | undefined
  /** The token if it is good now. */
  readonly live: (token: string) => Issued | undefined
  readonly revoke: (token: string) => void
  readonly revokeAllOf: (person: Person) => void
}

/** What an ID token is issued with: hashed into it. */
export interface Beside {
  readonly accessToken?: string | undefined
  readonly code?: string | undefined
}

export function createTokens(orgId: string, now: () => number): Tokens {
  const issued = new Map<string, Issued>()
  const keep = (token: string, kind: Issued['kind'], subject: Subject, claims: Claims) => {
    const expiresAt = Number(claims['exp']) * 1000
    issued.set(token, { kind, subject, claims, expiresAt, isRevoked: false })
    return token
  }
  return {
    access: async (subject) => {
      await subject.server.ring.settle()
      const claims = accessClaims(subject, now())
      const signed = await signAccess(subject.server, claims)
      const token = await encryptedFor(subject.server.tokenEncryption, signed)
      return keep(token, 'access', subject, claims)
    },
    id: async (subject, beside) => {
      await subject.server.ring.settle()
      const claims = idClaims(subject, beside, orgId, now())
      const key = subject.server.ring.active()
      const signed = signRaw({ kid: key.kid, alg: 'RS256' }, claims, key)
      const { isOrg } = subject.server
      const token = await encryptedFor(isOrg ? undefined : subject.app.idTokenEncryption, signed)
      return keep(token, 'id', subject, claims)
    },
    find: (token) => issued.get(token),
    live: (token) => {
      const found = issued.get(token)
      return found && !found.isRevoked && found.expiresAt > now() ? found : undefined
    },
    revoke: (token) => {
      const found = issued.get(token)
      if (found) found.isRevoked = true
    },
    revokeAllOf: (person) => {
      for (const token of issued.values()) {
        if (token.subject.authentication?.person === person) token.isRevoked = true
      }
    },
  }
}

type Claims = Readonly<Record<string, unknown>>

const seconds = (time: number): number => Math.floor(time / 1000)

function accessClaims(subject: Subject, now: number): Claims {
  const { server, app, scopes, authentication, acr, jkt, lifetime = 3600 } = subject
  const iat = seconds(now)
  return {
    ver: 1,
    jti: `AT.${randomText(40)}`,
    iss: server.issuer,
    aud: server.audience,
    iat,
    exp: iat + lifetime,
    cid: app.clientId,
    ...(authentication && { uid: authentication.person.id }),
    ...(scopes.length > 0 && { scp: scopes }),
    ...(authentication && { auth_time: seconds(authentication.at) }),
    ...(acr !== undefined && { acr }),
    ...(jkt !== undefined && { cnf: { jkt } }),
    ...server.claims,
    sub: authentication?.person.login ?? app.clientId,
  }
}

// The org's key is published nowhere: whoever verifies its access tokens locally has it wrong.
async function signAccess(server: Server, claims: Claims): Promise<string> {
  const key = (await server.internalKey?.ready()) ?? server.ring.active()
  const typ = server.isOrg ? { typ: 'application/okta-internal-at+jwt' } : {}
  return signRaw({ kid: key.kid, ...typ, alg: 'RS256' }, claims, key)
}

function idClaims(subject: Subject, beside: Beside, orgId: string, now: number): Claims {
  const { server, app, authentication, acr, nonce, session, scopes } = subject
  if (authentication === undefined) throw new Error('an ID token needs a user')
  const { person, factors, at } = authentication
  const { accessToken, code } = beside
  const iat = seconds(now)
  return {
    sub: person.id,
    ...narrowClaims(person, scopes, { isOrg: server.isOrg, isAlone: accessToken === undefined }),
    ver: 1,
    iss: server.issuer,
    aud: app.clientId,
    iat,
    exp: iat + 3600,
    jti: `ID.${randomText(40)}`,
    amr: amrOf(factors),
    idp: authentication.idp ?? orgId,
    auth_time: seconds(at),
    ...(nonce !== undefined && { nonce }),
    ...(acr !== undefined && { acr }),
    ...(session && hasSid(subject) && { sid: session.id }),
    ...(accessToken !== undefined && { at_hash: halfHash(accessToken) }),
    ...(code !== undefined && { c_hash: halfHash(code) }),
  }
}

const hasSid = ({ app: { frontChannelLogout }, scopes }: Subject): boolean =>
  scopes.includes('device_sso') ||
  (frontChannelLogout !== undefined && frontChannelLogout.sessionRequired !== false)

const halfHash = (text: string): string =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
