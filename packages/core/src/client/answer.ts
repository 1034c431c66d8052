import type { AuthorizationServer, Client } from 'oauth4webapi'
import { refuse, type Refusal } from '../errors/refusal.ts'
import { cut } from '../http/challenge.ts'
import { text } from '../lib/text.ts'
import type { Protocol } from './exchange.ts'
import { answerFailure } from './failure.ts'

/** Whose answer is looked at, and what it must fit. */
export interface AnswerParts {
  readonly oauth: Protocol
  readonly server: AuthorizationServer
  readonly client: Client
  /** The `state` of the request. */
  readonly state: string
  /** The `response_type` of the request. */
  readonly responseType: string
}

// What a hybrid or implicit answer brings beside the code: the ID token is checked by itself.
const frontChannel = ['id_token', 'access_token', 'token_type', 'expires_in', 'scope']

/** Checks an authorization answer (RFC 6749 §4.1.2, RFC 9207 §2.4), and gives back what the token endpoint may see of it. */
export function checkAnswer(
  parameters: URLSearchParams,
  { oauth, server, client, state, responseType }: AnswerParts,
): URLSearchParams {
  const answer = new URLSearchParams(parameters)
  const repeated = [...frontChannel, 'code'].find((name) => answer.getAll(name).length > 1)
  if (repeated !== undefined) throw invalid(`it holds ${repeated} more than once`, repeated)
  if (answer.has('response')) throw invalid('it is signed, which was not asked for', 'response')
  // Anybody can add a parameter: it frees of nothing, unless the request asked for it.
  const bringsIdToken =
    responseType.split(' ').includes('id_token') && text(answer.get('id_token')) !== undefined
  const bringsToken =
    responseType.split(' ').includes('token') && text(answer.get('access_token')) !== undefined
  // RFC 6749 §4.1.2: what nobody knows is ignored; oauth4webapi stumbles over a `token`.
  for (const name of [...frontChannel, 'token']) answer.delete(name)
  // RFC 9207 §2.4: the `iss` of an ID token beside it does as well, and issuers then leave it out.
  const wanted = bringsIdToken
    ? { ...server, authorization_response_iss_parameter_supported: false }
    : server
  const checked = asInvalid(() => oauth.validateAuthResponse(wanted, client, answer, state), server)
  if (checked.has('code') || bringsIdToken || bringsToken) return checked
  throw invalid('it holds neither a code nor a token nor an error', 'code')
}

function asInvalid<T>(check: () => T, { authorization_endpoint: url }: AuthorizationServer): T {
  try {
    return check()
  } catch (error) {
    if (isErrorAnswer(error)) throw answerFailure(error.error, error.error_description, url)
    // Made anew: the error of oauth4webapi holds the answer, and with it the code.
    const message = error instanceof Error ? error.message : 'it cannot be read'
    throw invalid(message, /"(iss|state)"/.exec(message)?.[1] ?? 'answer')
  }
}

interface ErrorAnswer {
  readonly error: string
  readonly error_description?: string
}

const isErrorAnswer = (error: unknown): error is ErrorAnswer =>
  error instanceof Error &&
  'error' in error &&
  typeof error.error === 'string' &&
  'code' in error &&
  error.code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR'

const invalid = (why: string, check: string): Refusal =>
  refuse('login_answer_invalid', `The answer of the issuer does not hold: ${cut(why)}.`, {
    trail: { check },
  })
