import { refuse, Refusal } from '../errors/refusal.ts'
import type { Claims } from '../lib/claims.ts'
import { cut } from '../http/challenge.ts'
import { ownValue } from '../lib/own.ts'
import type { Exchange } from './exchange.ts'
import type { SignedReader } from './signed.ts'

/** Whose claims are asked for, and how they are opened. */
export interface UserinfoParts {
  readonly accessToken: string
  readonly subject: string
  readonly readSigned: SignedReader
  readonly now: () => number
}

/** OpenID Connect Core §5.3. */
export const userinfo =
  (parts: UserinfoParts): ((exchange: Exchange) => Promise<Claims>) =>
  async (exchange) => {
    const { oauth, server, client, options } = exchange
    const { accessToken, subject } = parts
    const response = await oauth.userInfoRequest(server, client, accessToken, options)
    if (response.status === 401 || response.status === 403) throw tokenRefused(response.status)
    const plain = isJwt(response) ? await open(await response.text(), exchange, parts) : response
    try {
      return await oauth.processUserInfoResponse(server, client, subject, plain)
    } catch (error) {
      if (isOfAnother(error)) throw refused('it is about another subject', 'sub')
      throw error
    }
  }

const isJwt = (response: Response): boolean =>
  response.status === 200 &&
  /^application\/(?:[\w.-]+\+)?jwt\s*(?:;|$)/i.test(response.headers.get('content-type') ?? '')

/** §5.3.2: signed, and maybe encrypted before; `iss` and `aud` name issuer and client where they are there. */
async function open(
  token: string,
  { server, client }: Exchange,
  { readSigned, now }: UserinfoParts,
): Promise<Response> {
  const { claims } = await readSigned(token.trim()).catch((error: unknown) => {
    throw Refusal.is(error) ? refused(error.reason, error.trail.check, error) : error
  })
  const [issuer, audience, expiry] = ['iss', 'aud', 'exp'].map((name) => ownValue(claims, name))
  if (issuer !== undefined && issuer !== server.issuer) throw refused('its iss is another', 'iss')
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (audience !== undefined && !named.includes(client.client_id)) {
    throw refused('its aud is another', 'aud')
  }
  if (expiry !== undefined && !(Number(expiry) > now() / 1000)) {
    throw refused('it has expired', 'exp')
  }
  return Response.json(claims)
}

const isOfAnother = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED'

const refused = (why: string, check = 'userinfo', cause?: unknown): Refusal =>
  refuse('id_token_refused', `The userinfo of the issuer does not hold: ${cut(why)}.`, {
    trail: { check },
    cause,
  })

const tokenRefused = (status: number): Refusal =>
  refuse(
    'grant_refused',
    `The userinfo endpoint answered ${status}: the access token is no longer good, lacks the scope openid, or was asked for with a resource or audience and is for that API alone.`,
    {
      trail: { check: 'userinfo', presented: String(status) },
    },
  )
