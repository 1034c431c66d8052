import {
  Outage,
  type Claims,
  type ExpectedIdToken,
  type IdTokenCheck,
  type TokenSet,
} from '@portcullis/core'
import type { DirectAttested, DirectClaims, DirectTokens } from './answer.ts'
import type { Posted } from './post.ts'

/** Names the authentication context for which Okta answers without an access token. */
export const mfaAttestation = 'urn:okta:app:mfa:attestation'

/** What tokens must fit. */
export interface ExpectedTokens {
  readonly url: string
  readonly scope: string
  readonly acrValues: string | undefined
  readonly checkIdToken: IdTokenCheck
}

/** Reads tokens and checks the ID token. Rejects with a `Refusal` (`id_token_refused`) or an `Outage`. */
export async function readTokens(
  { body, status }: Posted,
  { url, scope, acrValues, checkIdToken }: ExpectedTokens,
): Promise<DirectTokens | DirectAttested> {
  const nonsense = (why: string) =>
    new Outage('endpoint_failed', `it answered ${status}: ${why}`, { url, phase: 'content' })
  const idToken = text(body['id_token'])
  const accessToken = text(body['access_token'])
  const acr = acrValues?.split(' ')
  // Checked and signed by Okta, whose ID tokens hold what the type says.
  const read = async (token: string, expected: ExpectedIdToken): Promise<DirectClaims> =>
    (await checkIdToken(token, expected)) as DirectClaims
  if (idToken === undefined && scope.split(' ').includes('openid')) {
    throw nonsense('there is no ID token')
  }
  if (accessToken === undefined) {
    if (idToken === undefined || acr?.includes(mfaAttestation) !== true) {
      throw nonsense('there is no access token')
    }
    return { status: 'attested', idToken, claims: await read(idToken, { acr }) }
  }
  const tokenType = text(body['token_type'])?.toLowerCase()
  if (tokenType === undefined) throw nonsense('there is no token_type')
  // Okta passes over an acr that it does not know: then there is none in the token, and it is refused here.
  const claims = idToken === undefined ? undefined : await read(idToken, { accessToken, acr })
  return {
    status: 'tokens',
    tokens: tokenSet(body, { accessToken, tokenType, idToken, claims }),
    claims,
  }
}

interface ReadTokens {
  readonly accessToken: string
  readonly tokenType: string
  readonly idToken: string | undefined
  readonly claims: Claims | undefined
}

const tokenSet = (
  body: Posted['body'],
  { accessToken, tokenType, idToken, claims }: ReadTokens,
): TokenSet => ({
  accessToken,
  tokenType,
  expiresIn: typeof body['expires_in'] === 'number' ? body['expires_in'] : undefined,
  scope: text(body['scope']),
  refreshToken: text(body['refresh_token']),
  idToken,
  raw: claims ?? {},
})

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
