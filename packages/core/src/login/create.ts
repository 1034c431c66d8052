import { createLoginClient, type ClientParts, type LoginClient } from '../client/client.ts'
import { createIdTokenCheck } from '../client/id-token.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Authenticator } from '../guard/authenticator.ts'
import type { Handler, Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { createIssuer, type Issuer } from '../issuer/create.ts'
import { insecurity } from '../issuer/url.ts'
import type { Runtime } from '../lib/runtime.ts'
import { randomText } from '../lib/seal.ts'
import type { SessionOwner } from '../session/session.ts'
import type { KeptToken } from '../session/settings.ts'
import { createDecryption, type Decryption } from '../standards/jwt/encrypted.ts'
import { isAlgorithm, type Algorithm } from '../standards/jwt/signature.ts'
import { createSignedReader } from '../standards/jwt/signed.ts'
import { par } from '../standards/par/par.ts'
import { endSessionUrl } from '../standards/rp-logout/rp-logout.ts'
import { baseChoice, readBases, type Base } from './base.ts'
import { checkCookie } from './cookie.ts'
import { plain, type Delivery } from './delivery.ts'
import { otherEntrance, wishAt, type EntranceOptions } from './entrance.ts'
import { responseModeOf } from './front.ts'
import { attempt, invite, type Entrance } from './invite.ts'
import type { EndSessionUrl } from './logout.ts'
import { checkLoginOptions, type LoginOptions } from './options.ts'
import { createRoutes } from './routes.ts'
import type { LoginParts, Site } from './site.ts'
import { createSite } from './sites.ts'
import { signInProven, type ProvenUser } from './sign-in.ts'
import type { LoginWish } from './start.ts'

/** Signs people in, keeps them signed in, and signs them out. */
export interface Login {
  /** Answers the addresses of the login; mount it with `routes`. */
  readonly handler: Handler
  /** What a guard asks for the session: `createGuard({ login })`. */
  readonly authenticator: Authenticator
  /** A handler that begins a login whenever it is asked, for an address of your own. */
  begin(wish?: LoginWish): Handler
  /** The same login, meeting those who are not signed in otherwise: for a guard of its own. */
  with(entrance: EntranceOptions): Login
  /**
   * Ends all sessions of a subject (`sub`), or of one session at the issuer (`sid`), wherever they are
   * kept. Sessions that only browsers hold need `revocations`.
   */
  endSessions(who: Omit<SessionOwner, 'issuer'>): Promise<void>
  /**
   * Begins the session of a user who is proven already, for flows without a page of the issuer, and
   * answers by a redirect into the application. Whoever calls it sees to it that the request does not come
   * from another site (`checkOrigin`).
   */
  signIn(request: HttpRequest, user: ProvenUser): Promise<Reply>
  readonly issuer: Issuer
}

/**
 * Makes a login. Wrong options throw a `ConfigurationError` here; nothing is fetched before the first
 * request (or `prewarm` of a guard).
 *
 * @example
 * const login = createLogin({ issuer, client: { id, secret }, baseUrl: 'https://app.example.com', sessions })
 */
export function createLogin(options: LoginOptions): Login {
  checkLoginOptions(options)
  const bases = readBases(options.baseUrl, options.allowInsecureBaseUrl === true)
  checkCookie(options.sessions.settings.cookie, bases)
  const decrypt = options.decryptionKeys && createDecryption(options.decryptionKeys)
  const parts = createParts(options, bases, decrypt)
  const origins = new Set([...bases.map(({ origin }) => origin), ...(options.allowedOrigins ?? [])])
  const endSession = endSessionOf(parts.client, decrypt)
  const routes = createRoutes(parts, { endSession, origins, bases })
  const entrance: Entrance = {
    unauthenticated: options.unauthenticated ?? 'auto',
    attemptSilentLogin: options.attemptSilentLogin === true,
    parameters: undefined,
  }
  return assembleLogin(parts, routes, entrance)
}

function assembleLogin(
  parts: LoginParts,
  routes: ReturnType<typeof createRoutes>,
  entrance: Entrance,
): Login {
  const { issuer } = parts.client
  if (entrance.attemptSilentLogin) parts.silently.wanted = true
  return {
    issuer,
    handler: routes.handler,
    endSessions: (who) => routes.endSessions({ ...who, issuer: issuer.url }),
    signIn: (request, user) => signInProven(parts, request, user),
    begin: (wish = {}) => routes.begin(wishAt(entrance, wish)),
    with: (given) => assembleLogin(parts, routes, otherEntrance(entrance, given)),
    authenticator: {
      scheme: { name: 'Cookie', parameters: { 'form-action': routes.loginPath } },
      authenticate: (request) => parts.siteOf(request).check(request),
      invite: (request, refusal) => invite(parts, entrance, request, refusal),
      attempt: (request) => attempt(parts, entrance, request),
      prewarm: () => issuer.prewarm(),
      health: () => [issuer.health()],
    },
  }
}

function createParts(
  options: LoginOptions,
  bases: readonly Base[],
  decrypt: Decryption | undefined,
): LoginParts {
  const runtime: Runtime = {
    ...(options.fetch && { fetch: options.fetch }),
    ...(options.now && { now: options.now }),
  }
  const issuer =
    typeof options.issuer === 'string'
      ? createIssuer({ issuer: options.issuer, ...runtime })
      : checkedIssuer(options.issuer)
  const readSigned = createSignedReader({
    issuer,
    algorithms: algorithmsOf(options.algorithms),
    ...(options.decryptionKeys && { decryptionKeys: options.decryptionKeys }),
  })
  const client = clientOf(options, {
    issuer,
    readSigned,
    ...(decrypt && { decrypt }),
    ...runtime,
  })
  const now = options.now ?? (() => Date.now())
  // Sites are made when first asked for, of the very parts that hold this choice.
  const siteOf = createSiteChoice(() => parts, bases, options.strippedPath === true)
  const parts: LoginParts = {
    options,
    client,
    readSigned,
    checkIdToken: createIdTokenCheck({
      clientId: client.id,
      issuer,
      readSigned,
      now,
      ...(options.clockTolerance !== undefined && {
        clockTolerance: options.clockTolerance,
      }),
    }),
    responseType: options.responseType ?? 'code',
    responseMode: responseModeOf(options, bases),
    delivery: options.delivery ?? asDemanded,
    keeps: options.sessions.settings.keep ?? defaultKeep[options.sessions.kind],
    links: options.sessions.box(`links ${issuer.url} ${client.id}`),
    silently: { wanted: false },
    siteOf,
    now,
    random: () => randomText(32),
  }
  return parts
}

const defaultKeep: Readonly<Record<'sealed' | 'stored', ReadonlySet<KeptToken>>> = {
  sealed: new Set<KeptToken>(['refreshToken']),
  stored: new Set<KeptToken>(['idToken', 'accessToken', 'refreshToken']),
}

function createSiteChoice(
  parts: () => LoginParts,
  bases: readonly Base[],
  stripped: boolean,
): LoginParts['siteOf'] {
  const sites = new Map<Base, Site>()
  const choose = baseChoice(bases, stripped)
  return (request) => {
    const base = choose(request)
    const site = sites.get(base) ?? createSite(parts(), base)
    sites.set(base, site)
    return site
  }
}

function checkedIssuer(issuer: Issuer): Issuer {
  if (typeof issuer?.metadata === 'function') return issuer
  throw new ConfigurationError('login.issuer must be a string, or what createIssuer() made of it')
}

const algorithmsOf = (given: readonly string[] = []): readonly Algorithm[] =>
  given.map((name) => {
    if (isAlgorithm(name)) return name
    throw new ConfigurationError('login.algorithms must name asymmetric algorithms, such as RS256')
  })

type Means = Pick<ClientParts, 'issuer' | 'readSigned' | 'decrypt' | keyof Runtime>

function clientOf({ client, timeout, clockTolerance }: LoginOptions, means: Means): LoginClient {
  return createLoginClient({
    ...means,
    options: client,
    // Whoever allowed it to the issuer has allowed it to its endpoints.
    allowInsecure: insecurity(new URL(means.issuer.url), false) !== undefined,
    ...(timeout !== undefined && { timeout }),
    ...(clockTolerance !== undefined && { tolerance: clockTolerance }),
  })
}

// RFC 9126 §5: an issuer may take no other requests than pushed ones.
const pushed = par()
const asDemanded: Delivery = async (request) => {
  const server = await request.client.server()
  return (server.require_pushed_authorization_requests === true ? pushed : plain)(request)
}

const endSessionOf =
  (client: LoginClient, decrypt: Decryption | undefined): EndSessionUrl =>
  async (session, { returnTo, state }) =>
    endSessionUrl(await client.server(), {
      clientId: client.id,
      postLogoutRedirectUri: returnTo,
      state,
      idTokenHint: await hintOf(session.idToken, decrypt),
    })

// OpenID Connect Core §3.1.2.1: an ID token that is encrypted for us says nothing to the issuer. Where the key
// is gone by now, the issuer has to ask the user.
async function hintOf(
  idToken: string | undefined,
  decrypt: Decryption | undefined,
): Promise<string | undefined> {
  if (idToken?.split('.').length !== 5) return idToken
  try {
    return await decrypt?.(idToken)
  } catch (error) {
    if (Refusal.is(error)) return undefined
    throw error
  }
}

export type { EntranceOptions }
