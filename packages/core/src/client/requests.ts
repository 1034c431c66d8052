import type { JWEDecryptOptions, TokenEndpointResponse } from 'oauth4webapi'
import { isRecord, ownValue } from '../lib/own.ts'
import type { CodeRequest, RefreshWish } from './client.ts'
import type { Exchange, Protocol } from './exchange.ts'
import type { TokenSet } from './tokens.ts'

/** What is asked of an endpoint, and what is read in its answer. */
export type Steps<T> = (exchange: Exchange) => Promise<T>

/** Opens an encrypted ID token. */
export type Decrypt = (token: string) => Promise<string>

/** RFC 6749 §4.1.3, RFC 7636 §4.5, OpenID Connect Core §3.1.3. */
export const codeGrant =
  (answer: URLSearchParams, made: CodeRequest, decrypt: Decrypt | undefined): Steps<TokenSet> =>
  async ({ oauth, server, client, authenticate, options }) => {
    const { redirectUri, verifier, nonce, maxAge, resource } = made
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authenticate,
      answer,
      redirectUri,
      verifier,
      { ...options, additionalParameters: { ...(resource !== undefined && { resource }) } },
    )
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: nonce,
      ...(maxAge !== undefined && { maxAge }),
      ...opening(oauth, decrypt),
    })
    return asBearer(oauth, tokenSet(oauth, tokens))
  }

/** RFC 6749 §6, RFC 8707 §2.2, OpenID Connect Core §12. */
export const refreshGrant =
  (token: string, wanted: RefreshWish, decrypt: Decrypt | undefined): Steps<TokenSet> =>
  async ({ oauth, server, client, authenticate, options }) => {
    const { scope, resource, audience } = wanted
    const response = await oauth.refreshTokenGrantRequest(server, client, authenticate, token, {
      ...options,
      additionalParameters: {
        ...(scope !== undefined && { scope }),
        ...(resource !== undefined && { resource }),
        ...(audience !== undefined && { audience }),
      },
    })
    const tokens = await oauth.processRefreshTokenResponse(
      server,
      client,
      response,
      opening(oauth, decrypt),
    )
    return asBearer(oauth, tokenSet(oauth, tokens))
  }

/** Has oauth4webapi open encrypted ID tokens. */
export const opening = (oauth: Protocol, decrypt: Decrypt | undefined): JWEDecryptOptions =>
  decrypt === undefined ? {} : { [oauth.jweDecrypt]: decrypt }

/** What the token endpoint answered, in our words. */
export const tokenSet = (oauth: Protocol, tokens: TokenEndpointResponse): TokenSet => ({
  accessToken: tokens.access_token,
  tokenType: tokens.token_type,
  expiresIn: tokens.expires_in,
  scope: tokens.scope,
  refreshToken: tokens.refresh_token,
  idToken: tokens.id_token,
  raw: oauth.getValidatedIdTokenClaims(tokens) ?? {},
})

// RFC 6749 §7.1, OpenID Connect Core §3.1.3.3: nobody asked for tokens of another type, and whoever is handed
// one by a session would present it as this one.
function asBearer(oauth: Protocol, tokens: TokenSet): TokenSet {
  if (tokens.tokenType === 'bearer') return tokens
  throw new oauth.UnsupportedOperationError(`the token_type is ${tokens.tokenType}, not Bearer`)
}

/** RFC 7009. */
export const revocation =
  (token: string, hint: string | undefined): Steps<void> =>
  async ({ oauth, server, client, authenticate, options }) => {
    const response = await oauth.revocationRequest(server, client, authenticate, token, {
      ...options,
      additionalParameters: { ...(hint !== undefined && { token_type_hint: hint }) },
    })
    if (await isUnsupported(response)) return
    await oauth.processRevocationResponse(successAs(200, response))
  }

// RFC 7009 §2.2.1: the issuer cannot revoke tokens of the kind, and nobody can do anything about it.
async function isUnsupported(response: Response): Promise<boolean> {
  if (response.status !== 400) return false
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  return isRecord(body) && ownValue(body, 'error') === 'unsupported_token_type'
}

/** RFC 9126 §2. */
export const pushed =
  (parameters: URLSearchParams): Steps<string> =>
  async ({ oauth, server, client, authenticate, options }) => {
    const response = await oauth.pushedAuthorizationRequest(
      server,
      client,
      authenticate,
      parameters,
      options,
    )
    const { request_uri: uri } = await oauth.processPushedAuthorizationResponse(
      server,
      client,
      successAs(201, response),
    )
    return uri
  }

// oauth4webapi wants exactly the status of the RFC; issuers answer with its neighbours.
const successAs = (status: number, response: Response): Response =>
  response.status < 200 || response.status > 299
    ? response
    : new Response(response.body, { status, headers: response.headers })
