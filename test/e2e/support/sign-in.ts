import { createHash, randomBytes } from 'node:crypto'
import { createBrowser, type AuthorizationServer } from '@portcullis/testkit'
import type { JWK } from 'jose'
import { createLoginClient, type LoginClient } from '../../../packages/core/src/client/client.ts'
import {
  createIdTokenCheck,
  type IdTokenCheck,
} from '../../../packages/core/src/client/id-token.ts'
import type { ClientOptions } from '../../../packages/core/src/client/options.ts'
import type { SignedReader } from '../../../packages/core/src/client/signed.ts'
import type { TokenSet } from '../../../packages/core/src/client/tokens.ts'
import type { Claims } from '../../../packages/core/src/lib/claims.ts'
import { createIssuer, type IssuerSource } from '../../../packages/core/src/issuer/create.ts'
import { plain, type Delivery } from '../../../packages/core/src/login/delivery.ts'
import { createDecryption } from '../../../packages/core/src/standards/jwt/encrypted.ts'
import { createSignedReader } from '../../../packages/core/src/standards/jwt/signed.ts'

export const callback = 'http://127.0.0.1:9/callback'

/** The parts of a login, without a login. */
export interface Registered {
  readonly client: LoginClient
  readonly readSigned: SignedReader
  readonly check: IdTokenCheck
}

/** Makes a client of a real authorization server. */
export function registeredAt(
  server: AuthorizationServer,
  options: ClientOptions,
  decryptionKeys: readonly JWK[] = [],
  source: IssuerSource = {},
): Registered {
  const issuer = createIssuer({ issuer: server.issuer, ...source })
  const readSigned = createSignedReader({ issuer, decryptionKeys })
  const decrypt = decryptionKeys.length > 0 && createDecryption(decryptionKeys)
  return {
    client: createLoginClient({ issuer, options, readSigned, ...(decrypt && { decrypt }) }),
    readSigned,
    check: createIdTokenCheck({ clientId: options.id, issuer, readSigned }),
  }
}

const random = () => randomBytes(32).toString('base64url')

/** What a login remembers between its two halves. */
export interface Attempt {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly redirectUri: string
}

/** An authorization request, and where it leads a browser to. */
export async function begin(
  { client }: Registered,
  more: Readonly<Record<string, string>> = {},
  deliver: Delivery = plain,
): Promise<Attempt & { readonly url: URL }> {
  const attempt = { state: random(), nonce: random(), verifier: random(), redirectUri: callback }
  const { authorization_endpoint: endpoint = '' } = await client.server()
  const parameters = new URLSearchParams({
    client_id: client.id,
    response_type: 'code',
    scope: 'openid email',
    redirect_uri: attempt.redirectUri,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: createHash('sha256').update(attempt.verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  })
  const redirectUri = parameters.get('redirect_uri') ?? callback
  const url = await deliver({ client, endpoint: new URL(endpoint), parameters })
  return { ...attempt, redirectUri, url }
}

/** Where a browser arrives that was sent to a URL. */
export const arrive = async (url: URL): Promise<URL> => {
  const page = await createBrowser().open(url.href, { until: callback })
  if (!page.url.startsWith(callback)) throw new Error(`it ended at ${page.url}: ${page.html}`)
  return new URL(page.url)
}

/** A whole login. */
export async function signIn(
  at: Registered,
  more: Readonly<Record<string, string>> = {},
  deliver: Delivery = plain,
): Promise<{ readonly tokens: TokenSet; readonly claims: Claims }> {
  const attempt = await begin(at, more, deliver)
  const { searchParams } = await arrive(attempt.url)
  const answer = await at.client.validateAnswer(searchParams, attempt.state)
  const tokens = await at.client.exchangeCode(answer, attempt)
  const { nonce } = attempt
  const { accessToken } = tokens
  return { tokens, claims: await at.check(tokens.idToken ?? '', { nonce, accessToken }) }
}
