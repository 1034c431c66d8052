import { exchangeOf } from '../../client/client.ts'
import { createAsk, type Exchange, type ExchangeParts } from '../../client/exchange.ts'
import type { SignedReader } from '../../client/signed.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { Outage } from '../../errors/outage.ts'
import { refuse, Refusal } from '../../errors/refusal.ts'
import type { Issuer } from '../../issuer/create.ts'
import type { Claims } from '../../lib/claims.ts'
import { ownValue } from '../../lib/own.ts'
import { introspect } from './client.ts'

/** What the issuer says about a token; nothing where the token is not active. Rejects with an `Outage`, never with a `Refusal`. */
export type Question = (token: string) => Promise<Claims | undefined>

/** What a question rests on. */
export interface QuestionParts extends Omit<Parameters<typeof exchangeOf>[0], 'decrypt'> {
  /** Asked instead of what the metadata name. */
  readonly endpoint: string | undefined
  /** Opens signed answers. */
  readonly readSigned: SignedReader
  /** Whether plain answers are refused. */
  readonly signedOnly: boolean
}

/** Makes the question (RFC 7662 §2.1), with the client authentication and the bounds of every other exchange. */
export function createQuestion(parts: QuestionParts): Question {
  const { endpoint, readSigned, signedOnly } = parts
  const exchange = exchangeOf(parts)
  const issuer = endpoint === undefined ? parts.issuer : askedAt(endpoint, parts.issuer)
  const ask = createAsk({ ...exchange, issuer })

  const once = async (token: string, given: Exchange): Promise<Claims | undefined> => {
    let signed = false
    const read: SignedReader = async (jwt) => {
      signed = true
      const opened = await readSigned(jwt)
      checkTimes(opened.claims, exchange)
      return opened
    }
    const said = await introspect(token, 'access_token', read)(signedOnly ? wanting(given) : given)
    if (signedOnly && !signed) throw notSigned()
    return said.active ? said.claims : undefined
  }

  return (token) =>
    ask('introspection_endpoint', (given) => once(token, given)).catch((error: unknown) => {
      throw asOutage(error, endpoint ?? issuer.url)
    })
}

// Nothing has to be discovered where the address is known.
const askedAt = (endpoint: string, issuer: Issuer): Issuer => ({
  ...issuer,
  metadata: () => Promise.resolve({ issuer: issuer.url, introspection_endpoint: endpoint }),
})

// RFC 9701 §4: the Accept field asks for it.
function wanting(given: Exchange): Exchange {
  const options = { ...given.options, requestJwtResponse: true }
  return { ...given, options }
}

// Seconds. Nothing in a signed answer says which question it answers: an old one may be about another.
const oldest = 60

// RFC 9701 §5: `iat` is when the answer was made. RFC 7519 §4.1.4, §4.1.5 hold for it as for any JWT.
function checkTimes(claims: Claims, { now, tolerance }: ExchangeParts): void {
  const time = now() / 1000
  const [issuedAt, end, begin] = ['iat', 'exp', 'nbf'].map((name) => ownValue(claims, name))
  const age = typeof issuedAt === 'number' ? time - issuedAt : Number.NaN
  if (!(age >= -tolerance && age <= oldest + tolerance))
    throw untimely('iat', Number.isNaN(age) ? 'is missing' : `is ${Math.round(age)} s ago`)
  if (end !== undefined && !(typeof end === 'number' && time < end + tolerance))
    throw untimely('exp', 'has passed')
  if (begin !== undefined && !(typeof begin === 'number' && time >= begin - tolerance))
    throw untimely('nbf', 'is still to come')
}

const untimely = (check: string, why: string): Refusal =>
  refuse('token_claim_invalid', `its ${check} ${why}`, { trail: { check } })

const notSigned = (): Refusal =>
  refuse('grant_refused', 'The introspection answer is not signed, which the options demand.', {
    trail: { check: 'signed' },
  })

/**
 * Whatever is wrong between the issuer and us is no fault of whoever presents a token, a wrong client
 * secret included: a client must never be told to throw its token away because of that.
 */
function asOutage(error: unknown, url: string): unknown {
  if (Outage.is(error)) return error
  const why = Refusal.is(error) ? error.reason : undefined
  const text = why ?? (error instanceof ConfigurationError ? error.message : undefined)
  if (text === undefined) return error
  return new Outage('endpoint_failed', text, { url, phase: 'content', cause: error })
}
