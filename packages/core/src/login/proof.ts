import { refuse, Refusal } from '../errors/refusal.ts'
import { issuedTo } from '../guard/token.ts'
import type { TokenSet } from '../client/tokens.ts'
import type { Claims } from '../lib/claims.ts'
import { text } from '../lib/text.ts'
import { mergeParameters, resourceOf } from './parameters.ts'
import type { LoginParts } from './site.ts'
import type { Transaction } from './transaction.ts'

/** What an answer proves: who signed in, and what may be asked for in their name. */
export interface Proof {
  readonly claims: Claims
  readonly subject: string | undefined
  readonly tokens: Partial<TokenSet>
}

/** Checks an answer by what was asked for, and trades its code; `traded` is told when that is done. */
export async function signInOf(
  parts: LoginParts,
  transaction: Transaction,
  parameters: URLSearchParams,
  traded: () => void,
): Promise<Proof> {
  const wanted = parts.responseType.split(' ')
  const { client, responseType } = parts
  const answer = await client.validateAnswer(parameters, transaction.state, responseType)
  const front = readFront(parameters, wanted)
  const early =
    front.idToken === undefined
      ? undefined
      : await parts.checkIdToken(front.idToken, {
          ...expectations(transaction),
          // With it the token counts as one of the front channel: then its hashes must be there.
          state: transaction.state,
          ...(front.code !== undefined && { code: front.code }),
          ...(front.accessToken !== undefined && { accessToken: front.accessToken }),
        })
  const proof = wanted.includes('code')
    ? await tradeCode(parts, transaction, answer, traded)
    : await withoutCode(parts, transaction, front, early)
  if (early !== undefined && text(early['sub']) !== proof.subject) {
    throw refuse('id_token_refused', 'The two ID tokens of the login are of different users.', {
      trail: { check: 'sub', issuer: parts.client.issuer.url },
    })
  }
  return proof
}

const expectations = ({ nonce, maxAge, acr }: Transaction) => ({
  nonce,
  ...(maxAge !== undefined && { maxAge }),
  ...(acr !== undefined && { acr }),
})

interface Front {
  readonly code: string | undefined
  readonly idToken: string | undefined
  readonly accessToken: string | undefined
  readonly expiresIn: number | undefined
  readonly scope: string | undefined
}

// What came through the browser: exactly what was asked for, each once.
function readFront(parameters: URLSearchParams, wanted: readonly string[]): Front {
  const take = (name: string, type: string): string | undefined => {
    const [value, ...others] = parameters.getAll(name)
    if (others.length === 0 && (value !== undefined && value !== '') === wanted.includes(type)) {
      return value
    }
    throw refuse(
      'login_answer_invalid',
      `The answer must hold ${name} ${wanted.includes(type) ? 'once' : 'not at all'}.`,
      { trail: { check: name } },
    )
  }
  if (wanted.includes('token') && parameters.get('token_type')?.toLowerCase() !== 'bearer') {
    throw refuse('login_answer_invalid', 'The token_type in the answer must be Bearer.', {
      trail: { check: 'token_type' },
    })
  }
  const expiresIn = Number(parameters.get('expires_in') ?? Number.NaN)
  return {
    code: take('code', 'code'),
    idToken: take('id_token', 'id_token'),
    accessToken: take('access_token', 'token'),
    expiresIn: Number.isFinite(expiresIn) && expiresIn >= 0 ? expiresIn : undefined,
    scope: parameters.get('scope') ?? undefined,
  }
}

async function tradeCode(
  { client, checkIdToken, options }: LoginParts,
  transaction: Transaction,
  answer: URLSearchParams,
  traded: () => void,
): Promise<Proof> {
  const { redirectUri, verifier, nonce, maxAge, wish } = transaction
  const resource = resourceOf(mergeParameters(options.parameters, wish) ?? {})
  const tokens = await client.exchangeCode(answer, {
    redirectUri,
    verifier,
    nonce,
    ...(maxAge !== undefined && { maxAge }),
    ...(resource !== undefined && { resource }),
  })
  traded()
  if (tokens.idToken === undefined) {
    throw refuse('id_token_refused', 'The token endpoint gave no ID token.', {
      trail: { check: 'id_token', issuer: client.issuer.url },
    })
  }
  const claims = await checkIdToken(tokens.idToken, {
    ...expectations(transaction),
    accessToken: tokens.accessToken,
  })
  return { claims, subject: text(claims['sub']), tokens }
}

async function withoutCode(
  parts: LoginParts,
  transaction: Transaction,
  front: Front,
  early: Claims | undefined,
): Promise<Proof> {
  const { idToken, accessToken, expiresIn, scope } = front
  const tokens: Partial<TokenSet> =
    accessToken === undefined ? { idToken } : { idToken, accessToken, expiresIn, scope }
  const claims = early ?? (await claimsOfToken(parts, transaction, accessToken ?? ''))
  return { claims, subject: text(claims['sub']), tokens }
}

/**
 * `response_type=token` proves nobody by itself: a token that was issued to another client could be put
 * into the answer. So it must be a JWT that names us, and userinfo must know its subject.
 */
async function claimsOfToken(
  { client, readSigned }: LoginParts,
  { maxAge, acr }: Transaction,
  accessToken: string,
): Promise<Claims> {
  if (maxAge !== undefined || acr !== undefined) {
    throw refuse('login_unmet', 'Only an ID token tells when and how the user was authenticated.', {
      trail: { check: maxAge === undefined ? 'acr' : 'auth_time', issuer: client.issuer.url },
    })
  }
  const { claims } = await readSigned(accessToken).catch((error: unknown) => {
    throw Refusal.is(error)
      ? refuse(
          'login_answer_invalid',
          `The access token is no JWT of the issuer: ${error.reason}`,
          {
            trail: error.trail,
            cause: error,
          },
        )
      : error
  })
  const subject = text(claims['sub'])
  if (
    claims['iss'] !== client.issuer.url ||
    issuedTo(claims) !== client.id ||
    subject === undefined
  ) {
    throw refuse('login_answer_invalid', 'The access token was not issued to this client.', {
      trail: { check: 'access_token', issuer: client.issuer.url },
    })
  }
  return client.userinfo(accessToken, subject)
}
