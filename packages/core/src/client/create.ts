import { ConfigurationError } from '../errors/configuration.ts'
import { createIssuer, type Issuer } from '../issuer/create.ts'
import {
  anything,
  checkOptions,
  count,
  fn,
  listOf,
  oneOf,
  record,
  seconds,
  someSeconds,
  text,
} from '../lib/assert.ts'
import type { Claims } from '../lib/claims.ts'
import { isRecord } from '../lib/own.ts'
import { ciba, type CibaWish } from '../standards/ciba/ciba.ts'
import { deviceCode, type DeviceAttempt } from '../standards/device/device.ts'
import { introspect, type Introspection } from '../standards/introspection/client.ts'
import { jwtBearer } from '../standards/jwt-bearer/jwt-bearer.ts'
import { createDecryption } from '../standards/jwt/encrypted.ts'
import { createSignedReader } from '../standards/jwt/signed.ts'
import { password, passwordRisk, type PasswordWish } from '../standards/password/password.ts'
import { samlBearer } from '../standards/saml-bearer/saml-bearer.ts'
import {
  tokenExchange,
  type ExchangedToken,
  type ExchangeWish,
} from '../standards/token-exchange/token-exchange.ts'
import { authorizedFetch, type AuthorizedFetch } from './authorized-fetch.ts'
import { createLoginClient, exchangeOf, type ClientParts } from './client.ts'
import { createMachineTokens, type MachineTokens } from './client-credentials.ts'
import { createAsk } from './exchange.ts'
import {
  asGranted,
  checkWish,
  createTrade,
  demandText,
  formOf,
  type Grant,
  type GrantWish,
} from './grant.ts'
import { createIdTokenCheck } from './id-token.ts'
import { sleepFor, type PendingGrant } from './polling.ts'
import { revocation } from './requests.ts'
import type { ClientSettings, FetchWish, RefreshGrantWish } from './settings.ts'
import type { GrantedTokens, IssuedAccessToken, IssuedRefreshToken } from './tokens.ts'

/**
 * Our registration at an issuer, and all that it can ask for there. Failures are `Outage`s, `Refusal`s where
 * the issuer refused what somebody else handed in, or a `ConfigurationError` where it refused us.
 */
export interface Client {
  readonly id: string
  readonly issuer: Issuer
  /** A token for the application itself, kept and renewed ahead of its end. */
  clientCredentials(wish?: GrantWish): Promise<GrantedTokens>
  /** A `fetch` that presents such a token, and tries once more with a new one where an API refuses it. */
  fetch(wish: FetchWish): AuthorizedFetch
  /** Signs in somebody who has no browser here: show them the code, then `wait()`. */
  deviceCode(wish?: GrantWish): Promise<DeviceAttempt>
  /** Asks somebody to sign in on a device of theirs (CIBA, by polling): then `wait()`. */
  ciba(wish: CibaWish): Promise<PendingGrant>
  /** Trades a token for another one (RFC 8693). */
  tokenExchange(wish: ExchangeWish): Promise<ExchangedToken>
  /** A token for another API, on behalf of whoever called us with this one. */
  onBehalfOf(accessToken: IssuedAccessToken, wish?: GrantWish): Promise<ExchangedToken>
  /** Trades a JWT of somebody whom the issuer trusts (RFC 7523 §2.1). */
  jwtBearer(assertion: string, wish?: GrantWish): Promise<GrantedTokens>
  /** Trades a SAML 2.0 assertion of somebody whom the issuer trusts, as XML or in base64url (RFC 7522). */
  samlBearer(assertion: string, wish?: GrantWish): Promise<GrantedTokens>
  /** Trades name and password. Only with the option `legacyPasswordGrant`. */
  password(wish: PasswordWish): Promise<GrantedTokens>
  /** Trades a refresh token; one that is no longer good is the `Refusal` `grant_refused`. */
  refresh(refreshToken: IssuedRefreshToken, wish?: RefreshGrantWish): Promise<GrantedTokens>
  /** Trades by a grant of your own. */
  trade<Answer>(grant: Grant<Answer>): Promise<Answer>
  /** Revokes a token (RFC 7009). Unknown and expired ones count as revoked. */
  revoke(token: string, hint?: TokenHint): Promise<void>
  /** What the issuer says about a token (RFC 7662). */
  introspect(token: string, hint?: TokenHint): Promise<Introspection>
  /** What the issuer says about whom an access token is about, who must be the subject (OpenID Connect Core §5.3). */
  userinfo(accessToken: IssuedAccessToken, subject: string): Promise<Claims>
}

/** Which kind of token it probably is. */
export type TokenHint = 'access_token' | 'refresh_token'

const checks = {
  issuer: anything,
  client: record,
  timeout: someSeconds,
  clockTolerance: seconds,
  decryptionKeys: listOf(record),
  maxTokens: count,
  legacyPasswordGrant: oneOf(passwordRisk),
  fetch: fn,
  now: fn,
  sleep: fn,
} as const

/**
 * Makes a client of an issuer: for services, command lines and devices. Wrong options throw a
 * `ConfigurationError`; nothing is fetched before it is needed.
 *
 * @example
 * const client = createClient({ issuer: 'https://id.example.com', client: { id, secret } })
 * const { accessToken } = await client.clientCredentials({ scope: 'orders:read' })
 */
export function createClient(settings: ClientSettings): Client {
  checkOptions('createClient', settings, checks)
  const parts = partsOf(settings)
  const login = createLoginClient(parts)
  const { id, issuer } = login
  const { readSigned, decrypt } = parts
  const exchange = exchangeOf(parts)
  const { now, tolerance: clockTolerance } = exchange
  const ask = createAsk(exchange)
  const checkIdToken = createIdTokenCheck({ clientId: id, issuer, readSigned, now, clockTolerance })
  const trade = createTrade({ ask, checkIdToken, now, decrypt })
  const polled = { ask, trade, now, sleep: settings.sleep ?? sleepFor }
  const machine = createMachineTokens({ trade, now, most: settings.maxTokens ?? 100 })
  return {
    id,
    issuer,
    clientCredentials: async (wish = {}) => {
      checkWish('clientCredentials', wish)
      return machine.get(wish)
    },
    fetch: (wish) => machineFetch(machine, wish, settings.fetch),
    deviceCode: (wish) => deviceCode(polled, wish),
    ciba: (wish) => ciba(polled, wish),
    tokenExchange: async (wish) => trade(tokenExchange(wish)),
    onBehalfOf: async (subjectToken, wish) => trade(tokenExchange({ ...wish, subjectToken })),
    jwtBearer: async (assertion, wish) => trade(jwtBearer(assertion, wish)),
    samlBearer: async (assertion, wish) => trade(samlBearer(assertion, wish)),
    password: async (wish) => {
      if (settings.legacyPasswordGrant === passwordRisk) return trade(password(wish))
      throw new ConfigurationError(
        `password() is for legacy applications only: it needs legacyPasswordGrant: '${passwordRisk}'`,
      )
    },
    refresh: async (token, wish) => trade(refreshGrant(token, wish)),
    trade,
    revoke: (token, hint) => ask('revocation_endpoint', revocation(token, hint)),
    introspect: (token, hint) => ask('introspection_endpoint', introspect(token, hint, readSigned)),
    userinfo: login.userinfo,
  }
}

function partsOf(settings: ClientSettings): ClientParts {
  const { fetch, now, client, timeout, clockTolerance, decryptionKeys } = settings
  const runtime = { ...(fetch && { fetch }), ...(now && { now }) }
  const issuer = issuerOf(settings.issuer, runtime)
  return {
    issuer,
    options: client,
    readSigned: createSignedReader({ issuer, ...(decryptionKeys && { decryptionKeys }) }),
    ...(decryptionKeys && { decrypt: createDecryption(decryptionKeys) }),
    ...runtime,
    ...(timeout !== undefined && { timeout }),
    ...(clockTolerance !== undefined && { tolerance: clockTolerance }),
  }
}

function issuerOf(issuer: string | Issuer, runtime: Pick<ClientSettings, 'fetch' | 'now'>): Issuer {
  if (typeof issuer === 'string') return createIssuer({ issuer, ...runtime })
  if (typeof issuer?.metadata === 'function') return issuer
  throw new ConfigurationError('client.issuer must be a string, or what createIssuer() made of it')
}

function refreshGrant(refreshToken: string, wish: RefreshGrantWish = {}): Grant {
  checkWish('refresh', wish, { subject: text })
  demandText('the token of refresh()', refreshToken)
  return {
    type: 'refresh_token',
    form: formOf(wish, { refresh_token: refreshToken }),
    idToken: { afterRefresh: true, subject: wish.subject },
    granted: asGranted,
  }
}

function machineFetch(
  machine: MachineTokens,
  asked: FetchWish,
  ownFetch: typeof globalThis.fetch | undefined,
): AuthorizedFetch {
  const given: unknown = asked
  if (!isRecord(given)) {
    throw new ConfigurationError(
      'fetch() takes the wish for a token, and gives the function that calls: client.fetch({ resource, scope })',
    )
  }
  const { origins, fetch, allowInsecure, ...wish } = asked
  checkWish('fetch', wish)
  const send = fetch ?? ownFetch
  const bearer = async (refused?: string): Promise<string> => {
    const got = await (refused === undefined ? machine.get(wish) : machine.replace(wish, refused))
    if (got.tokenType === 'bearer') return got.accessToken
    throw new ConfigurationError(
      `The issuer gave a token of the type ${got.tokenType}, which fetch() cannot present`,
    )
  }
  return authorizedFetch({
    token: bearer,
    origins: origins ?? originsOf(wish.resource),
    ...(send && { fetch: send }),
    ...(allowInsecure !== undefined && { allowInsecure }),
  })
}

const originsOf = (resource: GrantWish['resource']): readonly string[] => {
  const origins = [resource ?? []].flat().flatMap((one) => {
    const origin = URL.canParse(one) ? new URL(one).origin : 'null'
    return origin === 'null' ? [] : [origin]
  })
  if (origins.length > 0) return origins
  throw new ConfigurationError('fetch() must be told the origins that the token may go to')
}
