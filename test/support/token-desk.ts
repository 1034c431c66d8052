import type { RefreshWish } from '../../packages/core/src/client/client.ts'
import type { TokenSet } from '../../packages/core/src/client/tokens.ts'
import { Outage } from '../../packages/core/src/errors/outage.ts'
import { refuse, type Refusal } from '../../packages/core/src/errors/refusal.ts'
import type { Claims } from '../../packages/core/src/lib/claims.ts'
import type { Session, SessionContent } from '../../packages/core/src/session/session.ts'

export const issuer = 'https://id.test'

/** How the desk behaves from now on. */
export interface Manners {
  /** Default true: every refresh token is good once. */
  readonly rotates?: boolean
  /** Does not answer before this. */
  readonly after?: Promise<unknown>
  readonly fails?:
    | 'outage'
    | 'invalid_grant'
    | 'invalid_request'
    | 'access_denied'
    | 'interaction_required'
  /** Claims of an ID token beside the tokens. */
  readonly idToken?: Claims
  /** The keys that the ID token is checked with cannot be had. */
  readonly keysFail?: boolean
  /** What the ID token is refused for. */
  readonly refusal?: Refusal
  /** Scopes of the answer. */
  readonly scope?: string
}

/** The token endpoint of an issuer that rotates refresh tokens, as a client sees it. */
export interface TokenDesk {
  readonly client: {
    readonly refresh: (token: string, wish?: RefreshWish) => Promise<TokenSet>
    readonly revoke: (token: string) => Promise<void>
  }
  readonly asked: readonly { readonly token: string; readonly wish: RefreshWish }[]
  readonly revoked: readonly string[]
  readonly behave: (manners: Manners) => void
  readonly content: (now: number, lifetime: number) => SessionContent
  readonly readIdToken: (
    refreshed: { readonly idToken: string },
    session: Session,
  ) => Promise<Claims>
}

export function createTokenDesk(lifetime: number): TokenDesk {
  const asked: { token: string; wish: RefreshWish }[] = []
  const revoked: string[] = []
  const good = new Set<string>()
  let manners: Manners = {}
  let issued = 0
  const issue = (): string => {
    const token = `refresh-${++issued}`
    good.add(token)
    return token
  }
  const refused = (error: string) =>
    refuse('grant_refused', `The issuer answered ${error}.`, {
      trail: { check: 'grant', presented: error },
    })
  return {
    asked,
    revoked,
    behave: (more) => {
      manners = more
    },
    content: (now, seconds) => ({
      issuer,
      client: 'web',
      claims: { sub: 'alice', sid: 'session-1' },
      scope: 'openid orders:read',
      refreshToken: issue(),
      tokens: [
        {
          value: 'access-of-login',
          name: '',
          scope: 'openid orders:read',
          expiresAt: Math.floor(now / 1000) + seconds,
          lifetime: seconds,
        },
      ],
    }),
    client: {
      refresh: async (token, wish = {}) => {
        asked.push({ token, wish })
        await manners.after
        const { fails, rotates = true, idToken } = manners
        if (fails === 'outage') throw new Outage('endpoint_failed', 'it answered nothing')
        if (fails !== undefined) throw refused(fails)
        if (!good.has(token)) throw refused('invalid_grant')
        if (rotates) good.delete(token)
        return {
          accessToken: `access-${asked.length}${wish.audience ? ` for ${wish.audience}` : ''}`,
          tokenType: 'bearer',
          expiresIn: lifetime,
          scope: manners.scope,
          refreshToken: rotates ? issue() : undefined,
          idToken: idToken && JSON.stringify(idToken),
          raw: idToken ?? {},
        }
      },
      revoke: async (token) => void revoked.push(token),
    },
    readIdToken: async ({ idToken }, { claims }) => {
      if (manners.refusal) throw manners.refusal
      if (manners.keysFail) throw new Outage('keys_unreachable', 'no answer')
      // It was written above.
      const read = JSON.parse(idToken) as Claims
      if (read['sub'] === claims['sub']) return { ...claims, ...read }
      throw refuse('id_token_refused', 'It is of another user.', { trail: { check: 'sub' } })
    },
  }
}
