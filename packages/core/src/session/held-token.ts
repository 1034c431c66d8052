import type { RefreshWish } from '../client/client.ts'
import { renewalMargin, type TokenSet } from '../client/tokens.ts'
import type { HeldToken, Session } from './session.ts'

/** A token of an answer as a session holds it. */
export const heldToken = (
  { accessToken, expiresIn, scope }: Pick<TokenSet, 'accessToken' | 'expiresIn' | 'scope'>,
  name: string,
  now: number,
  asked: string,
): HeldToken => ({
  value: accessToken,
  name,
  scope: scope ?? asked,
  expiresAt: expiresIn === undefined ? undefined : Math.floor(now / 1000) + expiresIn,
  lifetime: expiresIn,
})

/** Under which name a session holds the token for a wish: `''` for that of the login. */
export const tokenName = ({ resource, audience, scope }: RefreshWish): string =>
  Object.entries({ resource, audience, scope })
    .flatMap(([member, value]) => (value === undefined ? [] : [`${member}=${value}`]))
    .join(' ')

/** The token that a session holds for a wish. */
export const tokenFor = (session: Session, wish: RefreshWish): HeldToken | undefined => {
  const wanted = tokenName(wish)
  return session.tokens.find(({ name }) => name === wanted)
}

// Seconds; makes the margin a minute.
const unknownLifetime = 240

/** Whether a token will do for the next call. */
export const isFresh = (token: HeldToken | undefined, now: number): boolean =>
  token !== undefined &&
  (token.expiresAt === undefined ||
    now / 1000 < token.expiresAt - renewalMargin(token.lifetime ?? unknownLifetime))

/** Whether a token is good at all. */
export const isAlive = (token: HeldToken | undefined, now: number): token is HeldToken =>
  token !== undefined && (token.expiresAt === undefined || now / 1000 < token.expiresAt)
