import { createHash, timingSafeEqual } from 'node:crypto'
import {
  answerCode,
  ConfigurationError,
  isAnswerOutage,
  optionChecks,
  Outage,
  Refusal,
  type IdTokenCheck,
  type IssuedAccessToken,
  type IssuedIdToken,
} from '@portcullis/core'
import type { DirectClaims } from './direct/answer.ts'
import { printed } from './direct/words.ts'

/** What the browser was sent to `/authorize` with. Without an ID token nothing proves whom an answer is for. */
export type FragmentResponseType =
  | 'id_token'
  | 'id_token token'
  | 'code id_token'
  | 'code id_token token'

/** What an answer must fit. */
export interface ExpectedFragment {
  /** Of the request, kept with the browser's session. */
  readonly state: string
  /** Of the request, kept with the browser's session; each is good for one answer. */
  readonly nonce: string
  /** What `createIdTokenCheck` made. */
  readonly checkIdToken: IdTokenCheck
  /** Of the request. Default `id_token token`. */
  readonly responseType?: FragmentResponseType
  /** Seconds; the `max_age` of the request. */
  readonly maxAge?: number
  /** The authentication context must be one of these. */
  readonly acr?: readonly string[]
}

/** What an answer brought. */
export interface FragmentAnswer {
  readonly idToken: IssuedIdToken
  /** Of the ID token, checked, signature included. */
  readonly claims: DirectClaims
  readonly accessToken: IssuedAccessToken | undefined
  /** Seconds. */
  readonly expiresIn: number | undefined
  readonly scope: string | undefined
  /** Of a hybrid answer; the ID token was checked to be for it. */
  readonly code: string | undefined
}

const checks = {
  state: optionChecks.text,
  nonce: optionChecks.text,
  checkIdToken: optionChecks.fn,
  responseType: optionChecks.oneOf(
    'id_token',
    'id_token token',
    'code id_token',
    'code id_token token',
  ),
  maxAge: optionChecks.seconds,
  acr: optionChecks.listOf(optionChecks.text),
} as const

/**
 * Reads the answer of the implicit or the hybrid flow: a fragment (`location.hash`), or the message of
 * `okta_post_message`, that a page of yours handed to the server. Legacy: a new application uses
 * `createLogin`, where no token passes the browser. Rejects with a `Refusal` (`login_*`,
 * `id_token_refused`) or an `Outage`.
 */
export async function readFragment(
  source: string | Readonly<Record<string, unknown>>,
  expected: ExpectedFragment,
): Promise<FragmentAnswer> {
  const { state, nonce, checkIdToken, responseType, maxAge, acr } = complete(expected)
  const fields = fieldsOf(source)
  if (!isSame(fields.get('state') ?? '', state)) {
    throw new Refusal('login_unknown', 'The answer has another state than the request.', {
      trail: { check: 'state' },
    })
  }
  const error = fields.get('error')
  if (error !== undefined) throw failureOf(error)
  const wanted = new Set(responseType.split(' '))
  const accessToken = accessTokenOf(fields, wanted.has('token'))
  const code = brought(fields, 'code', wanted.has('code'))
  const idToken = brought(fields, 'id_token', true) ?? ''
  const claims = await checkIdToken(idToken, { nonce, accessToken, code, maxAge, acr })
  const expiresIn = Number(fields.get('expires_in') ?? 'none')
  return {
    idToken,
    // Checked and signed by Okta, whose ID tokens hold what the type says.
    claims: claims as DirectClaims,
    accessToken,
    expiresIn: Number.isFinite(expiresIn) ? expiresIn : undefined,
    scope: fields.get('scope'),
    code,
  }
}

function complete(
  expected: ExpectedFragment,
): ExpectedFragment & Pick<Required<ExpectedFragment>, 'responseType'> {
  optionChecks.checkOptions('readFragment', expected, checks)
  const { state, nonce, checkIdToken, responseType = 'id_token token' } = expected
  if (state === undefined || nonce === undefined || checkIdToken === undefined) {
    throw new ConfigurationError('readFragment needs state, nonce and checkIdToken')
  }
  return { ...expected, responseType }
}

function accessTokenOf(
  fields: ReadonlyMap<string, string>,
  isWanted: boolean,
): IssuedAccessToken | undefined {
  const token = brought(fields, 'access_token', isWanted)
  if (token === undefined || fields.get('token_type')?.toLowerCase() === 'bearer') return token
  throw invalid('its token_type is not Bearer', 'token_type')
}

const longest = 65_536

/** Each field once; what a browser hands in may be anything. */
function fieldsOf(source: unknown): ReadonlyMap<string, string> {
  if (typeof source === 'string') {
    if (source.length > longest) throw invalid('it is too long', 'answer')
    const fields = [...new URLSearchParams(source.replace(/^#/, ''))]
    const names = new Set(fields.map(([name]) => name))
    if (names.size !== fields.length) throw invalid('it holds a field more than once', 'answer')
    return new Map(fields.filter(([, value]) => value !== ''))
  }
  if (typeof source !== 'object' || source === null) throw invalid('it holds nothing', 'answer')
  return new Map(
    Object.entries(source).flatMap(([name, value]): (readonly [string, string])[] =>
      (typeof value === 'string' && value !== '') || typeof value === 'number'
        ? [[name, String(value)]]
        : [],
    ),
  )
}

// Neither more nor less than was asked for: anybody can add a field to a fragment.
function brought(
  fields: ReadonlyMap<string, string>,
  name: string,
  isWanted: boolean,
): string | undefined {
  const value = fields.get(name)
  if ((value !== undefined) === isWanted) return value
  throw invalid(isWanted ? `it lacks ${name}` : `it holds ${name}, not asked for`, name)
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

function failureOf(error: string): Refusal | Outage {
  // RFC 6749 §4.2.2.1 names them in printable ASCII; anybody may have written another one.
  const presented = printed(error, 80)
  if (isAnswerOutage(error)) {
    return new Outage('endpoint_failed', `it answered ${presented}`, { phase: 'answer' })
  }
  return new Refusal(answerCode(error), `The answer of Okta is the error ${presented}.`, {
    trail: { check: 'answer', presented },
  })
}

const invalid = (why: string, check: string): Refusal =>
  new Refusal('login_answer_invalid', `The answer does not hold: ${why}.`, { trail: { check } })
