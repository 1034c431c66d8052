import { checkWish, demandText, formOf, type Grant, type GrantWish } from '../../client/grant.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { text, type Check } from '../../lib/assert.ts'
import { ownValue } from '../../lib/own.ts'
import { text as textOf } from '../../lib/text.ts'

/** Kinds of token by their short names (RFC 8693 §3); other kinds by their URIs. */
export type TokenKind =
  | 'access_token'
  | 'refresh_token'
  | 'id_token'
  | 'jwt'
  | 'saml1'
  | 'saml2'
  | `${string}:${string}`

/** What is exchanged for what (RFC 8693 §2.1). */
export interface ExchangeWish extends GrantWish {
  /** The token of whoever the new one is about. */
  readonly subjectToken: string
  /** Default `access_token`. */
  readonly subjectTokenType?: TokenKind
  /** The token of whoever acts for the subject. */
  readonly actorToken?: string
  /** Default `access_token`, where there is an actor. */
  readonly actorTokenType?: TokenKind
  /** Default: the issuer's choice. */
  readonly requestedTokenType?: TokenKind
}

/** What came of an exchange. */
export interface ExchangedToken {
  /** An access token, unless `issuedTokenType` says otherwise. */
  readonly token: string
  /** In lower case: `bearer`, `dpop`; `n_a` where it is not for presenting to an API. */
  readonly tokenType: string
  /** A URI (RFC 8693 §3), where the issuer said. */
  readonly issuedTokenType: string | undefined
  /** Seconds, where the issuer said. */
  readonly expiresIn: number | undefined
  /** Epoch seconds by our clock, where the issuer said. */
  readonly expiresAt: number | undefined
  /** The scopes that were granted, where they differ from those that were asked for. */
  readonly scope: string | undefined
  readonly refreshToken: string | undefined
}

/** Trades a token for another one: for another API, with less in it, or on behalf of its owner. */
export const tokenExchange = (wish: ExchangeWish): Grant<ExchangedToken> => ({
  type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  form: formOf(wish, fieldsOf(wish)),
  tokenTypes: ['n_a'],
  granted: ({ accessToken, tokenType, expiresIn, expiresAt, scope, refreshToken }, answer) => ({
    token: accessToken,
    tokenType,
    issuedTokenType: textOf(ownValue(answer, 'issued_token_type')),
    expiresIn,
    expiresAt,
    scope,
    refreshToken,
  }),
})

const checks: Readonly<Record<Exclude<keyof ExchangeWish, keyof GrantWish>, Check>> = {
  subjectToken: text,
  subjectTokenType: text,
  actorToken: text,
  actorTokenType: text,
  requestedTokenType: text,
}

function fieldsOf(wish: ExchangeWish): Readonly<Record<string, string | undefined>> {
  checkWish('tokenExchange', wish, checks)
  const { subjectToken, subjectTokenType = 'access_token', actorToken, requestedTokenType } = wish
  demandText('tokenExchange.subjectToken', subjectToken)
  const { actorTokenType = actorToken === undefined ? undefined : 'access_token' } = wish
  if (actorTokenType !== undefined && actorToken === undefined) {
    throw new ConfigurationError('tokenExchange() has an actorTokenType and no actorToken')
  }
  return {
    subject_token: subjectToken,
    subject_token_type: uriOf(subjectTokenType),
    actor_token: actorToken,
    actor_token_type: actorTokenType && uriOf(actorTokenType),
    requested_token_type: requestedTokenType && uriOf(requestedTokenType),
  }
}

const shortNames: ReadonlySet<string> = new Set(
  'access_token refresh_token id_token jwt saml1 saml2'.split(' '),
)

function uriOf(kind: TokenKind): string {
  if (shortNames.has(kind)) return `urn:ietf:params:oauth:token-type:${kind}`
  if (kind.includes(':')) return kind
  throw new ConfigurationError(
    `tokenExchange() knows the token types ${[...shortNames].join(', ')}, and URIs`,
  )
}
