import type { OktaApp } from './apps.ts'
import type { MfaTransaction, OobTransaction, WebauthnChallenge } from './direct/transactions.ts'
import { createNonceClock, type JtiVault, type NonceClock } from './dpop.ts'
import type { IdentityProvider } from './identity-providers.ts'
import type { Person } from './people.ts'
import type { Prompt } from './phone.ts'
import { createRefreshTokens, type RefreshTokens } from './refresh-tokens.ts'
import type { Server } from './servers.ts'
import type { Authentication, Session } from './sessions.ts'
import type { OktaState } from './state.ts'
import { createTokens, type Tokens } from './tokens.ts'
import { createVault, type Vault } from './vault.ts'

/** The state together with everything that is under way. */
export interface Org extends OktaState {
  readonly tokens: Tokens
  readonly refreshTokens: RefreshTokens
  readonly codes: Vault<AuthorizationCode>
  /** Parameters that were pushed, by `request_uri`. */
  readonly pushed: Vault<PushedRequest>
  /** Requests of the browser that wait for somebody to sign in. */
  readonly logins: Vault<PendingLogin>
  /** What applications begun that ask by pages of their own, by handle. */
  readonly interactions: Vault<Interaction>
  /** The codes that these end with. */
  readonly interactionCodes: Vault<InteractionCode>
  /** SAML assertions that this org takes, and whom they are about. */
  readonly assertions: Vault<Person>
  /** Tokens that take a user from an app to a page. */
  readonly interclient: Vault<Interclient>
  /** Who comes back from an external identity provider, by its code. */
  readonly upstream: Vault<{ readonly provider: IdentityProvider; readonly username: string }>
  readonly devices: Vault<Waiting>
  readonly backchannel: Vault<Waiting>
  readonly oob: Vault<OobTransaction>
  readonly mfa: Vault<MfaTransaction>
  readonly webauthn: Vault<WebauthnChallenge>
  /** Device secrets of native SSO. */
  readonly deviceSecrets: Vault<Session>
  /** `jti`s of client assertions, request objects, bearer assertions and DPoP proofs. */
  readonly usedJtis: JtiVault
  readonly nonces: NonceClock
  /** Scopes with `consent` that a user has agreed to: `<client> <user> <scope>`. */
  readonly consents: Set<string>
  /** Ends everything that was issued to a user. */
  readonly endTokens: (person: Person) => void
}

/** An authorization code, and what it became. */
export interface AuthorizationCode {
  readonly server: Server
  readonly app: OktaApp
  readonly redirectUri: string
  readonly challenge: string | undefined
  readonly scopes: readonly string[]
  readonly nonce: string | undefined
  readonly acr: string | undefined
  readonly authentication: Authentication
  readonly session: Session | undefined
  isUsed: boolean
  /** Takes back what was issued for it. */
  revoke: () => void
}

/** What an application asked for that asks its user by pages of its own. */
export interface Interaction {
  readonly server: Server
  readonly app: OktaApp
  readonly scopes: readonly string[]
  readonly challenge: string
  readonly nonce: string | undefined
  readonly acrValues: string | undefined
}

/** An interaction that its user has ended. */
export interface InteractionCode extends Interaction {
  readonly authentication: Authentication
  readonly acr: string | undefined
}

/** A token that is a session in another app, once. */
export interface Interclient {
  readonly target: OktaApp
  readonly session: Session
}

export interface PushedRequest {
  readonly server: Server
  readonly app: OktaApp
  readonly parameters: URLSearchParams
}

/** Somebody at the login page. */
export interface PendingLogin {
  readonly server: Server
  readonly parameters: URLSearchParams
  authentication: Authentication | undefined
  /** The second factor that was started. */
  challenge: { readonly code?: string; readonly prompt?: Prompt } | undefined
}

/** A device or a back-channel request, until somebody says yes or no. */
export interface Waiting {
  readonly server: Server
  readonly app: OktaApp
  readonly scopes: readonly string[]
  readonly expiresAt: number
  readonly acr?: string | undefined
  /** For a device: what its user types. */
  readonly userCode?: string
  lastPoll: number
  isUsed: boolean
  readonly decision: () => Authentication | 'refused' | undefined
  readonly decide: (decision: Authentication | 'refused') => void
}

export function createOrg(state: OktaState): Org {
  const { now } = state
  const tokens = createTokens(state.orgId, now)
  const refreshTokens = createRefreshTokens(tokens, now)
  return {
    ...state,
    tokens,
    refreshTokens,
    codes: createVault(now),
    pushed: createVault(now),
    logins: createVault(now),
    interactions: createVault(now),
    interactionCodes: createVault(now),
    assertions: createVault(now),
    interclient: createVault(now),
    upstream: createVault(now),
    devices: createVault(now),
    backchannel: createVault(now),
    oob: createVault(now),
    mfa: createVault(now),
    webauthn: createVault(now),
    deviceSecrets: createVault(now),
    usedJtis: createVault(now),
    nonces: createNonceClock(now),
    consents: new Set(),
    endTokens: (person) => {
      tokens.revokeAllOf(person)
      for (const family of refreshTokens.all()) {
        if (family.subject.authentication?.person === person) refreshTokens.revoke(family)
      }
    },
  }
}
