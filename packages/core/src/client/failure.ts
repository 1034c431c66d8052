import { ConfigurationError } from '../errors/configuration.ts'
import { Outage } from '../errors/outage.ts'
import { refuse, Refusal } from '../errors/refusal.ts'
import type { RefusalCode } from '../errors/table.ts'
import { cut, shown } from '../http/challenge.ts'
import { isRecord, ownValue } from '../lib/own.ts'
import { idTokenRefused } from './id-token-refused.ts'

/** Who asked what of whom, and how far it got. */
export interface Asked {
  /** As the metadata call it. */
  readonly endpoint:
    | 'token_endpoint'
    | 'userinfo_endpoint'
    | 'revocation_endpoint'
    | 'pushed_authorization_request_endpoint'
    | 'device_authorization_endpoint'
    | 'backchannel_authentication_endpoint'
    | 'introspection_endpoint'
  readonly issuer: string
  readonly url: string | undefined
  readonly phase: string
  readonly status: number | undefined
  /** The client's id. */
  readonly client: string
  /** How the client authenticates. */
  readonly method: string
  /** Takes out of words what was sent. */
  readonly clean: (words: string) => string
}

/**
 * What a failed exchange is to the application. Errors of oauth4webapi never go further: they hold the
 * answer, tokens included.
 */
export function failure(error: unknown, asked: Asked): unknown {
  if (Refusal.is(error)) return refusedInside(error)
  if (Outage.is(error) || error instanceof ConfigurationError || !isProtocolError(error)) {
    return error
  }
  const { code } = error
  if (code === 'OAUTH_RESPONSE_BODY_ERROR') return refusedBy(asked, error)
  if (code === 'OAUTH_MISSING_SERVER_METADATA') return noEndpoint(asked)
  if (code === 'OAUTH_INVALID_SERVER_METADATA' || code === 'OAUTH_HTTP_REQUEST_FORBIDDEN') {
    const why = `its ${asked.endpoint} cannot be used: ${error.message}`
    return new Outage('issuer_invalid', why, { url: asked.issuer, phase: 'content' })
  }
  return aboutIdToken(error) ?? nonsense(asked, error.message)
}

/** What an `error` in an authorization answer is to the application (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6). */
export function answerFailure(
  error: string,
  description: string | undefined,
  url: string | undefined,
): Refusal | Outage {
  const said = saying(error, description)
  if (isAnswerOutage(error)) {
    return new Outage('endpoint_failed', `it answered ${said}`, {
      ...(url !== undefined && { url }),
      phase: 'content',
    })
  }
  return refuse(answerCode(error), `The issuer answered the authorization request with ${said}.`, {
    trail: { check: 'authorization', presented: cut(error) },
  })
}

/** What an `error` of an authorization answer is called, where it is no outage. */
export const answerCode = (error: string): RefusalCode =>
  answerCodes.get(error) ?? 'login_request_refused'

const answerCodes: ReadonlyMap<string, RefusalCode> = new Map([
  ['access_denied', 'login_denied'],
  ['login_required', 'login_interaction_needed'],
  ['interaction_required', 'login_interaction_needed'],
  ['consent_required', 'login_interaction_needed'],
  ['account_selection_required', 'login_interaction_needed'],
  ['unmet_authentication_requirements', 'login_unmet'],
])

/** Whether an `error` says that the issuer itself has failed. */
export const isAnswerOutage = (error: string): boolean =>
  error === 'server_error' || error === 'temporarily_unavailable'

interface ProtocolError extends Error {
  readonly code: string
  readonly error?: unknown
  readonly error_description?: unknown
}

const isProtocolError = (error: unknown): error is ProtocolError =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code.startsWith('OAUTH_')

// A JWT was opened on the way: an encrypted ID token.
const refusedInside = (refusal: Refusal): Refusal =>
  refusal.code.startsWith('token_') ? idTokenRefused(refusal) : refusal

// What codes are made of, and secrets are not.
const isWord = /^[a-z_]{1,60}$/

/** The errors of RFC 6749 §5.2, which the other endpoints have taken over. */
function refusedBy(asked: Asked, failed: ProtocolError): Error {
  const error = String(failed.error)
  const presented = isWord.test(error) ? error : asked.clean(error)
  const description =
    typeof failed.error_description === 'string' ? asked.clean(failed.error_description) : undefined
  const said = saying(presented, description)
  if (isAnswerOutage(error)) return nonsense(asked, said)
  const advice = adviceOf(error, asked)
  if (advice !== undefined) {
    return new ConfigurationError(
      `The ${asked.endpoint} of ${asked.issuer} answered ${said}: ${advice}`,
    )
  }
  if (asked.endpoint === 'pushed_authorization_request_endpoint') {
    return answerFailure(presented, description, asked.url)
  }
  return refuse('grant_refused', `The issuer answered ${said}.`, {
    trail: { check: 'grant', issuer: asked.issuer, presented: cut(presented) },
  })
}

/** What a programmer can do about an error, where it is one that only a programmer can do something about. */
function adviceOf(error: string, { endpoint, client, method, status }: Asked): string | undefined {
  const who = `client '${client}', authenticating by ${method}`
  if (error === 'invalid_client') {
    return `it does not know the ${who}. Compare id, secret and authentication with the registration.${
      secretAdvice[method] ?? ''
    }`
  }
  // RFC 6749 §5.2 gives 401 to the error above alone. Keycloak gives it to a wrong secret by this name, and
  // older versions to a grant type that is not allowed as well.
  if (error === 'unauthorized_client' && status === 401) {
    return `it does not know the ${who}, or does not allow it the grant type. Compare id, secret, authentication and grant types with the registration.${
      secretAdvice[method] ?? ''
    }`
  }
  if (error === 'unauthorized_client' || error === 'unsupported_grant_type') {
    return `the ${who}, may not do what it asks for. Allow the grant type in the registration.`
  }
  // Of an authorization request these are the user agent's business too: see answerFailure.
  if (endpoint === 'pushed_authorization_request_endpoint') return undefined
  if (error === 'invalid_scope') return 'a scope that was asked for is not allowed to the client.'
  return error === 'invalid_target'
    ? 'the resource or audience that was asked for is unknown, or not allowed to the client.'
    : undefined
}

const secretAdvice: Readonly<Record<string, string | undefined>> = {
  none: ' No secret was given: is it undefined?',
  // RFC 6749 §2.3.1: it is encoded like a form field first.
  client_secret_basic:
    ' Where the secret holds more than letters and digits, try clientSecretPost(): some issuers do not decode it.',
}

const noEndpoint = ({ endpoint, issuer }: Asked): ConfigurationError =>
  new ConfigurationError(`The metadata of ${issuer} name no ${endpoint}`)

const nonsense = ({ url, phase, status }: Asked, why: string): Outage =>
  new Outage('endpoint_failed', `it answered ${status ?? 'nothing'}: ${why}`, {
    ...(url !== undefined && { url }),
    phase,
  })

const saying = (error: string, description: string | undefined): string =>
  description === undefined ? cut(error) : `${cut(error)} (${shown(description)})`

/** The refusal where oauth4webapi stumbled over the ID token: it names the claim, or says so in words. */
function aboutIdToken({ cause, message }: ProtocolError): Refusal | undefined {
  const named = isRecord(cause) ? ownValue(cause, 'claim') : undefined
  const claim = typeof named === 'string' ? named : /(?:JWT|ID Token) "(\w+)"/.exec(message)?.[1]
  if (claim === undefined && !/JW[TE]|"id_token"/.test(message)) return undefined
  const reason = message.includes('"id_token"')
    ? 'The answer holds no ID token: the login must ask for the scope openid.'
    : `The ID token does not hold: ${message}.`
  return refuse(claim === 'auth_time' ? 'login_unmet' : 'id_token_refused', reason, {
    trail: { check: claim ?? 'id_token' },
  })
}
