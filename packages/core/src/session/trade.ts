import type { LoginClient, RefreshWish } from '../client/client.ts'
import type { TokenSet } from '../client/tokens.ts'
import { Outage } from '../errors/outage.ts'
import { refuse, Refusal } from '../errors/refusal.ts'
import type { Claims } from '../lib/claims.ts'
import { fingerprint } from '../lib/seal.ts'
import { heldToken, isFresh, tokenFor, tokenName } from './held-token.ts'
import type { Keeper } from './keeper.ts'
import { createLately, type Lately } from './lately.ts'
import type { Session } from './session.ts'
import type { Held, Renewed } from './sessions.ts'

/** An ID token, and the access token that came with it. */
export interface RefreshedIdToken {
  readonly idToken: string
  readonly accessToken: string
  /** Epoch milliseconds at which they came. */
  readonly at: number
}

export interface TradeParts {
  readonly client: LoginClient
  readonly keeper: Keeper
  /** Checks a refreshed ID token and reduces its claims to what is kept. */
  readonly readIdToken: (refreshed: RefreshedIdToken, session: Session) => Promise<Claims>
  readonly keepsIdToken: boolean
  /** What the login itself asks for: for the token that came with it. */
  readonly loginWish: RefreshWish
  readonly now: () => number
  readonly refreshed: (session: Session) => void
}

/** What one process has got of issuers, and could not keep yet. */
type Unkept = Lately<Omit<Traded, 'held'>>

/** Trades the refresh token of a session for new tokens, and keeps them. Nobody else may do so meanwhile. */
export type Trade = (held: Held, wish: RefreshWish) => Promise<Renewed>

// Milliseconds for which a store, or the keys of the issuer, may be out of reach.
const patience = 600_000

/** Makes the trade of one login. */
export function createTrade(parts: TradeParts): Trade {
  const { keeper, now } = parts
  const unkept: Unkept = createLately(now, patience)
  const serves = ({ session }: Held, wish: RefreshWish): boolean =>
    isFresh(tokenFor(session, wish), now())

  const trade: Trade = async (held, wish) => {
    const { refreshToken } = held.session
    if (refreshToken === undefined) {
      throw ended('The access token has expired, and there is no refresh token.')
    }
    // What was traded is used up: where its fruits could not be kept, that is tried again first.
    const name = fingerprint(refreshToken)
    const left = unkept.get(name)
    const traded = left ?? {
      tokens: await exchange(refreshToken, wish),
      name: tokenName(wish),
      at: now(),
    }
    // Once: what nobody can keep must not be tried for ever.
    if (left === undefined) unkept.set(name, traded)
    const renewed = await keepTokens(parts, { held, ...traded }).catch((error: unknown) => {
      if (Refusal.is(error)) unkept.delete(name)
      throw error
    })
    unkept.delete(name)
    if (left === undefined || serves(renewed.held, wish)) return renewed
    return trade(renewed.held, wish).catch((error: unknown) => {
      // No browser was told of what was kept.
      if (unkept.get(name) === undefined) unkept.set(name, left)
      throw error
    })
  }

  const exchange = async (refreshToken: string, wish: RefreshWish): Promise<TokenSet> => {
    const name = tokenName(wish)
    try {
      return await parts.client.refresh(refreshToken, name === '' ? parts.loginWish : wish)
    } catch (error) {
      throw conclusion(error, name)
    }
  }

  return async (held, wish) => {
    try {
      return await trade(held, wish)
    } catch (error) {
      // Somebody without our lock may have been faster, and what came of it is good.
      const found = isOver(error) && !keeper.inBrowser ? await keeper.again(held) : undefined
      if (found === undefined) throw error
      if (serves(found, wish)) return { held: found, headers: [] }
      if (found.session.refreshToken === held.session.refreshToken) throw error
      return trade(found, wish)
    }
  }
}

interface Traded {
  readonly held: Held
  readonly tokens: TokenSet
  readonly name: string
  /** Epoch milliseconds at which the tokens came: their lifetimes count from there, whenever they are kept. */
  readonly at: number
}

async function keepTokens(parts: TradeParts, traded: Traded): Promise<Renewed> {
  const { held, tokens } = traded
  const claims = await refreshedClaims(parts, traded)
  const renewed = await parts.keeper.change(held, (newest) => ({
    ...merged(newest, traded),
    claims: claims ?? newest.claims,
    ...(parts.keepsIdToken && tokens.idToken !== undefined && { idToken: tokens.idToken }),
  }))
  if (renewed === undefined) {
    await discard(parts.client, tokens.refreshToken)
    throw ended('The session was ended while its tokens were renewed.')
  }
  parts.refreshed(renewed.held.session)
  return renewed
}

/** Revokes what came too late: the logout revoked the token before, and could not know of this one. */
export async function discard(
  client: LoginClient,
  refreshToken: string | undefined,
): Promise<void> {
  if (refreshToken === undefined) return
  await client.revoke(refreshToken, 'refresh_token').catch(() => undefined)
}

const ended = (reason: string, cause?: Refusal): Refusal =>
  refuse('session_ended', reason, { trail: { ...cause?.trail, check: 'refresh' }, cause })

// What an issuer says of a refresh token that will never be good again (RFC 6749 §5.2), or not without the user.
const ends: ReadonlySet<string | undefined> = new Set([
  'invalid_grant',
  'access_denied',
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
])

/** Whether an error is the end of the session, and not only of what was wished for. */
export const isOver = (error: unknown): boolean =>
  Refusal.is(error) && error.code === 'session_ended'

/** Only where the issuer is done with the grant the session ends; what else it says may be said to us by mistake. */
function conclusion(error: unknown, name: string): unknown {
  if (!Refusal.is(error)) return error
  const { code, reason, trail } = error
  if (code !== 'grant_refused') return verdict(error, 'The issuer refused to renew the tokens')
  // Who may not have the token for one API, or not without the user, is signed in as before.
  if (name !== '' && trail.presented !== 'invalid_grant') return error
  return ends.has(trail.presented)
    ? ended(`The issuer refused to renew the tokens: ${reason}`, error)
    : failed(reason, error)
}

const failed = (reason: string, cause: Refusal): Outage =>
  new Outage('endpoint_failed', reason, { phase: 'content', cause })

// What a clock that is set right will accept.
const times: ReadonlySet<string | undefined> = new Set(['exp', 'iat', 'nbf'])

/** What the refusal of an ID token means: time may heal it, where a clock is wrong or a key not yet known. */
function verdict(error: Refusal, what: string): Refusal | Outage {
  const { code } = Refusal.is(error.cause) ? error.cause : error
  const passes = code === 'token_key_unknown' || times.has(error.trail.check)
  return (passes ? failed : ended)(`${what}: ${error.reason}`, error)
}

// OpenID Connect Core §12.2: there need not be an ID token; where there is one it must be of the same user.
async function refreshedClaims(
  { readIdToken }: TradeParts,
  { held, tokens: { idToken, accessToken }, at }: Traded,
): Promise<Claims | undefined> {
  if (idToken === undefined) return undefined
  try {
    return await readIdToken({ idToken, accessToken, at }, held.session)
  } catch (error) {
    throw Refusal.is(error) ? verdict(error, 'The refreshed ID token does not hold') : error
  }
}

/** A session with the tokens that a refresh gave. */
function merged(session: Session, { tokens, name, at }: Traded): Session {
  const fresh = heldToken(tokens, name, at, session.scope)
  return {
    ...session,
    // RFC 6749 §6: a refresh may narrow what was granted at the login.
    ...(name === '' && { scope: tokens.scope ?? session.scope }),
    tokens: [...session.tokens.filter((token) => token.name !== name), fresh],
    ...(tokens.refreshToken !== undefined && { refreshToken: tokens.refreshToken }),
  }
}
