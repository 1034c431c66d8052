import { Refusal, type SignedJwt, type SignedReader } from '@portcullis/core'
import { recordOf, textOf, type Json } from '../authn/json.ts'
import { refused } from './refused.ts'

/** What the token of a call is held against. */
export interface CallPolicy {
  /** By the URL of the org that signs. */
  readonly readers: ReadonlyMap<string, SignedReader>
  readonly endpoints: ReadonlySet<string>
  readonly client: string
  /** Epoch seconds. */
  readonly now: number
  readonly tolerance: number
  readonly maxAge: number
}

/** A call whose token holds. */
export interface Call {
  readonly org: string
  readonly id: string
  /** Seconds from now after which the token is refused for its age alone. */
  readonly remaining: number
}

/** Checks the token that a call carries. Throws `logout_token_refused`, or an `Outage` where the keys cannot be had. */
export async function readCall(
  authorization: string | undefined,
  policy: CallPolicy,
): Promise<Call> {
  const [, token] = /^bearer +([\w.~+/=-]+)$/i.exec(authorization ?? '') ?? []
  if (token === undefined) throw refused('credential', 'it carries no bearer token')
  const org = namedIssuer(token)
  const read = org === undefined ? undefined : policy.readers.get(org)
  if (org === undefined || read === undefined) throw refused('issuer', 'it is from another issuer')
  const signed = await read(token).catch((error: unknown) => {
    throw Refusal.is(error) ? refused('signature', 'it is no JWT of the org', error) : error
  })
  return { org, ...check(signed, policy) }
}

// Only to know whose keys to ask; what these keys verify is the very token that named them.
function namedIssuer(token: string): string | undefined {
  try {
    const payload = Buffer.from(token.split('.', 2)[1] ?? '', 'base64url').toString()
    return textOf(recordOf(JSON.parse(payload))?.['iss'])
  } catch {
    return undefined
  }
}

function check({ type, claims }: SignedJwt, policy: CallPolicy): Omit<Call, 'org'> {
  if (type !== 'global-token-revocation+jwt') throw refused('type', 'its type is another')
  // A copy of the own members: what a polluted prototype holds is never seen.
  const own: Json = Object.assign(Object.create(null), claims)
  const audiences: readonly unknown[] = [own['aud']].flat()
  if (!audiences.some((one) => typeof one === 'string' && policy.endpoints.has(one))) {
    throw refused('audience', 'it is for another endpoint')
  }
  if (own['sub'] !== policy.client) throw refused('client', 'it is for another client')
  const remaining = checkTimes(own, policy)
  const id = textOf(own['jti'])
  if (id === undefined) throw refused('jti', 'it has no jti')
  return { id, remaining }
}

function checkTimes(claims: Json, { now, tolerance, maxAge }: CallPolicy): number {
  const { iat, exp, nbf = iat } = claims
  if (!isTime(iat) || !isTime(exp) || !isTime(nbf)) {
    throw refused('times', 'it lacks iat or exp, or one of its times is no number')
  }
  const early = Math.max(iat, nbf) - now
  if (early > tolerance) throw refused('times', `it is valid in ${Math.ceil(early)} s`)
  const remaining = Math.min(exp, iat + maxAge) + tolerance - now
  if (remaining <= 0) throw refused('times', 'it has expired, or was issued too long ago')
  return remaining
}

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value)
