import { ConfigurationError } from '../errors/configuration.ts'
import { checkOptions, either, filled, listOf, record, text, type Check } from '../lib/assert.ts'
import type { Claims } from '../lib/claims.ts'
import type { Ask } from './exchange.ts'
import type { ExpectedIdToken, IdTokenCheck } from './id-token.ts'
import { opening, tokenSet, type Decrypt, type Steps } from './requests.ts'
import type { GrantedTokens, TokenSet } from './tokens.ts'

/** The fields of a form; a list is sent as a field for each value, `undefined` not at all. */
export type FormFields = Readonly<Record<string, string | readonly string[] | undefined>>

/** A way to get tokens from the token endpoint (RFC 6749 §4): what is sent, and what the answers mean. */
export interface Grant<Answer = GrantedTokens> {
  /** The `grant_type`. */
  readonly type: string
  readonly form: FormFields
  /** Types of token beside `bearer` and `dpop`, in lower case. Others are an `Outage`. */
  readonly tokenTypes?: readonly string[]
  /** What an ID token of the answer must fit beside its signature, issuer, audience and times. */
  readonly idToken?: ExpectedIdToken
  /** What is made of the tokens, and of the answer that they came with. */
  readonly granted: (tokens: GrantedTokens, answer: Claims) => Answer
  /** What is made of an `error` that is an outcome; `undefined` for those that are failures. Default: all are. */
  readonly refused?: (error: string, answer: Claims) => Answer | undefined
}

/** Asks the token endpoint. Failures are a `Refusal`, an `Outage` or a `ConfigurationError`. */
export type Trade = <Answer>(grant: Grant<Answer>) => Promise<Answer>

/** What a grant with several requests works with. */
export interface GrantParts {
  readonly ask: Ask
  readonly trade: Trade
  readonly now: () => number
  /** Seconds. Rejects with the signal's reason when that is aborted. */
  readonly sleep: (seconds: number, signal?: AbortSignal) => Promise<void>
}

/** Which tokens are wanted. */
export interface GrantWish {
  /** Scopes, separated by spaces. Default: what the issuer takes for granted. */
  readonly scope?: string
  /** Whom the token is for, with issuers that have this word for it (Auth0, RFC 8693). */
  readonly audience?: string | readonly string[]
  /** Whom the token is for (RFC 8707): absolute URIs. */
  readonly resource?: string | readonly string[]
  /** Further fields of the form that the issuer asks for. They replace none that are sent anyway. */
  readonly parameters?: Readonly<Record<string, string>>
}

const texts = either(text, filled(listOf(text)))
const wishChecks: Readonly<Record<keyof GrantWish, Check>> = {
  scope: text,
  audience: texts,
  resource: texts,
  parameters: record,
}

/** Checks a wish of the method `of`, which may have members of its own. */
export const checkWish = (
  of: string,
  wish: GrantWish,
  own: Readonly<Record<string, Check>> = {},
): void => checkOptions(of, wish, { ...wishChecks, ...own })

/**
 * Checks a text without which a request says nothing: `undefined` would be left out of the form, and the
 * issuer would blame whoever the tokens are for.
 */
export function demandText(what: string, value: unknown): void {
  const wrong = text(value)
  if (wrong !== undefined) throw new ConfigurationError(`${what} ${wrong}`)
}

/** The form of a wish, together with the fields of the grant. */
export function formOf(wish: GrantWish, fields: FormFields = {}): FormFields {
  const { scope, audience, resource, parameters = {} } = wish
  const own = Object.entries({ scope, audience, resource, ...fields })
  return { ...parameters, ...Object.fromEntries(own.filter(([, value]) => value !== undefined)) }
}

/** A form as it is sent. */
export const encoded = (form: FormFields): URLSearchParams =>
  new URLSearchParams(
    Object.entries(form).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    ),
  )

/** What trades rest on. */
export interface TradeParts {
  readonly ask: Ask
  readonly checkIdToken: IdTokenCheck
  readonly now: () => number
  readonly decrypt: Decrypt | undefined
}

/** Makes the way to the token endpoint. */
export function createTrade({ ask, checkIdToken, now, decrypt }: TradeParts): Trade {
  return async (grant) => {
    const asked = now()
    const outcome = await ask('token_endpoint', tokenRequest(grant, decrypt))
    if ('refused' in outcome) return outcome.refused
    const { raw: _raw, ...tokens } = outcome.tokens
    const { accessToken, idToken, expiresIn } = tokens
    const claims =
      idToken === undefined
        ? undefined
        : await checkIdToken(idToken, { accessToken, ...grant.idToken })
    const expiresAt = expiresIn === undefined ? undefined : Math.floor(asked / 1000) + expiresIn
    return grant.granted({ ...tokens, expiresAt, claims }, outcome.answer)
  }
}

type Outcome<Answer> =
  | { readonly tokens: TokenSet; readonly answer: Claims }
  | { readonly refused: Answer }

const tokenRequest =
  <Answer>(grant: Grant<Answer>, decrypt: Decrypt | undefined): Steps<Outcome<Answer>> =>
  async ({ oauth, server, client, authenticate, options }) => {
    const { type, form, tokenTypes = [], refused } = grant
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      authenticate,
      type,
      encoded(form),
      options,
    )
    try {
      const answer = await oauth.processGenericTokenEndpointResponse(server, client, response, {
        ...opening(oauth, decrypt),
        recognizedTokenTypes: Object.fromEntries(tokenTypes.map((name) => [name, () => {}])),
      })
      return { tokens: tokenSet(oauth, answer), answer }
    } catch (error) {
      if (!(error instanceof oauth.ResponseBodyError)) throw error
      const made = refused?.(error.error, error.cause)
      if (made === undefined) throw error
      return { refused: made }
    }
  }

/** For grants that give their tokens as they are. */
export const asGranted = (tokens: GrantedTokens): GrantedTokens => tokens
