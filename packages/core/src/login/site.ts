import type { LoginClient } from '../client/client.ts'
import type { SignedReader } from '../client/signed.ts'
import type { HttpRequest } from '../http/request.ts'
import type { IdTokenCheck } from '../client/id-token.ts'
import type { SessionCheck } from '../session/authenticator.ts'
import type { Keeper } from '../session/keeper.ts'
import type { Refresher } from '../session/refresh.ts'
import type { Session } from '../session/session.ts'
import type { KeptToken } from '../session/settings.ts'
import type { SealBox } from '../lib/seal.ts'
import type { Base } from './base.ts'
import type { Delivery } from './delivery.ts'
import type { LoginOptions, ResponseType } from './options.ts'
import type { ResponseMode } from './response-mode.ts'
import type { Transactions } from './transaction.ts'

/** A login under one of its base URLs. */
export interface Site {
  readonly base: Base
  readonly paths: SitePaths
  /** The name that all cookies of the login begin with. */
  readonly cookieName: string
  readonly keeper: Keeper
  readonly refresher: Refresher
  readonly transactions: Transactions
  readonly check: SessionCheck
  readonly logoutUrl: (session: Session) => string
}

/** Paths as browsers see them, that of the base URL included. */
export interface SitePaths {
  readonly login: string
  readonly callback: string
  readonly logout: string | undefined
  readonly loggedOut: string | undefined
}

/** What the steps of a login share, under whatever base URL. */
export interface LoginParts {
  readonly options: LoginOptions
  readonly client: LoginClient
  readonly readSigned: SignedReader
  readonly checkIdToken: IdTokenCheck
  readonly responseType: ResponseType
  readonly responseMode: ResponseMode
  readonly delivery: Delivery
  /** Tokens that a session keeps. */
  readonly keeps: ReadonlySet<KeptToken>
  /** Seals what travels in addresses. */
  readonly links: SealBox
  /** Whether any guard tries to sign in without a page; noted when the guard is made. */
  readonly silently: { wanted: boolean }
  readonly siteOf: (request: HttpRequest) => Site
  readonly now: () => number
  readonly random: () => string
}
