import type { LoginClient, RefreshWish } from '../client/client.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { Outage } from '../errors/outage.ts'
import { Refusal } from '../errors/refusal.ts'
import { keptSession } from '../guard/attach.ts'
import type { Claims } from '../lib/claims.ts'
import type { HeaderField } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { text } from '../lib/text.ts'
import { sessionEnded } from './ended.ts'
import { isAlive, isFresh, tokenFor, tokenName } from './held-token.ts'
import type { Keeper } from './keeper.ts'
import type { Refresher } from './refresh.ts'
import type { HeldToken, Session } from './session.ts'
import type { Held, Renewed } from './sessions.ts'
import { isOver } from './trade.ts'
import { unshared } from './unshared.ts'

/** Marks active sessions, also those of another copy of this package. */
export const brand: unique symbol = Symbol.for('portcullis.session')

/** The session of a request that is being answered. */
export interface ActiveSession {
  readonly [brand]: true
  held: Held
  readonly request: HttpRequest
  readonly parts: ActiveParts
}

/** What all active sessions of a login share. */
export interface ActiveParts {
  readonly keeper: Keeper
  readonly refresher: Refresher
  readonly client: LoginClient
  readonly now: () => number
  /** The address that signs this session out with a link. */
  readonly logoutUrl: (session: Session) => string
}

/** Which access token is wanted: none of the members means the one that came with the login. */
export type TokenWish = RefreshWish

/** A session as an application sees it. */
export interface SessionView {
  readonly claims: Claims
  /** Epoch seconds of the login. */
  readonly createdAt: number
  /** What the application itself keeps with the session. */
  readonly data: Readonly<Record<string, unknown>>
}

const isActive = (kept: object | undefined): kept is ActiveSession =>
  kept !== undefined && brand in kept

function activeIn(host: object): ActiveSession {
  const kept = keptSession(host)
  if (isActive(kept)) return kept
  throw new ConfigurationError(
    'there is no session: the request was let in by a token, or by nobody',
  )
}

/** The session of a request, or `undefined` where it was let in by a token, or is anonymous. */
export function session(host: object): SessionView | undefined {
  const active = keptSession(host)
  if (!isActive(active)) return undefined
  const { claims, createdAt, data = {} } = active.held.session
  return { claims, createdAt: Math.floor(createdAt / 1000), data }
}

/**
 * A live access token of the session, renewed where it is about to expire. Rejects with an `Outage`
 * where it is dead and the issuer cannot be reached, and with a `Refusal` where the session has ended
 * (`session_ended`), or the issuer does not give the token that is wished for (`grant_refused`).
 *
 * @example
 * app.get('/orders', protect(site), async (req, res) => res.json(await callApi(await accessToken(req))))
 */
export async function accessToken(host: object, wish: TokenWish = {}): Promise<string> {
  const active = activeIn(host)
  const held = tokenFor(active.held.session, wish)
  const now = active.parts.now()
  if (held !== undefined && isFresh(held, now)) return held.value
  checkRenewable(active, held)
  if (isAlive(held, now) && !isWorthATry(active)) return held.value
  try {
    return await renew(active, wish)
  } catch (error) {
    if (isOver(error)) forget(active)
    else if (isFailure(error) && isAlive(held, active.parts.now())) return held.value
    throw error
  }
}

const isFailure = (error: unknown): boolean => Outage.is(error) || Refusal.is(error)

// While the token lives nothing is lost by waiting for a better time.
const isWorthATry = (active: ActiveSession): boolean =>
  active.held.session.refreshToken !== undefined &&
  canTell(active) &&
  !active.parts.refresher.rests()

function checkRenewable(active: ActiveSession, held: HeldToken | undefined): void {
  if (active.held.session.refreshToken === undefined) {
    if (held === undefined)
      throw new ConfigurationError(
        'the session holds no access token: let its sessions keep accessToken, or ask for the scope offline_access',
      )
    return
  }
  if (isAlive(held, active.parts.now()) || canTell(active)) return
  throw new ConfigurationError(
    'a sealed session can only be renewed before the response is sent: ask for accessToken() earlier, or store the sessions',
  )
}

// Where the browser holds the session it must be told of a change, or a rotated refresh token is lost.
const canTell = ({ parts, request }: ActiveSession): boolean =>
  !parts.keeper.inBrowser || request.response?.sent === false

async function renew(active: ActiveSession, wish: TokenWish): Promise<string> {
  const { held, headers } = await active.parts.refresher.renew(active.held, wish)
  active.held = held
  tell(active, headers)
  const token = tokenFor(held.session, wish)
  if (token !== undefined) return token.value
  throw sessionEnded(`there is no token for ${tokenName(wish) || 'the login'}`)
}

function tell({ request, parts, held }: ActiveSession, headers: readonly HeaderField[]): void {
  if (headers.length === 0 || request.response?.sent !== false) return
  request.response.append(unshared(headers))
  watch(parts, request, { held, headers })
}

// The cookie that the browser has by now may be that of the login which took its place.
function forget({ request, parts: { keeper, refresher }, held }: ActiveSession): void {
  if (refresher.wasReplaced(held.session) || request.response?.sent !== false) return
  request.response.append(unshared(keeper.forget(request)))
}

/** A slow response must not bring an old state back after a faster one has brought a new one, or none. */
export function watch(
  { keeper, refresher }: Pick<ActiveParts, 'keeper' | 'refresher'>,
  request: HttpRequest,
  { held, headers }: Renewed,
): void {
  const { response } = request
  if (headers.length === 0 || response === undefined) return
  const watched = { response, fields: headers, forget: () => unshared(keeper.forget(request)) }
  refresher.watch(held, watched)
}

/** Claims about the user from the issuer's userinfo endpoint, asked for now. */
export async function userinfo(host: object): Promise<Claims> {
  const token = await accessToken(host)
  const { parts, held } = activeIn(host)
  return parts.client.userinfo(token, text(held.session.claims['sub']) ?? '')
}

/** Keeps data of the application with the session, in the place of what was there. */
export async function updateSession(
  host: object,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  const active = activeIn(host)
  if (!canTell(active)) {
    throw new ConfigurationError('a sealed session can only be changed before the response is sent')
  }
  const { refresher, now } = active.parts
  // By the time of the change others can tell which data are the newer ones, whatever their clocks say.
  const changed = await refresher.change(active.held, (newest) => ({
    ...newest,
    data,
    seenAt: Math.max(now(), newest.seenAt + 1),
  }))
  if (changed === undefined || refresher.hasEnded(changed.held.session)) {
    throw sessionEnded('it was ended meanwhile')
  }
  active.held = changed.held
  tell(active, changed.headers)
}

/** A link that signs this session out with a plain GET: it carries a token that nobody else can make. */
export function logoutUrl(host: object): string {
  const { parts, held } = activeIn(host)
  return parts.logoutUrl(held.session)
}
