import { refuse, Refusal } from '../../errors/refusal.ts'
import type { SignedReader } from '../../client/signed.ts'
import type { Exchange } from '../../client/exchange.ts'
import { cut } from '../../http/challenge.ts'
import type { Claims } from '../../lib/claims.ts'
import { words } from '../../lib/lists.ts'
import { isRecord, ownValue } from '../../lib/own.ts'
import { text } from '../../lib/text.ts'

/** What the issuer says about a token (RFC 7662 §2.2). */
export type Introspection = InactiveToken | ActiveToken

/** Expired, revoked, unknown, or none of our business: the issuer does not say which. */
export interface InactiveToken {
  readonly active: false
}

/** A token that is good now. */
export interface ActiveToken {
  readonly active: true
  readonly scopes: readonly string[]
  readonly subject: string | undefined
  /** The id of the client that it was issued to. */
  readonly client: string | undefined
  readonly username: string | undefined
  readonly tokenType: string | undefined
  /** Epoch seconds. */
  readonly expiresAt: number | undefined
  /** All that the issuer said. */
  readonly claims: Claims
}

/** Asks the issuer about a token. `readSigned` opens answers that are signed (RFC 9701). */
export const introspect =
  (token: string, hint: string | undefined, readSigned: SignedReader) =>
  async (exchange: Exchange): Promise<Introspection> => {
    const { oauth, server, client, authenticate, options } = exchange
    const response = await oauth.introspectionRequest(server, client, authenticate, token, {
      ...options,
      ...(hint !== undefined && { additionalParameters: { token_type_hint: hint } }),
    })
    const plain = isJwt(response)
      ? await open(await response.text(), exchange, readSigned)
      : response
    return read(await oauth.processIntrospectionResponse(server, client, plain))
  }

function read(claims: Claims): Introspection {
  if (ownValue(claims, 'active') !== true) return { active: false }
  const [scope, expiry] = [ownValue(claims, 'scope'), ownValue(claims, 'exp')]
  return {
    active: true,
    scopes: words(typeof scope === 'string' ? scope : ''),
    subject: text(ownValue(claims, 'sub')),
    client: text(ownValue(claims, 'client_id')),
    username: text(ownValue(claims, 'username')),
    tokenType: text(ownValue(claims, 'token_type')),
    expiresAt: typeof expiry === 'number' ? expiry : undefined,
    claims,
  }
}

const isJwt = (response: Response): boolean =>
  response.status === 200 &&
  /^application\/(?:[\w.-]+\+)?jwt\s*(?:;|$)/i.test(response.headers.get('content-type') ?? '')

// RFC 9701 §5.
async function open(
  token: string,
  { server, client }: Exchange,
  readSigned: SignedReader,
): Promise<Response> {
  const { type, claims } = await readSigned(token.trim()).catch((error: unknown) => {
    throw Refusal.is(error) ? refused(error.reason, error.trail.check, error) : error
  })
  if (type !== 'token-introspection+jwt') throw refused('it is of another type', 'type')
  if (ownValue(claims, 'iss') !== server.issuer) throw refused('its iss is another', 'iss')
  const audience = ownValue(claims, 'aud')
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (!named.includes(client.client_id)) throw refused('its aud is another', 'aud')
  const said = ownValue(claims, 'token_introspection')
  if (!isRecord(said)) throw refused('it says nothing', 'token_introspection')
  return Response.json(said)
}

const refused = (why: string, check = 'introspection', cause?: unknown): Refusal =>
  refuse('grant_refused', `The introspection answer does not hold: ${cut(why)}.`, {
    trail: { check },
    cause,
  })
