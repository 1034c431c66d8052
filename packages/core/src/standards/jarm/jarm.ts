import type { Claims } from '../../lib/claims.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { refuse, Refusal } from '../../errors/refusal.ts'
import { checkOptions, fn, oneOf, seconds } from '../../lib/assert.ts'
import { ownValue } from '../../lib/own.ts'
import type { AnswerParts, ResponseMode } from '../../login/response-mode.ts'

/** How signed answers come back. */
export interface JarmOptions {
  readonly mode: 'query.jwt' | 'form_post.jwt'
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
  /** Seconds by which the issuer's clock may differ from ours. Default 5. */
  readonly clockTolerance?: number
}

/** Takes authorization answers that the issuer has signed, and no others (JARM). */
export function jarm(options: JarmOptions): ResponseMode {
  checkOptions('jarm', options, {
    mode: oneOf('query.jwt', 'form_post.jwt'),
    now: fn,
    clockTolerance: seconds,
  })
  const { mode, now = () => Date.now(), clockTolerance = 5 } = options
  if (mode === undefined) throw new ConfigurationError('jarm.mode is missing')
  const posts = mode === 'form_post.jwt'
  return {
    name: mode,
    posts,
    read: async (request, parts) => {
      const sent = posts ? await request.form() : new URL(request.url).searchParams
      const [response, ...others] = sent.getAll('response')
      if (response === undefined || others.length > 0) {
        throw refused('it must hold one signed response', 'response')
      }
      const claims = await open(response, parts)
      checkClaims(claims, parts, now() / 1000 - clockTolerance)
      return parametersOf(claims)
    },
  }
}

async function open(response: string, { readSigned }: AnswerParts): Promise<Claims> {
  try {
    const { claims } = await readSigned(response)
    return claims
  } catch (error) {
    throw Refusal.is(error) ? refused(error.reason, error.trail.check, error) : error
  }
}

// JARM §2.4, steps 3 to 5.
function checkClaims(claims: Claims, { client }: AnswerParts, now: number): void {
  const [issuer, audience, expiry] = ['iss', 'aud', 'exp'].map((name) => ownValue(claims, name))
  if (issuer !== client.issuer.url) throw refused('its iss is another', 'iss')
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (!named.includes(client.id)) throw refused('its aud is another', 'aud')
  if (typeof expiry !== 'number' || !(expiry > now)) throw refused('it has expired', 'exp')
}

// `iss` goes along, for the check of RFC 9207.
const parametersOf = (claims: Claims): URLSearchParams =>
  new URLSearchParams(
    Object.entries(claims).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== 'aud',
    ),
  )

const refused = (why: string, check = 'response', cause?: unknown): Refusal =>
  refuse('login_answer_invalid', `The answer of the issuer does not hold: ${why}.`, {
    trail: { check },
    cause,
  })
